// What a tensor's name says: its canonical form without wrappers, its layer, and the kind of module it belongs to.
// Works on whole dot-separated segments, so `layers.1` never matches `layers.10`.
import type { ModuleKind } from '../../shared/report.ts';

/** Wrappers that put a segment of their own anywhere in a name: torch.compile, FSDP, activation checkpointing, PEFT. */
const wrapperSegments = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
  '_forward_module',
  'base_layer',
]);

/** Outer modules that some writers keep and others drop, at the start of a name; longest first. */
const leadingWrappers = [
  ['base_model', 'model'],
  ['pretrained_model'],
  ['language_model'],
  ['transformer'],
  ['gpt_neox'],
  ['module'],
  ['model'],
];

/** The name without its wrappers: `module.base_model.model.model.layers.0.w` → `layers.0.w`. */
export function canonicalName(name: string): string {
  let segments = name.split('.').filter((segment) => !wrapperSegments.has(segment));
  for (;;) {
    const wrapper = leadingWrappers.find(
      (leading) =>
        segments.length > leading.length + 1 &&
        leading.every((segment, index) => segments[index] === segment),
    );
    if (wrapper === undefined) return segments.join('.');
    segments = segments.slice(wrapper.length);
  }
}

const towerSegment =
  /^(?:visual|vision|vision_tower|vision_model|vision_encoder|vision_embed_tokens|image_encoder|img_processor|audio_tower|audio_encoder|audio_model|speech_encoder|multi_modal_projector|mm_projector|vpm|resampler|merger)$/;
const layerContainer = /^(?:layers|layer|h|blocks|block)$/;

/** Index of the transformer layer; null outside the layers and inside a vision or audio tower. */
export function layerIndex(name: string): number | null {
  const segments = canonicalName(name).split('.');
  if (segments.some((segment) => towerSegment.test(segment))) return null;
  for (let index = 1; index < segments.length; index += 1) {
    const number = segments[index] ?? '';
    if (layerContainer.test(segments[index - 1] ?? '') && /^\d+$/.test(number)) return Number(number);
  }
  return null;
}

/** Leaf module → kind, where the leaf alone decides. A fused matrix counts as its first part (qkv → q, gate_up → gate). */
const leafKinds: readonly (readonly [RegExp, ModuleKind])[] = [
  [/norm|^ln_|^ln\d|^rms/, 'norm'],
  [/^(?:lm_head|embed_out)$/, 'head'],
  [
    /^(?:embed_tokens|embed_in|embed_positions|tok_embeddings|wte|wpe|word_embeddings|position_embeddings|token_type_embeddings|shared|embeddings?)$/,
    'embed',
  ],
  [/^(?:qkv|qkv_proj|query_key_value|c_attn|wqkv|w_pack|attn_qkv)$/, 'q'],
  [/^(?:q|q_proj|query|wq|q_a_proj|q_b_proj)$/, 'q'],
  [/^(?:k|k_proj|key|wk|kv_a_proj_with_mqa|kv_b_proj)$/, 'k'],
  [/^(?:v|v_proj|value|wv)$/, 'v'],
  [/^(?:o|o_proj)$/, 'o'],
  [/^(?:gate_proj|gate_up_proj|w1|wi_0)$/, 'gate'],
  [/^(?:up_proj|w3|c_fc|fc1|fc_in|dense_h_to_4h|linear_fc1|wi|wi_1)$/, 'up'],
  [/^(?:down_proj|w2|fc2|fc_out|dense_4h_to_h|linear_fc2)$/, 'down'],
];
/** The output projection of attention, where only its surroundings tell it from another `dense`, `c_proj` or `wo`. */
const outputLeaf = /^(?:out_proj|c_proj|dense|wo|proj|linear_proj)$/;
const attentionSegment =
  /^(?:self_attn|self_attention|attn|attention|linear_attn|selfattention|encdecattention)$/;
const feedForwardSegment = /^(?:mlp|feed_forward|ffn|densereludense)$/;
const parameterName = /^(?:weight|bias|scale|g|b)$/;

/** The kind of module a tensor belongs to. Routers, vision towers, value heads and state-space parts are `other`. */
export function moduleKind(name: string): ModuleKind {
  const segments = canonicalName(name).toLowerCase().split('.');
  if (segments.some((segment) => towerSegment.test(segment))) return 'other';
  const last = segments[segments.length - 1] ?? '';
  const path = parameterName.test(last) && segments.length > 1 ? segments.slice(0, -1) : segments;
  const leaf = path[path.length - 1] ?? '';
  const inside = (pattern: RegExp): boolean => path.some((segment) => pattern.test(segment));
  if (leaf.endsWith('norm')) return 'norm';
  if (inside(/^experts$/)) return 'experts';
  // `mlp.gate` and its like route tokens to experts; `output` is a head only at the top.
  if (/^(?:gate|router)$/.test(leaf)) return 'other';
  if (path.length === 1 && leaf === 'output') return 'head';
  const found = leafKinds.find(([pattern]) => pattern.test(leaf));
  if (found !== undefined) return found[1];
  if (!outputLeaf.test(leaf)) return 'other';
  if (inside(attentionSegment)) return 'o';
  return inside(feedForwardSegment) ? 'down' : 'other';
}
