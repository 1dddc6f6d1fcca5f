// W&B's local wandb-summary.json: the last value of every metric, so each series has one point.
import { problem } from '../../../shared/errors.ts';
import { scanJson } from '../document/jsonDocument.ts';
import { numberOf, type ReadLog } from './jsonLogs.ts';

export function readWandbSummary(file: string, text: string): ReadLog {
  const { value, fault } = scanJson(text);
  if (fault !== null || typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = `${file}: ${fault?.reason ?? 'is no object'}.`;
    return { table: { file, rows: [] }, problems: [problem('log-unreadable', message, { file })] };
  }
  const numbers = Object.entries(value).flatMap(([key, given]) => {
    const found = numberOf(given);
    return found === null ? [] : [[key, found] as const];
  });
  const values = Object.fromEntries(numbers);
  const step = values['train/global_step'] ?? values['_step'] ?? 0;
  return { table: { file, rows: [{ step: Math.round(step), values }] }, problems: [] };
}
