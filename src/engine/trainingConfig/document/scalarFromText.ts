// A bare word (shell argument, Hydra override, resolver default) as the value that a YAML loader would make of it.
import type { ConfigScalar } from '../../../shared/report/training.ts';

const number = /^[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?$/;
const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null, none: null };

export function scalarFromText(text: string): ConfigScalar {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  if (quoted !== null) return quoted[2] ?? '';
  const list = /^\[(.*)\]$/s.exec(text);
  if (list !== null) {
    const inside = (list[1] ?? '').trim();
    return inside === '' ? [] : inside.split(',').map((item) => String(scalarFromText(item.trim())));
  }
  const word = words[text.toLowerCase()];
  if (word !== undefined) return word;
  return number.test(text) && text.length < 64 ? Number(text.replaceAll('_', '')) : text;
}

/** A number out of what a config states, as argparse and dataclass parsers would take it; null when it is none. */
export function numberFrom(value: ConfigScalar): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const parsed = scalarFromText(value.trim());
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : null;
}
