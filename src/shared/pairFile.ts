// A `*.threegate` file: which two checkpoints to compare, and how. JSON with relative paths; unknown keys are kept.
import { ThreeGateError } from './errors.ts';
import { refusedOption, type OptionOverrides } from './options/optionOverrides.ts';

export interface Pair {
  /** Path of the base checkpoint, relative to the file or absolute, or a model id in the Hugging Face cache. */
  base: string;
  tuned: string;
  /** Training configs or logs to use instead of the ones found beside the tuned checkpoint; null = those found. */
  config: string[] | null;
  /** Overrides of the settings. */
  options: OptionOverrides;
  /** Limits, or the path of a file of them, as written; they are understood by `engine/limits`. Absent without any. */
  limits?: unknown;
}

type Json = Record<string, unknown>;

/** Reads a pair file's text. Throws `config-syntax` or `config-value` that names the file and the key. */
export function parsePair(text: string, file: string): Pair {
  const content = parseObject(text, file);
  return {
    base: pathOf(content, 'base', file),
    tuned: pathOf(content, 'tuned', file),
    config: configOf(content['config'], file),
    options: optionsOf(content['options'], file),
    ...(content['limits'] !== undefined && { limits: content['limits'] }),
  };
}

/** A pair as the text of a new file. */
export function formatPair(pair: Pair): string {
  const { base, tuned, config, options, limits } = pair;
  const content: Json = { base, tuned };
  if (config !== null) content['config'] = config.length === 1 ? config[0] : config;
  if (Object.keys(options).length > 0) content['options'] = options;
  if (limits !== undefined) content['limits'] = limits;
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The same file with some keys set, everything else in it kept. */
export function editPair(
  text: string,
  file: string,
  changes: Partial<Pick<Pair, 'base' | 'tuned' | 'config'>>,
): string {
  return `${JSON.stringify({ ...parseObject(text, file), ...changes }, null, 2)}\n`;
}

function parseObject(text: string, file: string): Json {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ThreeGateError('config-syntax', `${file} is not valid JSON: ${detail}`, { file });
  }
  if (!isObject(content)) {
    throw new ThreeGateError('config-value', `${file} must hold a JSON object with "base" and "tuned".`, {
      file,
    });
  }
  return content;
}

function pathOf(content: Json, key: 'base' | 'tuned', file: string): string {
  const value = content[key];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new ThreeGateError('config-value', `${file}: "${key}" must be the path of a checkpoint.`, { file });
}

function configOf(value: unknown, file: string): string[] | null {
  if (value === undefined || value === null) return null;
  const paths: unknown[] = Array.isArray(value) ? value : [value];
  if (paths.every((path) => typeof path === 'string')) return paths;
  throw new ThreeGateError('config-value', `${file}: "config" must be a path or a list of paths.`, { file });
}

function optionsOf(value: unknown, file: string): OptionOverrides {
  if (value === undefined) return {};
  const refused = refusedOption(value);
  if (refused !== null) throw new ThreeGateError('config-value', `${file}: ${refused}.`, { file });
  return value as OptionOverrides;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
