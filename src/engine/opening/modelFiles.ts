// What the small files beside the weights say: architecture, tied embeddings, training step, and the base model that
// the checkpoint itself names. A broken file is a Problem, never a lost checkpoint.
import { parse as parseYaml } from 'yaml';
import { asProblem, problem } from '../../shared/errors.ts';
import type { Problem } from '../../shared/errors.ts';
import type { AttentionHeads } from '../checkpoint/checkpoint.ts';
import type { Quantization } from '../checkpoint/quantization.ts';
import type { FileSystem } from '../files/fileSystem.ts';

interface ModelFiles {
  architecture: string | null;
  modelType: string | null;
  tiesEmbeddings: boolean | null;
  /** Null where config.json has no `quantization_config`. */
  quantization: Quantization | null;
  attention: AttentionHeads;
  /** The known step, else `global_step` of trainer_state.json. */
  step: number | null;
  namedBase: { name: string; from: string } | null;
  problems: Problem[];
}

const maxConfigBytes = 16_000_000;
const maxTrainerStateBytes = 256_000_000;

type Fields = Partial<Record<string, unknown>>;

/** `knownStep`: the step where the path tells it; trainer_state.json, often many megabytes, is then not read. */
export async function readModelFiles(
  fileSystem: FileSystem,
  folder: string,
  knownStep: number | null,
): Promise<ModelFiles> {
  const problems: Problem[] = [];
  const text = async (name: string, maxBytes = maxConfigBytes): Promise<string | null> => {
    const path = fileSystem.resolve(folder, name);
    try {
      if ((await fileSystem.stat(path))?.kind !== 'file') return null;
      return await fileSystem.readText(path, maxBytes);
    } catch (thrown) {
      problems.push(asProblem(thrown));
      return null;
    }
  };
  const json = async (name: string): Promise<Fields> => {
    const content = await text(name);
    if (content === null) return {};
    try {
      return fieldsOf(JSON.parse(content));
    } catch {
      const path = fileSystem.resolve(folder, name);
      problems.push(problem('config-syntax', `${path} is not JSON.`, { file: path }));
      return {};
    }
  };
  const config = await json('config.json');
  const adapter = await json('adapter_config.json');
  const origin = await json('original_repo_id.json');
  const readme = await text('README.md');
  const trainerState = knownStep === null ? await text('trainer_state.json', maxTrainerStateBytes) : null;
  const textConfig = fieldsOf(config['text_config']);
  const architectures: unknown = config['architectures'];
  return {
    architecture: Array.isArray(architectures) ? asText(architectures[0]) : null,
    modelType: asText(config['model_type']),
    tiesEmbeddings: asBoolean(config['tie_word_embeddings']) ?? asBoolean(textConfig['tie_word_embeddings']),
    quantization: quantizationOf(config) ?? quantizationOf(textConfig),
    attention: attentionOf({ ...config, ...textConfig }),
    step: trainerState === null ? knownStep : globalStep(trainerState),
    namedBase: firstNamed([
      [adapter['base_model_name_or_path'], 'adapter_config.json'],
      [readme === null ? null : baseInFrontMatter(readme), 'README.md'],
      [otherThan(config['_name_or_path'], fileSystem.basename(folder)), 'config.json'],
      [origin['repo_id'], 'original_repo_id.json'],
    ]),
    problems,
  };
}

/** `compression_config` is the older name, of compressed-tensors. */
function quantizationOf(config: Fields): Quantization | null {
  const found = [config['quantization_config'], config['compression_config']]
    .map(fieldsOf)
    .find((fields) => Object.keys(fields).length > 0);
  if (found === undefined) return null;
  const bits = found['bits'] ?? found['num_bits'];
  const size: unknown = found['weight_block_size'];
  const [height = null, width = null] = Array.isArray(size) ? size.map(asCount) : [];
  return {
    method: asText(found['quant_method']),
    bits: asCount(bits),
    blockSize: height !== null && width !== null ? [height, width] : null,
  };
}

function attentionOf(config: Fields): AttentionHeads {
  return {
    heads: asCount(config['num_attention_heads']) ?? asCount(config['n_head']),
    keyValueHeads: asCount(config['num_key_value_heads']) ?? asCount(config['num_kv_heads']),
    newDecoder: asBoolean(config['new_decoder_architecture']),
    multiQuery: asBoolean(config['multi_query']),
  };
}

/** Python writes NaN and Infinity into trainer_state.json, so it is not parsed; rows of its log say `step`, not `global_step`. */
function globalStep(trainerState: string): number | null {
  const digits = /"global_step"\s*:\s*(\d+)/.exec(trainerState)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** `base_model` of a model card's YAML front matter. Several bases (a merge) name none. */
function baseInFrontMatter(readme: string): unknown {
  const block = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(readme)?.[1];
  if (block === undefined) return null;
  try {
    const base: unknown = fieldsOf(parseYaml(block, { logLevel: 'error' }))['base_model'];
    return Array.isArray(base) && base.length === 1 ? (base[0] as unknown) : base;
  } catch {
    // Broken front matter is common in model cards, and a base that is not named is no loss.
    return null;
  }
}

/** Some runs write their own output path into `_name_or_path`. */
function otherThan(name: unknown, own: string): unknown {
  return typeof name === 'string' && name.split(/[/\\]/).at(-1) === own ? null : name;
}

function firstNamed(candidates: [unknown, string][]): ModelFiles['namedBase'] {
  for (const [candidate, from] of candidates) {
    const name = asText(candidate);
    if (name !== null) return { name, from };
  }
  return null;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function asCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function asBoolean(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
