// Settings of an adapter: which are read, and which are refused by name because s·B·A would not be the update.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readAdapterConfig, scalingOf } from '../../../src/engine/formats/peft/adapterConfig.ts';
import type { AdapterSettings } from '../../../src/engine/checkpoint/adapterUpdate.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';

const file = '/a/adapter_config.json';

function read(settings: unknown): Promise<AdapterSettings> {
  const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
  return readAdapterConfig(memoryFileSystem({ [file]: text }), '/a');
}

describe('adapter_config.json', () => {
  it("fills in PEFT's defaults", async () => {
    const { rank, alpha, baseChange, initialization } = await read({ peft_type: 'LORA' });
    assert.deepEqual([rank, alpha, baseChange, initialization], [8, 8, 'none', 'true']);
  });

  it('scales by the first pattern that matches from the start of a segment', async () => {
    const settings = await read({
      peft_type: 'LORA',
      r: 8,
      lora_alpha: 16,
      rank_pattern: { q_proj: 4, '.*layers.1.*': 2 },
      alpha_pattern: { 'self_attn.q_proj': 32 },
    });
    const at = (module: string): number[] => Object.values(scalingOf(settings, module));
    assert.deepEqual(at('model.layers.1.self_attn.q_proj'), [4, 32, 8]);
    assert.deepEqual(at('model.layers.1.self_attn.v_proj'), [2, 16, 8]);
    assert.deepEqual(at('model.layers.2.xq_proj'), [8, 16, 2]);
    assert.deepEqual(at('model.layers.2.q_proj.more'), [8, 16, 2]);
  });

  const refused: [settings: unknown, code: string, reason: string][] = [
    [{ peft_type: 'LOHA' }, 'adapter-unsupported', "says LOHA: of PEFT's methods only LORA is understood"],
    [{}, 'adapter-unsupported', "says no peft_type: of PEFT's methods only LORA is understood"],
    [
      { peft_type: 'LORA', use_qalora: true },
      'adapter-unsupported',
      'sets use_qalora, under which the update is not s·B·A',
    ],
    [
      { peft_type: 'LORA', alora_invocation_tokens: [5] },
      'adapter-unsupported',
      'sets alora_invocation_tokens, under which the update is not s·B·A',
    ],
    [
      { peft_type: 'LORA', layer_replication: [[0, 4]] },
      'adapter-unsupported',
      'sets layer_replication, under which the update is not s·B·A',
    ],
    [{ peft_type: 'LORA', r: 0 }, 'config-value', 'has 0 for r, which is not a number that it can be'],
    [
      { peft_type: 'LORA', lora_alpha: 'x' },
      'config-value',
      'has "x" for lora_alpha, which is not a number that it can be',
    ],
    [{ peft_type: 'LORA', rank_pattern: { q: -1 } }, 'config-value', 'has -1 for "q" in rank_pattern'],
    [
      { peft_type: 'LORA', init_lora_weights: [1] },
      'config-value',
      'has an init_lora_weights that is neither a word nor true or false',
    ],
    ['{', 'config-syntax', 'is not JSON'],
  ];
  for (const [settings, code, reason] of refused) {
    it(`refuses ${JSON.stringify(settings)}`, async () => {
      const thrown = await read(settings).then(
        () => assert.fail('it was read'),
        (error: unknown) => error,
      );
      assert.ok(thrown instanceof ThreeGateError);
      assert.deepEqual([thrown.problem.code, thrown.message], [code, `${file} ${reason}.`]);
    });
  }

  it('refuses a pattern that is no regular expression', async () => {
    await assert.rejects(
      read({ peft_type: 'LORA', rank_pattern: { '(': 4 } }),
      /has a pattern in rank_pattern that cannot be used: Invalid regular expression/,
    );
  });
});
