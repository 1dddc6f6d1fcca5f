// adapter_config.json: settings that decide what an adapter does to a weight. A method or variant that this reader does
// not know would make every number wrong, so it is refused by name.
import { problem, ThreeGateError } from '../../../shared/errors.ts';
import type { Problem, ProblemCode } from '../../../shared/errors.ts';
import type { FileSystem } from '../../files/fileSystem.ts';
import type { AdapterSettings, BaseChange } from '../../checkpoint/adapterUpdate.ts';
import { isMlxConfig, mlxAdapter } from './mlxAdapter.ts';

const maxConfigBytes = 16_000_000;
const maxPatternLength = 1000;

type Fields = Partial<Record<string, unknown>>;

/** Settings under which s·B·A is not the update, or not for every token. */
const unsupportedVariants = [
  'use_qalora',
  'use_bdlora',
  'velora_config',
  'kasa_config',
  'monteclora_config',
  'arrow_config',
  'alora_invocation_tokens',
  'layer_replication',
];

const baseChanges: Readonly<Record<string, BaseChange>> = {
  true: 'none',
  false: 'none',
  gaussian: 'none',
  eva: 'none',
  orthogonal: 'none',
  mica: 'none',
  pissa: 'pissa',
  olora: 'olora',
  corda: 'stored',
  lora_ga: 'stored',
  loftq: 'unknowable',
};

/** Throws `adapter-unsupported` or `config-value`. */
export async function readAdapterConfig(fileSystem: FileSystem, folder: string): Promise<AdapterSettings> {
  const file = fileSystem.resolve(folder, 'adapter_config.json');
  const fail = (code: ProblemCode, what: string): ThreeGateError =>
    new ThreeGateError(code, `${file} ${what}.`, { file });
  if ((await fileSystem.stat(file))?.kind !== 'file') {
    const what = `${folder} holds adapter weights without an adapter_config.json, which alone says how they are scaled.`;
    throw new ThreeGateError('adapter-unsupported', what, { file: folder });
  }
  const fields = fieldsOf(parse(await fileSystem.readText(file, maxConfigBytes), fail));
  const type = fields['peft_type'];
  if (type === undefined && isMlxConfig(fields)) throw mlxAdapter(folder);
  if (type !== 'LORA') {
    const method = typeof type === 'string' ? type : 'no peft_type';
    throw fail('adapter-unsupported', `says ${method}: of PEFT's methods only LORA is understood`);
  }
  for (const variant of unsupportedVariants) {
    const value = fields[variant];
    const empty = Array.isArray(value) ? value.length === 0 : Object.keys(fieldsOf(value)).length === 0;
    if (value === undefined || value === null || value === false || (typeof value === 'object' && empty))
      continue;
    throw fail('adapter-unsupported', `sets ${variant}, under which the update is not s·B·A`);
  }
  const number = (key: string, fallback: number): number => {
    const value = fields[key] ?? fallback;
    if (typeof value === 'number' && Number.isFinite(value) && (key !== 'r' || value >= 1)) return value;
    throw fail(
      'config-value',
      `has ${JSON.stringify(value)} for ${key}, which is not a number that it can be`,
    );
  };
  const patterns = (key: string, least: number): AdapterSettings['rankPatterns'] =>
    Object.entries(fieldsOf(fields[key])).map(([pattern, value]) => {
      if (typeof value === 'number' && Number.isFinite(value) && value >= least) {
        checkPattern(pattern, key, fail);
        return { pattern, value };
      }
      throw fail('config-value', `has ${JSON.stringify(value)} for "${pattern}" in ${key}`);
    });
  const written = fields['init_lora_weights'] ?? true;
  if (typeof written !== 'string' && typeof written !== 'boolean') {
    throw fail('config-value', 'has an init_lora_weights that is neither a word nor true or false');
  }
  const initialization = String(written);
  return {
    file,
    rank: number('r', 8),
    alpha: number('lora_alpha', 8),
    rankStabilized: fields['use_rslora'] === true,
    dora: fields['use_dora'] === true,
    fanInFanOut: fields['fan_in_fan_out'] === true,
    rankPatterns: patterns('rank_pattern', 1),
    alphaPatterns: patterns('alpha_pattern', 0),
    initialization,
    // Randomised PiSSA cannot be computed again, and what an unknown initialisation did to the base nobody can say.
    baseChange: initialization.startsWith('pissa_niter_')
      ? 'stored'
      : (baseChanges[initialization] ?? 'unknowable'),
    targetParameters: targetParameters(fields['target_parameters'], fail),
    tokenIndices: tokenIndices(fields['trainable_token_indices'], fail),
  };
}

type Fail = (code: ProblemCode, what: string) => ThreeGateError;

function targetParameters(value: unknown, fail: Fail): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw fail('config-value', 'has target_parameters that are no list of names');
}

function tokenIndices(value: unknown, fail: Fail): AdapterSettings['tokenIndices'] {
  if (value === undefined || value === null) return [];
  const isList = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((index) => Number.isSafeInteger(index) && index >= 0);
  if (isList(value)) return value;
  const lists = fieldsOf(value);
  const byName: Record<string, readonly number[]> = {};
  for (const [name, list] of Object.entries(lists)) {
    if (!isList(list))
      throw fail('config-value', `has trainable_token_indices of "${name}" that are no list of rows`);
    byName[name] = list;
  }
  if (Object.keys(lists).length > 0) return byName;
  throw fail(
    'config-value',
    'has trainable_token_indices that are neither a list of rows nor lists by module',
  );
}

/** What of an adapter's settings leaves its factors without effect, for the report. */
export function problemsOf({ file, alpha, alphaPatterns }: AdapterSettings): Problem[] {
  const zeros = [
    ...(alpha === 0 ? ['lora_alpha'] : []),
    ...alphaPatterns.filter(({ value }) => value === 0).map(({ pattern }) => `alpha_pattern "${pattern}"`),
  ];
  if (zeros.length === 0) return [];
  const others =
    alpha === 0 && alphaPatterns.some(({ value }) => value !== 0) ? ' without a pattern of their own' : '';
  const message = `${zeros.join(' and ')} is 0 in ${file}, so the factors${others} have no effect whatever they hold; some mergers write 0 when they cannot know it. Put in the value that the run was trained with and compare again.`;
  return [problem('adapter-no-effect', message, { file })];
}

/** r and α of one module or parameter, and s = α/r or α/√r. `module` is its name in the base model. */
export function scalingOf(
  settings: AdapterSettings,
  module: string,
): { rank: number; alpha: number; scaling: number } {
  const rank = firstMatch(settings.rankPatterns, module) ?? settings.rank;
  const alpha = firstMatch(settings.alphaPatterns, module) ?? settings.alpha;
  return { rank, alpha, scaling: alpha / (settings.rankStabilized ? Math.sqrt(rank) : rank) };
}

/** PEFT matches a key as `(.*\.)?(key)$` from the start of the module's name. */
function firstMatch(patterns: AdapterSettings['rankPatterns'], module: string): number | null {
  return patterns.find(({ pattern }) => expressionOf(pattern).test(module))?.value ?? null;
}

function expressionOf(pattern: string): RegExp {
  return new RegExp(`^(?:.*\\.)?(?:${pattern})$`);
}

function checkPattern(pattern: string, key: string, fail: Fail): void {
  try {
    if (pattern.length > maxPatternLength) throw new Error(`it has ${pattern.length} characters`);
    expressionOf(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw fail('config-value', `has a pattern in ${key} that cannot be used: ${why}`);
  }
}

function parse(text: string, fail: Fail): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail('config-syntax', 'is not JSON');
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
