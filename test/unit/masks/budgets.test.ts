// Budgets of M_princ and M_low apart, module kinds left out, and the published preset, against numpy bit for bit.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { budgetKinds } from '../../../src/shared/report/maskReport.ts';
import { base, bitsOf, expected, exported, scratch, threeGate } from './command.ts';

after(() => {
  rmSync(scratch, { recursive: true });
});

const [published] = expected.apart;
const isOuter = (name: string): boolean => /lm_head|embed_tokens/.test(name);

describe('budgets apart', () => {
  for (const { alphaPrincipal, alphaLow, tensors } of expected.apart) {
    for (const kind of budgetKinds) {
      it(`agree with numpy on every bit of ${kind} at ${alphaPrincipal} and ${alphaLow}`, async () => {
        const flags = ['--kind', kind];
        if (kind !== 'low') flags.push('--alpha-principal', String(alphaPrincipal));
        if (kind === 'low' || kind === 'rlvr') flags.push('--alpha-low', String(alphaLow));
        const { report, layout } = await exported('apart.safetensors', flags);
        const of = Object.fromEntries(Object.entries(tensors).map(([name, kinds]) => [name, kinds[kind]]));
        assert.deepEqual(bitsOf(layout), of);
        assert.equal(report.alphaPrincipal, kind === 'low' ? null : alphaPrincipal);
        assert.equal(report.alphaLow, kind === 'low' || kind === 'rlvr' ? alphaLow : null);
      });
    }
  }

  it('are both --alpha where only that is said', async () => {
    const both = await exported('both.safetensors', ['--alpha', '0.4']);
    const each = await exported('each.safetensors', ['--alpha-principal', '0.4', '--alpha-low', '0.4']);
    assert.deepEqual(bitsOf(both.layout), bitsOf(each.layout));
    assert.deepEqual(both.layout.metadata, each.layout.metadata);
  });
});

describe('--exclude', () => {
  it('leaves out whole kinds of modules, and says so', async () => {
    const { report, layout } = await exported('some.safetensors', [
      '--kind',
      'low',
      '--exclude',
      'head, embed',
    ]);
    assert.deepEqual(
      [...layout.tensors.keys()],
      Object.keys(expected.tensors).filter((name) => !isOuter(name)),
    );
    assert.deepEqual([report.exclude, report.notMatched], [['embed', 'head'], 2]);
    assert.equal(layout.metadata['exclude'], 'embed,head');
    const { status, stderr } = await threeGate(
      'mask',
      base,
      '--out',
      'x.safetensors',
      '--exclude',
      'lm_head',
    );
    assert.equal(status, 2);
    assert.match(stderr, /"lm_head" is no kind of module; the kinds are q, k, v, .* embed, head, other/);
  });
});

describe('--preset zhu', () => {
  it('has the published budgets and scope, and says the union that it measured', async () => {
    assert.deepEqual([published?.alphaPrincipal, published?.alphaLow], [0.5, 0.586]);
    const { report, layout } = await exported('zhu.safetensors', ['--preset', 'zhu']);
    const of = Object.entries(published?.tensors ?? {}).filter(([name]) => !isOuter(name));
    assert.deepEqual(bitsOf(layout), Object.fromEntries(of.map(([name, { rlvr }]) => [name, rlvr])));
    assert.equal(report.preset, 'zhu');
    const { preset, alpha_principal, alpha_low, exclude } = layout.metadata;
    assert.deepEqual([preset, alpha_principal, alpha_low, exclude], ['zhu', '0.5', '0.586', 'embed,head']);
    const trainable = of.reduce((sum, [, { rlvr }]) => sum + rlvr.trainable, 0);
    assert.equal(report.whole.trainable, trainable);
    const { stdout } = await threeGate('mask', base, '--out', 'zhu.safetensors', '--preset', 'zhu');
    const share = ((100 * trainable) / report.whole.elements).toFixed(1);
    const said = stdout.replaceAll(/\s+/g, ' ');
    assert.ok(said.includes(`the union holds ${share} % of these weights, there 74.0 %`), stdout);
  });
});
