// Log files that are JSON: transformers' trainer_state.json, and one object a line (verl, LLaMA-Factory, torchtune,
// prime-rl). Python writes bare NaN and Infinity into both.
import { problem, type Problem } from '../../../shared/errors.ts';
import { scanJson, type LooseJson } from '../document/jsonDocument.ts';
import type { LogRow, LogTable } from './series.ts';

export interface ReadLog {
  table: LogTable;
  problems: Problem[];
}

/** What else trainer_state.json says about the run. */
interface TrainerState extends ReadLog {
  globalStep: number | null;
  maxSteps: number | null;
}

export function readTrainerState(file: string, text: string): TrainerState {
  const { value, fault } = scanJson(text);
  const state = record(value);
  const history = Array.isArray(state['log_history']) ? state['log_history'] : null;
  const problems: Problem[] = [];
  if (fault !== null) {
    const line = text.slice(0, fault.at).split('\n').length;
    problems.push(
      problem('log-unreadable', `${file}:${line}: ${fault.reason}; what stands before it was read.`, {
        file,
      }),
    );
  } else if (history === null) {
    problems.push(problem('log-unreadable', `${file} has no log_history list.`, { file }));
  }
  const rows = (history ?? []).flatMap((entry) => rowOf(record(entry), 'step'));
  return {
    table: { file, rows },
    problems,
    globalStep: whole(state['global_step']),
    maxSteps: whole(state['max_steps']),
  };
}

/** One JSON object a line; lines that are none are counted into one problem. */
export function readJsonLines(file: string, text: string): ReadLog {
  const rows: LogRow[] = [];
  let bad = 0;
  let firstBad = 0;
  let lineNumber = 0;
  for (const line of text.split('\n')) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    const { value, fault } = scanJson(line);
    if (fault !== null || typeof value !== 'object') {
      bad += 1;
      firstBad ||= lineNumber;
      continue;
    }
    const row = record(value);
    // verl wraps its metrics: {"step": 3, "data": {…}}.
    const wrapped = typeof row['data'] === 'object' && row['data'] !== null && !Array.isArray(row['data']);
    const flat = wrapped ? { ...record(row['data'] ?? null), step: row['step'] ?? null } : row;
    rows.push(...rowOf(flat, 'current_steps' in flat ? 'current_steps' : 'step'));
  }
  const problems =
    bad === 0
      ? []
      : [
          problem(
            'log-unreadable',
            `${file}:${firstBad}: ${bad} of ${lineNumber} lines are not JSON objects and were left out.`,
            { file },
          ),
        ];
  return { table: { file, rows }, problems };
}

/** Numeric metrics of one row; eval rows and rows without a step are not training metrics. */
function rowOf(row: Readonly<Record<string, LooseJson>>, stepKey: string): LogRow[] {
  const step = whole(row[stepKey] ?? null);
  if (step === null) return [];
  const values: Record<string, number> = {};
  for (const [key, given] of Object.entries(row)) {
    const value = numberOf(given);
    if (value !== null && key !== stepKey && !/^(eval|val|test)[_/-]/.test(key)) values[key] = value;
  }
  return Object.keys(values).length === 0 ? [] : [{ step, values }];
}

/** Numbers, and what is none in the words that JSON writers put in quotes. */
function numberOf(value: LooseJson): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (quoted.get(value.toLowerCase()) ?? null) : null;
}

const quoted = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
  ['-inf', -Infinity],
  ['-infinity', -Infinity],
]);

function record(value: LooseJson): Record<string, LooseJson> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function whole(value: LooseJson | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : null;
}
