// Names across model families: wrappers, kinds.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareNaturally } from '../../../src/engine/files/naturalOrder.ts';
import { canonicalName, moduleKind } from '../../../src/engine/checkpoint/tensorNames.ts';

describe('canonical names', () => {
  for (const [name, canonical] of [
    ['model.layers.0.self_attn.q_proj.weight', 'layers.0.self_attn.q_proj.weight'],
    ['module.model.layers.0.mlp.up_proj.weight', 'layers.0.mlp.up_proj.weight'],
    ['_orig_mod.module.base_model.model.model.norm.weight', 'norm.weight'],
    [
      'model.layers.0._fsdp_wrapped_module._checkpoint_wrapped_module.mlp.w1.weight',
      'layers.0.mlp.w1.weight',
    ],
    [
      'base_model.model.model.layers.3.self_attn.q_proj.base_layer.weight',
      'layers.3.self_attn.q_proj.weight',
    ],
    ['transformer.h.0.attn.c_attn.weight', 'h.0.attn.c_attn.weight'],
    ['model.language_model.layers.0.mlp.up_proj.weight', 'layers.0.mlp.up_proj.weight'],
    ['language_model.model.layers.0.mlp.up_proj.weight', 'layers.0.mlp.up_proj.weight'],
    ['pretrained_model.lm_head.weight', 'lm_head.weight'],
    ['model.visual.blocks.0.norm1.weight', 'visual.blocks.0.norm1.weight'],
    // Only whole segments are wrappers, and a name is never taken away whole.
    ['modeling.layers.0.w', 'modeling.layers.0.w'],
    ['module.weight', 'module.weight'],
    ['model', 'model'],
  ] as const) {
    it(`${name} → ${canonical}`, () => {
      assert.equal(canonicalName(name), canonical);
    });
  }
});

const kinds = {
  q: [
    'model.layers.0.self_attn.q_proj.weight',
    'model.layers.0.self_attn.q_proj.bias',
    'model.layers.0.self_attn.qkv_proj.weight',
    'transformer.h.0.attn.c_attn.weight',
    'gpt_neox.layers.0.attention.query_key_value.weight',
    'transformer.h.0.self_attention.query_key_value.weight',
    'transformer.blocks.0.attn.Wqkv.weight',
    'layers.0.attention.wq.weight',
    'model.layers.0.self_attn.q_a_proj.weight',
    'model.layers.0.self_attn.W_pack.weight',
  ],
  k: [
    'model.layers.0.self_attn.k_proj.weight',
    'layers.0.attention.wk.weight',
    'model.layers.0.self_attn.kv_b_proj.weight',
  ],
  v: ['model.layers.0.self_attn.v_proj.weight', 'layers.0.attention.wv.weight'],
  o: [
    'model.layers.0.self_attn.o_proj.weight',
    'layers.0.attention.wo.weight',
    'transformer.h.0.attn.c_proj.weight',
    'gpt_neox.layers.0.attention.dense.weight',
    'transformer.h.0.self_attention.dense.weight',
    'transformer.blocks.0.attn.out_proj.weight',
    'encoder.block.0.layer.0.SelfAttention.o.weight',
  ],
  gate: [
    'model.layers.0.mlp.gate_proj.weight',
    'model.layers.0.mlp.gate_up_proj.weight',
    'layers.0.feed_forward.w1.weight',
  ],
  up: [
    'model.layers.0.mlp.up_proj.weight',
    'transformer.h.0.mlp.c_fc.weight',
    'transformer.h.0.mlp.c_fc.bias',
    'gpt_neox.layers.0.mlp.dense_h_to_4h.weight',
    'layers.0.feed_forward.w3.weight',
    'model.layers.0.mlp.shared_expert.up_proj.weight',
  ],
  down: [
    'model.layers.0.mlp.down_proj.weight',
    'transformer.h.0.mlp.c_proj.weight',
    'gpt_neox.layers.0.mlp.dense_4h_to_h.weight',
    'layers.0.feed_forward.w2.weight',
    'encoder.block.0.layer.1.DenseReluDense.wo.weight',
  ],
  experts: [
    'model.layers.0.mlp.experts.17.down_proj.weight',
    'model.layers.0.block_sparse_moe.experts.3.w2.weight',
    'model.layers.0.mlp.experts.gate_up_proj',
    'model.layers.0.mlp.experts.down_proj_bias',
  ],
  norm: [
    'model.norm.weight',
    'model.layers.0.input_layernorm.weight',
    'model.layers.0.post_attention_layernorm.weight',
    'model.layers.0.self_attn.q_norm.weight',
    'model.layers.0.self_attn.k_norm.weight',
    'transformer.h.0.ln_1.weight',
    'transformer.ln_f.bias',
    'gpt_neox.final_layer_norm.weight',
    'transformer.h.0.ln_attn.weight',
    'model.layers.0.self_attn.kv_a_layernorm.weight',
  ],
  embed: [
    'model.embed_tokens.weight',
    'transformer.wte.weight',
    'transformer.wpe.weight',
    'gpt_neox.embed_in.weight',
    'transformer.word_embeddings.weight',
    'tok_embeddings.weight',
    'shared.weight',
  ],
  head: [
    'lm_head.weight',
    'lm_head.bias',
    'embed_out.weight',
    'output.weight',
    'module.base_model.model.lm_head.weight',
  ],
  other: [
    'model.layers.0.mlp.gate.weight',
    'model.layers.0.mlp.gate.e_score_correction_bias',
    'model.layers.0.mlp.router.weight',
    'model.layers.0.mlp.shared_expert_gate.weight',
    'model.layers.0.self_attn.rotary_emb.inv_freq',
    'model.visual.blocks.0.attn.qkv.weight',
    'model.visual.blocks.0.norm1.weight',
    'visual.merger.mlp.0.weight',
    'multi_modal_projector.linear_1.weight',
    'v_head.summary.weight',
    'backbone.layers.0.mixer.in_proj.weight',
    'backbone.layers.0.mixer.A_log',
    'model.layers.0.self_attn.sinks',
  ],
} as const;

describe('module kinds', () => {
  for (const [kind, names] of Object.entries(kinds)) {
    for (const name of names) {
      it(`${name} is ${kind}`, () => {
        assert.equal(moduleKind(name), kind);
      });
    }
  }
});

describe('natural order', () => {
  it('compares digits as numbers', () => {
    const names = ['layers.10.a', 'layers.2.a', 'layers.2', 'a10b', 'a9b', 'a09b', 'layers.2.b'];
    assert.deepEqual(names.sort(compareNaturally), [
      'a09b',
      'a9b',
      'a10b',
      'layers.2',
      'layers.2.a',
      'layers.2.b',
      'layers.10.a',
    ]);
  });
});
