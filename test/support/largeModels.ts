// Large models as a plan of their tensors, made from published shapes without a byte of weights: both sides bf16.
import { planAnalysis, type Plan } from '../../src/engine/analysis/plan.ts';
import type { StoredTensor, TensorPair } from '../../src/engine/checkpoint/checkpoint.ts';
import { moduleKind } from '../../src/engine/checkpoint/tensorNames.ts';
import type { AnalysisOptions } from '../../src/shared/options/options.ts';
import { modelShapes, tensorsOf, type TensorShape } from '../bench/modelShapes.ts';

/** Bytes of one file, as such checkpoints are cut. */
const fileBytes = 5e9;

/** Of DeepSeek-V3's config.json: multi-head latent attention, three dense layers, 256 experts each a tensor of its own. */
function deepSeek(): TensorShape[] {
  const [hidden, heads, queryRank, keyRank] = [7168, 128, 1536, 512];
  const tensors: TensorShape[] = [{ name: 'model.embed_tokens.weight', shape: [129_280, hidden] }];
  for (let layer = 0; layer < 61; layer += 1) {
    const add = (name: string, ...shape: number[]): void => {
      tensors.push({ name: `model.layers.${layer}.${name}.weight`, shape });
    };
    add('input_layernorm', hidden);
    add('self_attn.q_a_proj', queryRank, hidden);
    add('self_attn.q_b_proj', heads * 192, queryRank);
    add('self_attn.kv_a_proj_with_mqa', keyRank + 64, hidden);
    add('self_attn.kv_b_proj', heads * 256, keyRank);
    add('self_attn.o_proj', hidden, heads * 128);
    const addFeedForward = (prefix: string, width: number): void => {
      add(`${prefix}.gate_proj`, width, hidden);
      add(`${prefix}.up_proj`, width, hidden);
      add(`${prefix}.down_proj`, hidden, width);
    };
    if (layer < 3) addFeedForward('mlp', 18_432);
    else {
      add('mlp.gate', 256, hidden);
      addFeedForward('mlp.shared_experts', 2048);
      for (let expert = 0; expert < 256; expert += 1) addFeedForward(`mlp.experts.${expert}`, 2048);
    }
  }
  tensors.push({ name: 'lm_head.weight', shape: [129_280, hidden] });
  return tensors;
}

/** As Qwen3-30B-A3B is stored where its experts are stacks. */
function stackedExperts(): TensorShape[] {
  const tensors: TensorShape[] = [{ name: 'model.embed_tokens.weight', shape: [151_936, 2048] }];
  for (let layer = 0; layer < 48; layer += 1) {
    tensors.push({ name: `model.layers.${layer}.self_attn.q_proj.weight`, shape: [4096, 2048] });
    tensors.push({ name: `model.layers.${layer}.self_attn.k_proj.weight`, shape: [512, 2048] });
    tensors.push({ name: `model.layers.${layer}.self_attn.v_proj.weight`, shape: [512, 2048] });
    tensors.push({ name: `model.layers.${layer}.self_attn.o_proj.weight`, shape: [2048, 4096] });
    tensors.push({ name: `model.layers.${layer}.mlp.experts.gate_up_proj`, shape: [128, 2048, 1536] });
    tensors.push({ name: `model.layers.${layer}.mlp.experts.down_proj`, shape: [128, 768, 2048] });
  }
  return tensors;
}

const llama70b = {
  modelType: 'llama',
  hidden: 8192,
  layers: 80,
  intermediate: 28_672,
  heads: 64,
  keyValueHeads: 8,
  headDim: 128,
  vocabulary: 128_256,
  tied: false,
} as const;

export const largeModels: Readonly<Record<string, () => TensorShape[]>> = {
  '7B (Qwen2.5)': () => tensorsOf(modelShapes['qwen2.5-7b'] ?? llama70b),
  '70B (Llama 3)': () => tensorsOf(llama70b),
  '671B (DeepSeek-V3)': deepSeek,
  '30B (experts in stacks)': stackedExperts,
};

export function planOfShapes(shapes: readonly TensorShape[], options: AnalysisOptions): Plan {
  let total = 0;
  const pairs = shapes.map(({ name, shape }): TensorPair => {
    const elements = shape.reduce((product, size) => product * size, 1);
    const file = `model-${Math.floor(total / fileBytes)}.safetensors`;
    total += 2 * elements;
    const side: StoredTensor = {
      name,
      dtype: 'BF16',
      shape,
      elements,
      file,
      offset: 0,
      bytes: 2 * elements,
      scale: null,
    };
    return {
      name,
      tunedName: null,
      shape,
      elements,
      base: side,
      tuned: side,
      module: moduleKind(name),
      ...layerOf(name),
    };
  });
  const elements = pairs.reduce((sum, pair) => sum + pair.elements, 0);
  return planAnalysis({ pairs, notCompared: [], elements, notes: [] }, options, {
    totalMemoryBytes: Infinity,
  });
}

function layerOf(name: string): { container: null; layer: number | null } {
  const layer = /layers\.(\d+)\./u.exec(name)?.[1];
  return { container: null, layer: layer === undefined ? null : Number(layer) };
}
