// The built `three-gate mask` on the genuine base: every mask bit for bit against numpy, and the file against the
// format's layout rules, read here by hand.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { budgetKinds, type MaskReport } from '../../../src/shared/report/maskReport.ts';
import { base, expected, exported, grpo, scratch, threeGate, type Expected } from './command.ts';
import { readLayout, type Layout } from './layout.ts';

after(() => {
  rmSync(scratch, { recursive: true });
});

for (const kind of budgetKinds) {
  describe(`three-gate mask --kind ${kind}`, () => {
    let report: MaskReport;
    let layout: Layout;

    before(async () => {
      ({ report, layout } = await exported(`${kind}.safetensors`, ['--kind', kind, '--tuned', grpo]));
    });

    it('writes one BOOL tensor per matrix of the base, of its shape, and no other', () => {
      assert.deepEqual([...layout.tensors.keys()], Object.keys(expected.tensors));
      const original = readLayout(readFileSync(join(base, 'model.safetensors'))).tensors;
      for (const [name, { dtype, shape }] of layout.tensors) {
        assert.deepEqual([dtype, shape], ['BOOL', original.get(name)?.shape], name);
      }
      const norms = [...original].filter(([, { shape }]) => shape.length < 2).map(([name]) => name);
      assert.equal(norms.length, 9);
      assert.deepEqual(report.leftOut.map(({ name }) => name).sort(), norms.sort());
    });

    it('agrees with numpy on every bit and every count', () => {
      for (const tensor of report.tensors) {
        const { kinds, rank, changed } = expected.tensors[tensor.name]!;
        const { sha256, trainable, inside } = kinds[kind];
        const bytes = layout.tensors.get(tensor.name)!.bytes;
        assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, tensor.name);
        assert.equal(tensor.trainable, trainable);
        assert.equal(tensor.rank, kind === 'low' ? null : rank);
        const { value } = tensor.overlap;
        assert.deepEqual([value?.changed, value?.inside, value?.trainable], [changed, inside, trainable]);
        const random = trainable / tensor.elements;
        assert.equal(value?.lift, changed === 0 ? null : inside / changed / random);
      }
    });

    it('pools counts, not shares', () => {
      const all = Object.values(expected.tensors);
      const sum = (pick: (tensor: Expected['tensors'][string]) => number): number =>
        all.reduce((total, tensor) => total + pick(tensor), 0);
      const { whole } = report;
      assert.equal(
        whole.trainable,
        sum(({ kinds }) => kinds[kind].trainable),
      );
      const { value } = whole.overlap;
      assert.equal(value?.share, sum(({ kinds }) => kinds[kind].inside) / sum(({ changed }) => changed));
      assert.equal(value.expected, whole.trainable / whole.elements);
    });

    it('says in its metadata what it is, and of which base', () => {
      assert.equal(report.baseSha256, expected.baseSha256);
      assert.deepEqual(layout.metadata, {
        format: 'pt',
        kind,
        definition: report.definition,
        ...(kind === 'low' ? {} : { rank: '128', alpha_principal: '0.3' }),
        ...(kind === 'low' || kind === 'rlvr' ? { alpha_low: '0.3' } : {}),
        base_sha256: expected.baseSha256,
        three_gate_version: report.engine.version,
      });
    });
  });
}

describe('three-gate mask', () => {
  it('masks only what matches, and prints the density', async () => {
    const file = join(scratch, 'some.safetensors');
    const { status, stdout } = await threeGate('mask', base, '--out', file, '--match', 'layers\\.1\\..*mlp');
    assert.equal(status, 0);
    assert.equal(readLayout(readFileSync(file)).tensors.size, 3);
    assert.match(stdout, /M_low ∪ ¬M_princ +α 0\.3, rank 128/);
    assert.match(stdout, /All +3 +132 K +70\.7 %/);
    assert.match(stdout, /36 tensors do not match/);
    assert.ok(!stdout.includes('if random'));
  });

  it('holds a mask against an update that is none', async () => {
    const file = join(scratch, 'none.safetensors');
    const args = ['mask', base, '--out', file, '--match', 'q_proj', '--kind', 'low', '--tuned', base];
    const { status, stdout } = await threeGate(...args);
    assert.equal(status, 0);
    assert.match(stdout, /base changed nothing in the bf16 view/);
  });

  it('leaves nothing behind when it cannot begin or cannot write', async () => {
    cpSync(join(base, 'model.safetensors'), join(scratch, 'copy.safetensors'));
    const cases: [string[], RegExp][] = [
      [['mask', base, '--out', 'no/such/folder.safetensors'], /could not be written/],
      [['mask', base, '--out', 'x.safetensors', '--match', 'norm'], /No matrix of .*base is left/],
      [['mask', 'nowhere', '--out', 'x.safetensors'], /nowhere/],
      [['mask', base, '--out', 'x.safetensors', '--kind', 'all'], /Allowed choices are rlvr/],
      [['mask', base], /--out <file>/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await threeGate(...args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      assert.match(stderr, message);
    }
    const left = readdirSync(scratch).filter((name) => name.startsWith('x.') || name.endsWith('.part'));
    assert.deepEqual(left, []);
  });
});
