// Tensor lists of models that the panel must draw: names, shapes and module kinds as their checkpoints have them.
import type { ModuleKind } from '../../src/shared/report/moduleKinds.ts';

export interface TensorShape {
  name: string;
  container?: string;
  layer: number | null;
  module: ModuleKind;
  shape: number[];
}

export interface ModelShape {
  architecture: string;
  layers: number;
  hidden: number;
  feedForward: number;
  keyValue: number;
  vocabulary: number;
  /** Experts per layer, each with its three matrices; 0 = dense. */
  experts: number;
  /** Layers of other stacks, named like the main one's. */
  stacks?: Record<string, number>;
}

export const modelShapes = {
  nano: {
    architecture: 'Qwen2ForCausalLM',
    ...{ layers: 4, hidden: 128, feedForward: 344, keyValue: 64, vocabulary: 40, experts: 0 },
  },
  qwen: {
    architecture: 'Qwen2ForCausalLM',
    ...{ layers: 28, hidden: 1536, feedForward: 8960, keyValue: 256, vocabulary: 151_936, experts: 0 },
  },
  /** About 400 tensors, the size that the panel's speed is held against. */
  deep: {
    architecture: 'Qwen2ForCausalLM',
    ...{ layers: 44, hidden: 1536, feedForward: 8960, keyValue: 256, vocabulary: 151_936, experts: 0 },
  },
  moe: {
    architecture: 'Qwen3MoeForCausalLM',
    ...{ layers: 80, hidden: 2048, feedForward: 768, keyValue: 512, vocabulary: 151_936, experts: 41 },
  },
  /** A language model with a vision tower and a prediction head. */
  stacked: {
    architecture: 'Qwen3VLForConditionalGeneration',
    ...{ layers: 4, hidden: 128, feedForward: 344, keyValue: 64, vocabulary: 40, experts: 0 },
    stacks: { vision: 3, mtp: 1 },
  },
} satisfies Record<string, ModelShape>;

export function tensorShapes(model: ModelShape): TensorShape[] {
  const { hidden, feedForward, keyValue, vocabulary, experts } = model;
  const tensors: TensorShape[] = [
    { name: 'model.embed_tokens.weight', layer: null, module: 'embed', shape: [vocabulary, hidden] },
  ];
  const addLayer = (layer: number, container?: string): void => {
    const add = (suffix: string, module: ModuleKind, shape: number[]): void => {
      const name = `${container ?? 'model'}.layers.${layer}.${suffix}.weight`;
      tensors.push({ name, layer, module, shape, ...(container !== undefined && { container }) });
    };
    add('input_layernorm', 'norm', [hidden]);
    add('self_attn.q_proj', 'q', [hidden, hidden]);
    add('self_attn.k_proj', 'k', [keyValue, hidden]);
    add('self_attn.v_proj', 'v', [keyValue, hidden]);
    add('self_attn.o_proj', 'o', [hidden, hidden]);
    add('post_attention_layernorm', 'norm', [hidden]);
    if (experts === 0) {
      add('mlp.gate_proj', 'gate', [feedForward, hidden]);
      add('mlp.up_proj', 'up', [feedForward, hidden]);
      add('mlp.down_proj', 'down', [hidden, feedForward]);
    }
    for (let expert = 0; expert < experts; expert += 1) {
      add(`mlp.experts.${expert}.gate_proj`, 'experts', [feedForward, hidden]);
      add(`mlp.experts.${expert}.up_proj`, 'experts', [feedForward, hidden]);
      add(`mlp.experts.${expert}.down_proj`, 'experts', [hidden, feedForward]);
    }
  };
  for (let layer = 0; layer < model.layers; layer += 1) addLayer(layer);
  for (const [container, layers] of Object.entries(model.stacks ?? {})) {
    for (let layer = 0; layer < layers; layer += 1) addLayer(layer, container);
  }
  tensors.push({ name: 'model.norm.weight', layer: null, module: 'norm', shape: [hidden] });
  tensors.push({ name: 'lm_head.weight', layer: null, module: 'head', shape: [vocabulary, hidden] });
  return tensors;
}
