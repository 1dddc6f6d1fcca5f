// Which tensors hold several others in one, by their names: expert stacks, gate and up, query, key and value; and how the
// parts lie in them, by shape, name and config. What nothing tells is refused with a reason, never guessed.
import type { AttentionHeads } from '../checkpoint/checkpoint.ts';

export type Role = 'gate' | 'up' | 'gate_up' | 'down' | 'q' | 'k' | 'v';

/** What one part is called in checkpoints that keep it apart. */
const aliases: Readonly<Record<Role, readonly string[]>> = {
  gate: ['gate_proj', 'w1'],
  up: ['up_proj', 'w3'],
  gate_up: ['gate_up_proj'],
  down: ['down_proj', 'w2'],
  q: ['q_proj', 'query', 'q', 'wq'],
  k: ['k_proj', 'key', 'k', 'wk'],
  v: ['v_proj', 'value', 'v', 'wv'],
};
const roleOfLeaf = new Map(
  Object.entries(aliases).flatMap(([role, leaves]) => leaves.map((leaf) => [leaf, role as Role] as const)),
);

export interface Fusion {
  /** The module that holds the fused tensor and its parts; for experts, without the expert's number. */
  stem: string;
  /** One part of every role per expert. */
  isStack: boolean;
  parameter: 'weight' | 'bias';
  leaf: string;
  /** Choices of roles, in the order of the parts: the first one whose parts are there counts. */
  roles: readonly (readonly Role[])[];
}

const gateUp = [['gate', 'up'], ['gate_up']] as const;
const stackLeaves: Readonly<Record<string, Fusion['roles']>> = {
  gate_up_proj: gateUp,
  w13: gateUp,
  gate_proj: [['gate']],
  w1: [['gate']],
  up_proj: [['up']],
  w3: [['up']],
  down_proj: [['down']],
  w2: [['down']],
};
const queryKeyValue = [['q', 'k', 'v']] as const;
const denseLeaves: Readonly<Record<string, Fusion['roles']>> = {
  gate_up_proj: [['gate', 'up']],
  qkv_proj: queryKeyValue,
  qkv: queryKeyValue,
  query_key_value: queryKeyValue,
  Wqkv: queryKeyValue,
  wqkv: queryKeyValue,
  W_pack: queryKeyValue,
  c_attn: queryKeyValue,
};

const stackPattern = /^((?:.*\.)?)(?:experts|switch_mlp)\.(\w+?)(?:\.(weight|bias)|_(weight|bias))?$/;
const densePattern = /^(.*)\.(\w+)\.(weight|bias)$/;

/** What a tensor of this canonical name holds; null where it holds itself alone. */
export function fusionOf(name: string): Fusion | null {
  const stack = stackPattern.exec(name);
  if (stack !== null) {
    const [, stem = '', leaf = '', dotted, joined] = stack;
    const roles = Object.hasOwn(stackLeaves, leaf) ? stackLeaves[leaf] : undefined;
    const parameter = (dotted ?? joined) === 'bias' ? 'bias' : 'weight';
    return roles === undefined ? null : { stem, isStack: true, parameter, leaf, roles };
  }
  const [, stem = '', leaf = '', parameter] = densePattern.exec(name) ?? [];
  const roles = Object.hasOwn(denseLeaves, leaf) ? denseLeaves[leaf] : undefined;
  if (roles === undefined || (parameter !== 'weight' && parameter !== 'bias')) return null;
  return { stem, isStack: false, parameter, leaf, roles };
}

interface SplitPart {
  stem: string;
  expert: number | null;
  role: Role;
  parameter: 'weight' | 'bias';
}

const expertPattern = /^((?:.*\.)?)experts\.(\d+)\.(\w+)\.(weight|bias)$/;

/** Which part a tensor of this canonical name may be. */
export function partOf(name: string): SplitPart | null {
  const expert = expertPattern.exec(name);
  const [, stem = '', leaf = '', parameter] = expert === null ? (densePattern.exec(name) ?? []) : [];
  const role = roleOfLeaf.get(expert?.[3] ?? leaf);
  const kind = expert?.[4] ?? parameter;
  if (role === undefined || (kind !== 'weight' && kind !== 'bias')) return null;
  if (expert === null) return { stem, expert: null, role, parameter: kind };
  return { stem: expert[1] ?? '', expert: Number(expert[2]), role, parameter: kind };
}

/** Whose gate and up rows take turns. */
const turnsModels = new Set(['gpt_oss']);
/** Models that store experts in × out, and those that store them out × in: for shapes that fit both. */
const inOutModels = new Set(['gpt_oss', 'llama4', 'llama4_text']);
const outInModels = new Set(
  (
    'qwen2_moe qwen3_moe qwen3_next mixtral deepseek_v2 deepseek_v3 glm4_moe olmoe ernie4_5_moe hunyuan_v1_moe ' +
    'minimax phimoe flex_olmo dots1 lfm2_moe'
  ).split(' '),
);

/**
 * Orientations that the shapes allow: of a part of `part` rows × columns in a fused matrix of `rows` in all.
 * A bias has no orientation.
 */
export function orientations(
  fused: readonly number[],
  partRows: number,
  columns: number,
): { straight: boolean; transposed: boolean } {
  const [a, b] = fused.slice(-2);
  return { straight: a === partRows && b === columns, transposed: a === columns && b === partRows };
}

/** By the model where the shapes fit both ways; null where that is not known either. */
export function knownOrientation(modelType: string | null): boolean | null {
  if (inOutModels.has(modelType ?? '')) return true;
  return outInModels.has(modelType ?? '') ? false : null;
}

/** gpt-oss takes gate and up in turns, and is the one whose stacks have biases. */
export function takesTurns(modelType: string | null, hasBias: boolean): boolean {
  return modelType === null ? hasBias : turnsModels.has(modelType);
}

const byHeadModels = new Set(['gpt_neox', 'gpt_neox_japanese', 'bloom', 'persimmon']);
const joinedModels = new Set(['chatglm', 'glm', 'mpt', 'dbrx', 'qwen', 'baichuan']);

/**
 * How query, key and value lie in their fused matrix: one behind the other, or in `groups` of heads (each the queries of
 * a key, the key, the value); or in words why that is not known.
 */
export function queryKeyValueLayout(
  leaf: string,
  modelType: string | null,
  attention: AttentionHeads | undefined,
): { groups: number | null } | string {
  const byHeads = (groups: number | null | undefined): { groups: number } | string =>
    groups === null || groups === undefined ? 'its heads are not counted in config.json' : { groups };
  if (modelType !== null && joinedModels.has(modelType)) return { groups: null };
  if (modelType !== null && byHeadModels.has(modelType)) return byHeads(attention?.heads);
  if (modelType === 'falcon' || modelType === 'RefinedWeb' || modelType === 'RefinedWebModel') {
    if (attention?.newDecoder === true) return byHeads(attention.keyValueHeads);
    return attention?.multiQuery === false ? byHeads(attention.heads) : { groups: null };
  }
  if (modelType === 'internlm2') return byHeads(attention?.keyValueHeads);
  if (leaf === 'query_key_value' || leaf === 'wqkv' || modelType === 'codegen') {
    return `how ${modelType ?? 'a model without config.json'} lays out ${leaf} is not known`;
  }
  return { groups: null };
}
