// Which stack and layer a tensor belongs to, across model families, and the order in which people read them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareStacks, placesOf } from '../../../src/engine/checkpoint/stacks.ts';
import { inReadingOrder, layerLabel } from '../../../src/shared/report/layers.ts';

const labels = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries([...placesOf(names)].map(([name, place]) => [name, layerLabel(place)]));

/** Names of one checkpoint with the label of each. */
const checkpoints: Record<string, Record<string, string>> = {
  'a language model': {
    'model.layers.1.mlp.up_proj.weight': 'Layer 1',
    'model.layers.10.mlp.up_proj.weight': 'Layer 10',
    'model.layers.3.block_sparse_moe.experts.7.w1.weight': 'Layer 3',
    'model.norm.weight': 'Outside the layers',
    'v_head.summary.0.weight': 'Outside the layers',
    'layers.x.weight': 'Outside the layers',
  },
  'GPT-2': { 'transformer.h.11.mlp.c_fc.weight': 'Layer 11', 'transformer.wte.weight': 'Outside the layers' },
  'GPT-NeoX': { 'gpt_neox.layers.5.attention.dense.weight': 'Layer 5' },
  'a head of multi-token prediction': {
    'model.layers.0.mlp.up_proj.weight': 'Layer 0',
    'mtp.layers.0.mlp.up_proj.weight': 'mtp · Layer 0',
    'mtp.fc.weight': 'mtp · outside the layers',
    'lm_head.weight': 'Outside the layers',
  },
  MiMo: {
    'model.layers.0.mlp.up_proj.weight': 'Layer 0',
    'model.mtp_layers.0.mlp.up_proj.weight': 'mtp · Layer 0',
  },
  'DeepSeek, whose prediction head is one more layer': {
    'model.layers.60.mlp.up_proj.weight': 'Layer 60',
    'model.layers.61.eh_proj.weight': 'mtp · Layer 61',
    'model.layers.61.mlp.up_proj.weight': 'mtp · Layer 61',
  },
  'layer 61 of a model that has so many': {
    'model.layers.60.mlp.up_proj.weight': 'Layer 60',
    'model.layers.61.mlp.up_proj.weight': 'Layer 61',
  },
  'an omni model': {
    'thinker.model.layers.0.mlp.up_proj.weight': 'thinker · Layer 0',
    'thinker.lm_head.weight': 'thinker · outside the layers',
    'thinker.visual.blocks.0.attn.qkv.weight': 'thinker vision · Layer 0',
    'thinker.audio_tower.layers.0.fc1.weight': 'thinker audio · Layer 0',
    'talker.model.layers.0.mlp.up_proj.weight': 'talker · Layer 0',
    'talker.code_predictor.model.layers.0.mlp.up_proj.weight': 'talker code predictor · Layer 0',
    'code2wav.decoder.layers.0.weight': 'codec · Layer 0',
  },
  'a thinker alone': {
    'model.layers.0.mlp.up_proj.weight': 'Layer 0',
    'visual.blocks.0.attn.qkv.weight': 'vision · Layer 0',
  },
  T5: {
    'encoder.block.2.layer.0.SelfAttention.q.weight': 'encoder · Layer 2',
    'decoder.block.2.layer.0.SelfAttention.q.weight': 'decoder · Layer 2',
    'encoder.final_layer_norm.weight': 'encoder · outside the layers',
    'shared.weight': 'Outside the layers',
  },
  Whisper: {
    'model.encoder.layers.0.fc1.weight': 'encoder · Layer 0',
    'model.decoder.layers.0.fc1.weight': 'decoder · Layer 0',
  },
  'OPT, a decoder alone': {
    'model.decoder.layers.0.fc1.weight': 'Layer 0',
    'model.decoder.embed_tokens.weight': 'Outside the layers',
  },
  'BERT, an encoder alone': {
    'bert.encoder.layer.0.attention.self.query.weight': 'Layer 0',
    'bert.embeddings.word_embeddings.weight': 'Outside the layers',
  },
  'a vision-language model': {
    'model.language_model.layers.4.mlp.up_proj.weight': 'Layer 4',
    'model.visual.blocks.4.attn.qkv.weight': 'vision · Layer 4',
    'model.visual.patch_embed.proj.weight': 'vision · outside the layers',
    'model.visual.merger.mlp.0.weight': 'vision · outside the layers',
    'lm_head.weight': 'Outside the layers',
  },
  'a tower within a tower': {
    'language_model.model.layers.4.mlp.up_proj.weight': 'Layer 4',
    'vision_tower.vision_model.encoder.layers.4.mlp.fc1.weight': 'vision · Layer 4',
    'vision_tower.vision_model.post_layernorm.weight': 'vision · outside the layers',
    'multi_modal_projector.linear_1.weight': 'Outside the layers',
  },
  'BLIP-2, whose language model is a decoder': {
    'language_model.model.decoder.layers.0.fc1.weight': 'Layer 0',
    'vision_model.encoder.layers.0.mlp.fc1.weight': 'vision · Layer 0',
    'qformer.encoder.layer.0.attention.attention.query.weight': 'qformer · Layer 0',
  },
  'stacks that share a word': {
    'model.layers.0.mlp.up_proj.weight': 'Layer 0',
    'vision_model.transformer.layers.0.mlp.fc1.weight': 'vision · Layer 0',
    'vision_model.global_transformer.layers.0.mlp.fc1.weight': 'vision global_transformer · Layer 0',
    'audio.encoder.layers.0.w': 'audio encoder · Layer 0',
    'audio.decoder.layers.0.w': 'audio decoder · Layer 0',
    'visual.stages.0.blocks.0.w': 'vision stages 0 · Layer 0',
    'visual.stages.1.blocks.0.w': 'vision stages 1 · Layer 0',
  },
};

describe('stacks', () => {
  for (const [what, expected] of Object.entries(checkpoints)) {
    it(`tells them apart in ${what}`, () => {
      assert.deepEqual(labels(Object.keys(expected)), expected);
    });
  }

  it('reads main stacks before auxiliary ones', () => {
    const stacks = [
      'mtp',
      'talker',
      'thinker',
      'vision',
      null,
      'talker code predictor',
      'odd',
      'thinker vision',
    ];
    assert.deepEqual(stacks.sort(compareStacks), [
      null,
      'thinker',
      'odd',
      'thinker vision',
      'vision',
      'talker',
      'talker code predictor',
      'mtp',
    ]);
  });

  it('puts what lies outside a stack behind its layers, and what lies outside all of them last', () => {
    const layers = [
      { container: null, layer: 1 },
      { container: null, layer: 0 },
      { container: 'mtp', layer: 0 },
      { container: null, layer: null },
      { container: 'mtp', layer: null },
    ];
    assert.deepEqual(inReadingOrder(layers).map(layerLabel), [
      'Layer 0',
      'Layer 1',
      'mtp · Layer 0',
      'mtp · outside the layers',
      'Outside the layers',
    ]);
  });
});
