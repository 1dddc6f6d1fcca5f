// A `*.threegate` file: which two checkpoints to compare, and how. JSON with relative paths; unknown keys are kept.
import { ThreeGateError } from '../../shared/errors.ts';
import { gateNames, type AnalysisOptions, type Thresholds } from '../../shared/options.ts';

export type PairOptions = Partial<Omit<AnalysisOptions, 'thresholds'>> & { thresholds?: Partial<Thresholds> };

export interface Pair {
  /** Path of the base checkpoint, relative to the file or absolute, or a model id in the Hugging Face cache. */
  base: string;
  tuned: string;
  /** Training configs or logs to use instead of the ones found beside the tuned checkpoint; null = those found. */
  config: string[] | null;
  /** Overrides of the settings. */
  options: PairOptions;
}

type Json = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const isPositive: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0;
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1;
const isShare: Check = (value) => isPositive(value) && Number(value) <= 1;
const isFlag: Check = (value) => typeof value === 'boolean';
const isBand: Check = (value) => isObject(value) && isPositive(value['holds']) && isPositive(value['broken']);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const gateList: readonly unknown[] = gateNames;

/** What each option must be, in words that finish "… must be". */
const optionRules: Record<keyof AnalysisOptions, [Check, string]> = {
  rank: [isCount, 'a whole number of at least 1'],
  alpha: [(value) => isShare(value) && Number(value) < 1, 'a share between 0 and 1'],
  eta: [isPositive, 'a positive number'],
  gates: [
    (value) => Array.isArray(value) && value.every((gate: unknown) => gateList.includes(gate)),
    'a list of "anchor", "geometry" and "precision"',
  ],
  match: [orNull(isPattern), 'a regular expression or null'],
  fullSpectrum: [isFlag, 'true or false'],
  profile: [(value) => value === 'default' || value === 'published', '"default" or "published"'],
  engine: [(value) => ['auto', 'native', 'wasm'].includes(value as string), '"auto", "native" or "wasm"'],
  threads: [orNull(isCount), 'a whole number of at least 1, or null'],
  memoryBytes: [orNull(isCount), 'a whole number of bytes, or null'],
  seed: [(value) => Number.isSafeInteger(value), 'a whole number'],
  residualTolerance: [isPositive, 'a positive number'],
  useCache: [isFlag, 'true or false'],
  thresholds: [isObject, 'an object'],
};

const thresholdRules: Record<keyof Thresholds, [Check, string]> = {
  relativeDrift: [isBand, 'an object with the numbers "holds" and "broken"'],
  klNatsPerToken: [isPositive, 'a positive number'],
  spectralDriftTopK: [isBand, 'an object with the numbers "holds" and "broken"'],
  rotationMeanDeg: [isBand, 'an object with the numbers "holds" and "broken"'],
  principalLift: [isBand, 'an object with the numbers "holds" and "broken"'],
  lowMagnitudeLift: [isBand, 'an object with the numbers "holds" and "broken"'],
  sparsityBf16: [isBand, 'an object with the numbers "holds" and "broken"'],
  beyondRotation: [isPositive, 'a positive number'],
  beyondSpectralDrift: [isPositive, 'a positive number'],
  beyondLift: [isPositive, 'a positive number'],
  beyondSparsity: [isPositive, 'a positive number'],
  beyondEnergyLess: [isPositive, 'a positive number'],
  beyondEnergyMore: [isPositive, 'a positive number'],
  coverage: [isShare, 'a share between 0 and 1'],
};

/** Reads a pair file's text. Throws `config-syntax` or `config-value` that names the file and the key. */
export function parsePair(text: string, file: string): Pair {
  const content = parseObject(text, file);
  return {
    base: pathOf(content, 'base', file),
    tuned: pathOf(content, 'tuned', file),
    config: configOf(content['config'], file),
    options: optionsOf(content['options'], file),
  };
}

/** A pair as the text of a new file. */
export function formatPair(pair: Pair): string {
  const { base, tuned, config, options } = pair;
  const content: Json = { base, tuned };
  if (config !== null) content['config'] = config.length === 1 ? config[0] : config;
  if (Object.keys(options).length > 0) content['options'] = options;
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

function optionsOf(value: unknown, file: string): PairOptions {
  if (value === undefined) return {};
  if (!isObject(value))
    throw new ThreeGateError('config-value', `${file}: "options" must be an object.`, { file });
  hold(value, optionRules, 'options', file);
  if (isObject(value['thresholds'])) hold(value['thresholds'], thresholdRules, 'options.thresholds', file);
  // Every key has just been held to its rule.
  return value;
}

function hold(values: Json, rules: Record<string, [Check, string]>, where: string, file: string): void {
  for (const [key, value] of Object.entries(values)) {
    const rule = rules[key];
    if (rule === undefined)
      throw new ThreeGateError('config-value', `${file}: ${where} has no "${key}".`, { file });
    const [check, words] = rule;
    if (!check(value))
      throw new ThreeGateError('config-value', `${file}: ${where}.${key} must be ${words}.`, { file });
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPattern(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    new RegExp(value, 'u');
    return true;
  } catch {
    return false;
  }
}
