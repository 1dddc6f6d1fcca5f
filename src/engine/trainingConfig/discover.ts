// What lies beside a tuned checkpoint and in the three folders above it: configs, launcher files, model cards and logs,
// nearest first. Bounded, so that a home directory above the checkpoint costs a listing and no more.
import type { FileSystem } from '../files/fileSystem.ts';
import { ownEvents } from './logs/ownEvents.ts';
import { formatOf, type ConfigFormat } from './openDocument.ts';

/** Folders above the checkpoint that are looked into. */
const levelsAbove = 3;
const maxConfigsPerFolder = 40;
const maxLogsPerFolder = 8;

export interface FoundConfig {
  file: string;
  /** 0 = beside the checkpoint. */
  level: number;
  format: ConfigFormat | 'training-args' | 'model-card' | 'python';
}

export interface FoundLog {
  file: string;
  level: number;
  kind: 'trainer-state' | 'json-lines' | 'tensorboard' | 'wandb-summary' | 'console';
  /** By the user: it is read whatever it looks like. */
  named?: boolean;
}

export interface Found {
  configs: FoundConfig[];
  logs: FoundLog[];
  /** Files that only DeepSpeed or FSDP leave behind. */
  launcherTrace: { kind: 'deepspeed' | 'fsdp'; file: string } | null;
}

/** Files of a model folder that hold no training config. */
const notConfigs =
  /^(config|generation_config|tokenizer.*|special_tokens_map|added_tokens|vocab|preprocessor_config|processor_config|chat_template|.*\.index|trainer_state|all_results|.*_results|package(-lock)?|tsconfig.*|original_repo_id)\.json$/i;
const subfolders = ['.hydra', 'configs', 'runs', 'logs', 'tensorboard', 'tensorboard_log', 'wandb'];

export async function discover(fileSystem: FileSystem, tuned: string): Promise<Found> {
  const found: Found = { configs: [], logs: [], launcherTrace: null };
  const status = await fileSystem.stat(tuned);
  let folder = status?.kind === 'file' ? fileSystem.dirname(tuned) : tuned;
  for (let level = 0; level <= levelsAbove; level++) {
    await lookInto(fileSystem, folder, level, found);
    const above = fileSystem.dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  found.configs.sort((left, right) => left.level - right.level || rank(left) - rank(right));
  return found;
}

/** Files that a user names, as they are, and folders by what lies directly in them. Named logs replace the ones found. */
export async function discoverNamed(
  fileSystem: FileSystem,
  paths: readonly string[],
  logsFound: readonly FoundLog[],
): Promise<Pick<Found, 'configs' | 'logs'>> {
  const named: Found = { configs: [], logs: [], launcherTrace: null };
  for (const path of paths) {
    const name = fileSystem.basename(path);
    const log = /\.txt$/i.test(name) ? 'console' : logKind(name);
    if ((await fileSystem.stat(path))?.kind === 'directory') await lookInto(fileSystem, path, 0, named);
    else if (log !== null) named.logs.push({ file: path, level: 0, kind: log, named: true });
    else {
      const other = /\.(py|ipynb)$/i.test(name) ? 'python' : (formatOf(name) ?? 'yaml');
      const format = name.endsWith('.bin') ? 'training-args' : other;
      named.configs.push({ file: path, level: 0, format });
    }
  }
  return { configs: named.configs, logs: named.logs.length === 0 ? [...logsFound] : named.logs };
}

async function lookInto(fileSystem: FileSystem, folder: string, level: number, found: Found): Promise<void> {
  const names = await namesIn(fileSystem, folder);
  const path = (...parts: string[]): string => fileSystem.resolve(folder, ...parts);
  let configs = 0;
  for (const name of names) {
    if (configs >= maxConfigsPerFolder) break;
    const format = configFormat(name);
    if (format === null) continue;
    found.configs.push({ file: path(name), level, format });
    configs += 1;
  }
  addLogs(names, (name) => path(name), level, found);
  if (found.launcherTrace === null && level <= 1) {
    const deepspeed = names.find((name) => name === 'zero_to_fp32.py' || /^global_step\d+$/.test(name));
    const fsdp = names.find((name) => name.startsWith('pytorch_model_fsdp'));
    if (deepspeed !== undefined) found.launcherTrace = { kind: 'deepspeed', file: path(deepspeed) };
    else if (fsdp !== undefined) found.launcherTrace = { kind: 'fsdp', file: path(fsdp) };
  }
  for (const name of subfolders) {
    if (names.includes(name)) await lookIntoSubfolder(fileSystem, path(name), name, level, found);
  }
}

async function lookIntoSubfolder(
  fileSystem: FileSystem,
  folder: string,
  name: string,
  level: number,
  found: Found,
): Promise<void> {
  const names = await namesIn(fileSystem, folder);
  if (name === '.hydra' || name === 'configs') {
    const wanted = name === '.hydra' ? ['overrides.yaml', 'config.yaml'] : ['trainer.json', 'rl.json'];
    for (const file of wanted.filter((candidate) => names.includes(candidate))) {
      const format = formatOf(file);
      if (format !== null) found.configs.push({ file: fileSystem.resolve(folder, file), level, format });
    }
    return;
  }
  if (name === 'wandb') {
    const runs = names.filter((run) => /^(offline-)?run-/.test(run));
    // `latest-run` is a link to the newest; run names begin with their date.
    const run = names.includes('latest-run') ? 'latest-run' : runs[runs.length - 1];
    if (run === undefined) return;
    const files = fileSystem.resolve(folder, run, 'files');
    const inside = await namesIn(fileSystem, files);
    if (inside.includes('config.yaml')) {
      found.configs.push({ file: fileSystem.resolve(files, 'config.yaml'), level, format: 'yaml' });
    }
    if (inside.includes('wandb-summary.json')) {
      found.logs.push({
        file: fileSystem.resolve(files, 'wandb-summary.json'),
        level,
        kind: 'wandb-summary',
      });
    }
    if (inside.includes('output.log')) {
      found.logs.push({ file: fileSystem.resolve(files, 'output.log'), level, kind: 'console' });
    }
    return;
  }
  addLogs(names, (file) => fileSystem.resolve(folder, file), level, found);
  if (!['runs', 'tensorboard', 'tensorboard_log'].includes(name)) return;
  // runs/<date>_<host>/events…: the newest run only, and none that holds but what this tool wrote.
  const folders = names.filter((entry) => !/\.\w{1,5}$/.test(entry)).slice(-mostRunsLookedAt);
  for (const entry of folders.reverse()) {
    const inner = fileSystem.resolve(folder, entry);
    const before = found.logs.length;
    addLogs(await namesIn(fileSystem, inner), (file) => fileSystem.resolve(inner, file), level, found);
    if (found.logs.length > before) return;
  }
}

/** Folders below `runs/`, from the newest on. */
const mostRunsLookedAt = 4;

function addLogs(
  names: readonly string[],
  path: (name: string) => string,
  level: number,
  found: Found,
): void {
  const logs = names.flatMap((name): FoundLog[] => {
    const kind = logKind(name);
    return kind === null ? [] : [{ file: path(name), level, kind }];
  });
  found.logs.push(...logs.slice(0, maxLogsPerFolder));
}

function logKind(name: string): FoundLog['kind'] | null {
  if (name === 'trainer_state.json') return 'trainer-state';
  if (/\.jsonl$/i.test(name)) return 'json-lines';
  if (name.startsWith('events.out.tfevents')) return name.endsWith(ownEvents) ? null : 'tensorboard';
  // nohup.out, slurm-123.out, train.log, torchtune's log_1700000000.txt
  return /\.(log|out)$/i.test(name) || /^log_\d+\.txt$/.test(name) ? 'console' : null;
}

function configFormat(name: string): FoundConfig['format'] | null {
  if (name === 'training_args.bin') return 'training-args';
  if (name === 'README.md') return 'model-card';
  return notConfigs.test(name) ? null : formatOf(name);
}

/** Within a folder: the run's own record first, then the adapter, then configs, then what a card repeats. */
function rank(config: FoundConfig): number {
  if (config.format === 'training-args') return 0;
  if (config.file.endsWith('adapter_config.json')) return 1;
  return config.format === 'model-card' ? 3 : 2;
}

async function namesIn(fileSystem: FileSystem, folder: string): Promise<string[]> {
  try {
    return (await fileSystem.stat(folder))?.kind === 'directory' ? await fileSystem.list(folder) : [];
  } catch {
    // A folder above that may not be listed holds no evidence for us.
    return [];
  }
}
