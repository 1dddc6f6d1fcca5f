// The shapes of real decoder models, as lists of tensors in the order in which such checkpoints store them.

export interface ModelShape {
  modelType: 'llama' | 'qwen2';
  hidden: number;
  layers: number;
  intermediate: number;
  heads: number;
  keyValueHeads: number;
  headDim: number;
  vocabulary: number;
  /** Whether the head is the embedding, and not stored. */
  tied: boolean;
}

/** From the published config.json of each model; `nano` is the demo's. */
export const modelShapes: Readonly<Record<string, ModelShape>> = {
  nano: {
    modelType: 'llama',
    hidden: 128,
    layers: 4,
    intermediate: 344,
    heads: 4,
    keyValueHeads: 4,
    headDim: 32,
    vocabulary: 40,
    tied: false,
  },
  'qwen2.5-0.5b': {
    modelType: 'qwen2',
    hidden: 896,
    layers: 24,
    intermediate: 4864,
    heads: 14,
    keyValueHeads: 2,
    headDim: 64,
    vocabulary: 151_936,
    tied: true,
  },
  'qwen2.5-1.5b': {
    modelType: 'qwen2',
    hidden: 1536,
    layers: 28,
    intermediate: 8960,
    heads: 12,
    keyValueHeads: 2,
    headDim: 128,
    vocabulary: 151_936,
    tied: true,
  },
  'qwen2.5-7b': {
    modelType: 'qwen2',
    hidden: 3584,
    layers: 28,
    intermediate: 18_944,
    heads: 28,
    keyValueHeads: 4,
    headDim: 128,
    vocabulary: 152_064,
    tied: false,
  },
};

export interface TensorShape {
  name: string;
  shape: number[];
}

export function tensorsOf(model: ModelShape): TensorShape[] {
  const { hidden, intermediate } = model;
  const queries = model.heads * model.headDim;
  const keys = model.keyValueHeads * model.headDim;
  const tensors: TensorShape[] = [{ name: 'model.embed_tokens.weight', shape: [model.vocabulary, hidden] }];
  for (let layer = 0; layer < model.layers; layer++) {
    const add = (name: string, ...shape: number[]): void => {
      tensors.push({ name: `model.layers.${layer}.${name}`, shape });
    };
    add('input_layernorm.weight', hidden);
    for (const [name, rows] of [
      ['q', queries],
      ['k', keys],
      ['v', keys],
    ] as const) {
      if (model.modelType === 'qwen2') add(`self_attn.${name}_proj.bias`, rows);
      add(`self_attn.${name}_proj.weight`, rows, hidden);
    }
    add('self_attn.o_proj.weight', hidden, queries);
    add('post_attention_layernorm.weight', hidden);
    add('mlp.gate_proj.weight', intermediate, hidden);
    add('mlp.up_proj.weight', intermediate, hidden);
    add('mlp.down_proj.weight', hidden, intermediate);
  }
  tensors.push({ name: 'model.norm.weight', shape: [hidden] });
  if (!model.tied) tensors.push({ name: 'lm_head.weight', shape: [model.vocabulary, hidden] });
  return tensors;
}

/** config.json of such a checkpoint. */
export function configOf(model: ModelShape): Record<string, unknown> {
  return {
    architectures: [model.modelType === 'qwen2' ? 'Qwen2ForCausalLM' : 'LlamaForCausalLM'],
    model_type: model.modelType,
    hidden_size: model.hidden,
    intermediate_size: model.intermediate,
    num_attention_heads: model.heads,
    num_hidden_layers: model.layers,
    num_key_value_heads: model.keyValueHeads,
    head_dim: model.headDim,
    vocab_size: model.vocabulary,
    tie_word_embeddings: model.tied,
    torch_dtype: 'bfloat16',
    rms_norm_eps: 1e-6,
  };
}
