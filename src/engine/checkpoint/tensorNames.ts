// What a tensor's name says by itself: its canonical form without wrappers, and the kind of module it belongs to.
// Works on whole dot-separated segments, so `layers.1` never matches `layers.10`.
import type { ModuleKind } from '../../shared/report/moduleKinds.ts';

/** Wrappers that put a segment of their own anywhere in a name: torch.compile, FSDP, activation checkpointing, PEFT. */
const wrapperSegments = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  '_forward_module',
  'base_layer',
]);

/** Outer modules that some writers keep and others drop, at the start of a name. */
const leadingWrappers = new Set([
  'module',
  'model',
  'base_model',
  'pretrained_model',
  'language_model',
  'transformer',
  'gpt_neox',
]);

/** The name without its wrappers: `module.base_model.model.model.layers.0.w` → `layers.0.w`. */
export function canonicalName(name: string): string {
  return canonicalSegments(name).join('.');
}

/**
 * What two writers' names of one tensor have in common beyond that: a thinker saved alone has lost the prefix that it has
 * within its omni model, and transformers 5 renames Mixtral's block.
 */
export function looseName(name: string): string {
  const canonical = canonicalName(name);
  const own = canonical.startsWith('thinker.')
    ? canonicalName(canonical.slice('thinker.'.length))
    : canonical;
  return own.replace(/(?<=^|\.)block_sparse_moe(?=\.)/, 'mlp');
}

export function canonicalSegments(name: string): string[] {
  const all = name.split('.');
  const segments = all.some((segment) => wrapperSegments.has(segment))
    ? all.filter((segment) => !wrapperSegments.has(segment))
    : all;
  let start = 0;
  // What remains must still be a module and its parameter.
  while (segments.length - start > 2 && leadingWrappers.has(segments[start] ?? '')) start += 1;
  return segments.slice(start);
}

/**
 * The kind of module a tensor belongs to. A fused matrix counts as its first part (qkv → q, gate_up → gate). Routers,
 * vision and audio towers, value heads and state-space parts are `other`.
 */
export function moduleKind(name: string): ModuleKind {
  const segments = canonicalSegments(name.toLowerCase());
  return segments.some((segment) => towerSegments.has(segment)) ? 'other' : kindOf(segments);
}

const words = (text: string): Set<string> => new Set(text.split(' '));

const towerSegments = words(
  'visual vision vision_tower vision_model vision_encoder vision_embed_tokens image_encoder img_processor vpm ' +
    'audio_tower audio_encoder audio_model speech_encoder multi_modal_projector mm_projector resampler merger',
);

/** Modules whose own name decides. */
const kindOfLeaf = new Map<string, ModuleKind>(
  (
    [
      ['q', 'q q_proj query wq q_a_proj q_b_proj'],
      ['q', 'qkv qkv_proj query_key_value c_attn wqkv w_pack attn_qkv'],
      ['k', 'k k_proj key wk kv_a_proj_with_mqa kv_b_proj'],
      ['v', 'v v_proj value wv'],
      ['o', 'o o_proj'],
      ['gate', 'gate_proj gate_up_proj w1 wi_0'],
      ['up', 'up_proj w3 c_fc fc1 fc_in dense_h_to_4h linear_fc1 wi wi_1'],
      ['down', 'down_proj w2 fc2 fc_out dense_4h_to_h linear_fc2'],
      ['head', 'lm_head embed_out'],
      ['embed', 'embed_tokens embed_in tok_embeddings wte word_embeddings shared embedding embeddings'],
      ['embed', 'wpe embed_positions position_embeddings token_type_embeddings'],
    ] as const
  ).flatMap(([kind, leaves]) => leaves.split(' ').map((leaf) => [leaf, kind] as const)),
);
/** Projections out of attention or a feed-forward block, which only their surroundings tell apart. */
const outputLeaves = words('out_proj c_proj dense wo proj linear_proj');
const attentionSegments = words(
  'self_attn self_attention attn attention linear_attn selfattention encdecattention',
);
const feedForwardSegments = words('mlp feed_forward ffn densereludense');
const parameterNames = words('weight bias scale g b');
const normLeaf = /norm|^ln_|^ln\d|^rms/;

function kindOf(segments: readonly string[]): ModuleKind {
  const last = segments[segments.length - 1] ?? '';
  const path = parameterNames.has(last) && segments.length > 1 ? segments.slice(0, -1) : segments;
  const leaf = path[path.length - 1] ?? '';
  if (path.includes('experts')) return 'experts';
  // `output` is a head only at the top; deeper it is an attention's or a feed-forward block's.
  if (leaf === 'output' && path.length === 1) return 'head';
  const known = kindOfLeaf.get(leaf);
  if (known !== undefined) return known;
  if (normLeaf.test(leaf)) return 'norm';
  if (!outputLeaves.has(leaf)) return 'other';
  if (path.some((segment) => attentionSegments.has(segment))) return 'o';
  return path.some((segment) => feedForwardSegments.has(segment)) ? 'down' : 'other';
}
