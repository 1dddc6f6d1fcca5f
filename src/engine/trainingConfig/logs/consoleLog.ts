// What a trainer prints: verl's `step:3 - actor/kl_loss:0.001 - …` and torchtune's `Step 3 | loss:0.1 lr:1e-5 …`, behind Ray's
// `(TaskRunner pid=12)` and terminal colours. All other lines are left alone.
import { problem } from '../../../shared/errors.ts';
import type { ReadLog } from './jsonLogs.ts';
import { numberLogged, type LogRow } from './series.ts';

const colours = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g');
/** verl joins its pairs by " - ", torchtune by blanks. A step that other text stands before is a prefix's, not a sentence's. */
const verlLine = /(?:^|[\s)\]:])step:(\d+) - (.+)$/;
const torchtuneLine = /(?:^|[\s)\]:])Step (\d+) \| (.+)$/;
const verlPair = /^([\w./@() -]*[\w.)@]):(\S+)$/;
const torchtunePair = /([\w./@-]+):(\S+)/g;

const maxLineLength = 100_000;

export function readConsole(file: string, text: string): ReadLog {
  const rows = text.split('\n').flatMap((line) => rowOf(line) ?? []);
  const none = `${file} holds no line like "step:3 - actor/kl_loss:0.001" or "Step 3 | loss:0.1".`;
  return {
    table: { file, rows },
    problems: rows.length > 0 ? [] : [problem('log-unreadable', none, { file })],
  };
}

/** Whether a piece of a file holds such a line. */
export function looksLikeConsole(text: string): boolean {
  return text.split('\n').some((line) => rowOf(line) !== null);
}

function rowOf(line: string): LogRow | null {
  if (line.length > maxLineLength || !/step[: ]/i.test(line)) return null;
  const bare = line.replace(colours, '').trimEnd();
  const verl = verlLine.exec(bare);
  const match = verl ?? torchtuneLine.exec(bare);
  if (match === null) return null;
  const pairs = (match[2] ?? '').matchAll(torchtunePair);
  const values: Record<string, number> = {};
  const found =
    verl === null
      ? [...pairs].map(([, key = '', value = '']) => [key, value] as const)
      : (match[2] ?? '').split(' - ').map((pair) => {
          const [, key = '', value = ''] = verlPair.exec(pair.trim()) ?? [];
          return [key, value] as const;
        });
  for (const [key, written] of found) {
    const value = numberLogged(written.replace(/^(?:np\.\w+|tensor)\(([^()]*)\)$/, '$1'));
    if (key !== '' && value !== null && !/^(eval|val|test)[_/-]/.test(key)) values[key] = value;
  }
  return Object.keys(values).length === 0 ? null : { step: Number(match[1]), values };
}
