// Which of a script's commands launch a training, and which of their words are the trainer's own: what stands before it
// (`srun`, `ray job submit … --`, `exec`) is not, the launcher's flags (`accelerate launch --mixed_precision bf16`) are
// kept apart.
import type { StartedCommand } from './shellCommands.ts';
import { stringOf, type Text } from './shellText.ts';

export interface Launch {
  /** `torchrun train.py`, for people. */
  title: string;
  /** What is launched: a module, a script, or a command of its own. */
  program: string[];
  launcherWords: Text[];
  words: Text[];
  /** Where the launch stands in the file. */
  start: number;
  end: number;
}

const quiet =
  /^(echo|printf|cat|grep|sed|awk|which|type|pkill|kill|pgrep|ps|mkdir|cd|rm|cp|mv|ls|ln|pip3?|conda|apt|apt-get|git|wget|curl|export|source|\.|sleep|wait|trap|set|ulimit|touch|tee|module|huggingface-cli|hf|wandb|nvidia-smi|\[\[?|test|tar|chmod|date|sbatch|vllm)$/;
const python = /^(.*\/)?(python[\d.]*|pypy3?)$/;
const launchers = /^(.*\/)?(torchrun|deepspeed|accelerate|accelerate-launch|colossalai)$/;
const ownCommands = /^(.*\/)?(llamafactory-cli|axolotl|trl|tune|swift|xtuner|megatron|rl|sft)$/;
const launcherModules =
  /^(torch\.distributed\.(run|launch)|accelerate\.commands\.(launch|accelerate_cli)|deepspeed\.launcher\.\w+)$/;
const notTraining = /^(pip|venv|ensurepip|http\.server|json\.tool|timeit|pytest)$/;
const configWord = /^(--[A-Za-z]|(\+\+|\+)?[A-Za-z_][\w-]*([.@/][\w-]+)*=)/;

export function launchesOf(commands: readonly StartedCommand[]): Launch[] {
  const launches = commands.flatMap(({ words }) => launchOf(words) ?? []);
  // A script may start its trainer by a name of its own.
  return launches.length > 0 ? launches : commands.flatMap(({ words }) => unknownLaunch(words) ?? []);
}

function launchOf(words: readonly Text[]): Launch | null {
  const texts = words.map(stringOf);
  if (quiet.test(texts[0] ?? '')) return null;
  const dashes = texts[0] === 'ray' ? texts.indexOf('--') : -1;
  const from = dashes === -1 ? 0 : dashes + 1;
  const at = texts.findIndex(
    (text, index) =>
      index >= from && (python.test(text) || launchers.test(text) || isOwnCommand(texts, index)),
  );
  if (at === -1) {
    const script = texts.findIndex(
      (text, index) => index >= from && text.endsWith('.py') && !text.startsWith('-'),
    );
    return script === -1
      ? null
      : launch(words, { at: from, program: script, last: script }, [texts[script] ?? '']);
  }
  if (python.test(texts[at] ?? '')) return pythonLaunch(words, texts, at);
  if (launchers.test(texts[at] ?? '')) return launcherLaunch(words, texts, at, at + 1);
  const command = texts[at + 1] ?? '';
  const named = /^[a-z][\w-]*$/.test(command);
  return launch(words, { at, program: at, last: named ? at + 1 : at }, [
    texts[at] ?? '',
    ...(named ? [command] : []),
  ]);
}

/** `rl` and `sft` are commands of prime-rl behind `uv run` only. */
function isOwnCommand(texts: readonly string[], index: number): boolean {
  const text = texts[index] ?? '';
  return ownCommands.test(text) && (index === 0 || texts[index - 1] === 'run' || !/^(rl|sft)$/.test(text));
}

function pythonLaunch(words: readonly Text[], texts: readonly string[], at: number): Launch | null {
  for (let index = at + 1; index < texts.length; index++) {
    const text = texts[index] ?? '';
    if (text === '-m') {
      const module = texts[index + 1];
      if (module === undefined || notTraining.test(module)) return null;
      if (launcherModules.test(module)) return launcherLaunch(words, texts, at, index + 2);
      return launch(words, { at, program: index + 1, last: index + 1 }, [module]);
    }
    if (text === '-' || text === '-c') return null;
    if (text === '-X' || text === '-W') index += 1;
    else if (!text.startsWith('-')) {
      // `python $(which torchrun) …` stays as written.
      return launch(words, { at, program: index, last: index }, [text]);
    }
  }
  return null;
}

/** `torchrun --nproc_per_node 8 train.py …`, also with `-m` or `--module`. */
function launcherLaunch(
  words: readonly Text[],
  texts: readonly string[],
  at: number,
  from: number,
): Launch | null {
  if (/(^|\/)accelerate$/.test(texts[at] ?? '') && texts[at + 1] !== 'launch') return null;
  for (let index = from; index < texts.length; index++) {
    const text = texts[index] ?? '';
    const attached = /^--module=(.+)$/.exec(text)?.[1];
    if (attached !== undefined) return launch(words, { at, program: index, last: index }, [attached]);
    if (text === '-m' || text === '--module') {
      const module = texts[index + 1];
      return module === undefined
        ? null
        : launch(words, { at, program: index + 1, last: index + 1, launcherEnd: index - 1 }, [module]);
    }
    if (text.endsWith('.py') && !text.startsWith('-'))
      return launch(words, { at, program: index, last: index }, [text]);
  }
  // A module of its own name after the launcher's flags, or nothing that is known here.
  return launch(words, { at, program: at, last: at }, [texts[at] ?? '']);
}

function unknownLaunch(words: readonly Text[]): Launch | null {
  const texts = words.map(stringOf);
  if (quiet.test(texts[0] ?? '') || texts[0] === 'ray') return null;
  return texts.slice(1).some((text) => configWord.test(text))
    ? launch(words, { at: 0, program: 0, last: 0 }, [texts[0] ?? ''])
    : null;
}

/** Places among the words of a command. */
interface Places {
  at: number;
  program: number;
  /** What follows is the trainer's own. */
  last: number;
  /** The last word that may be the launcher's; the one before the program where it is absent. */
  launcherEnd?: number;
}

function launch(words: readonly Text[], places: Places, names: string[]): Launch {
  const { at, program, last, launcherEnd = program - 1 } = places;
  const own = stringOf(words[at] ?? []);
  const place = [...(words[at] ?? []), ...(words[program] ?? [])];
  const start = words[at]?.[0]?.from ?? 0;
  return {
    title: program === at ? names.join(' ') : `${own.replace(/^.*\//, '')} ${names.join(' ')}`,
    program: names,
    launcherWords: words.slice(at + 1, Math.max(at + 1, launcherEnd + 1)),
    words: words.slice(last + 1),
    start,
    end: place.reduce((end, { to, from }) => (from >= start ? Math.max(end, to) : end), start),
  };
}
