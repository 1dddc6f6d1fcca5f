// A measured update as a mask, and random masks as dense as an update or as another mask, through the built command.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { safetensors } from '../checkpoint/support/safetensorsBytes.ts';
import { base, bitsOf, expected, exported, grpo, scratch, threeGate, type Bits } from './command.ts';

after(() => {
  rmSync(scratch, { recursive: true });
});

const counts = (bits: Record<string, Bits>): Record<string, number> =>
  Object.fromEntries(Object.entries(bits).map(([name, { trainable }]) => [name, trainable]));

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

/** A file of F32 tensors. */
function checkpoint(name: string, tensors: Record<string, { shape: number[]; values: number[] }>): string {
  const path = join(scratch, name);
  const entries = Object.entries(tensors).map(
    ([key, { shape, values }]) => [key, { dtype: 'F32', shape, data: floats(...values) }] as const,
  );
  writeFileSync(path, safetensors(Object.fromEntries(entries)));
  return path;
}

describe('three-gate mask --kind update', () => {
  it('is true exactly where the bf16 view changed, in every tensor', async () => {
    const { report, layout } = await exported('update.safetensors', ['--kind', 'update', '--tuned', grpo]);
    assert.deepEqual(bitsOf(layout), expected.update.tensors);
    assert.deepEqual([report.definition, report.tuned?.path, report.leftOut], ['U', grpo, []]);
    assert.deepEqual(layout.metadata, {
      format: 'pt',
      kind: 'update',
      definition: 'U',
      tuned: 'grpo/checkpoint-100',
      eta: '0.001',
      base_sha256: expected.update.baseSha256,
      three_gate_version: report.engine.version,
    });
  });

  it('goes by the bf16 view of wider values, says what is not finite, and leaves out what has no partner', async () => {
    const [one, two, three] = [
      { shape: [2, 3], values: [1, 1, 0, Infinity, -2, 5] },
      { shape: [2], values: [1, 2] },
      { shape: [2, 2], values: [1, 2, 3, 4] },
    ];
    const before = checkpoint('before.safetensors', { 'a.weight': one, 'b.weight': two, 'c.weight': three });
    const after = checkpoint('after.safetensors', {
      'a.weight': { shape: [2, 3], values: [1.001, 1.01, 1e-30, 3, 2, 5] },
      'c.weight': { shape: [4, 1], values: [1, 2, 3, 4] },
    });
    const flags = ['--kind', 'update', '--tuned', after];
    const { report, layout } = await exported('wide.safetensors', flags, { of: before });
    assert.deepEqual([...layout.tensors.keys()], ['a.weight']);
    assert.deepEqual([...(layout.tensors.get('a.weight')?.bytes ?? [])], [0, 1, 1, 0, 1, 0]);
    const reasons = report.leftOut.map(({ name, reason }) => [name, reason.code]);
    assert.deepEqual(reasons.sort(), [
      ['b.weight', 'only-in-base'],
      ['c.weight', 'shape-mismatch'],
    ]);
    assert.match(
      report.problems.map(({ message }) => message).join(),
      /1 elements of a\.weight are NaN or inf/,
    );
  });

  it('of an adapter is what it makes of the base', async () => {
    const genuine = join(import.meta.dirname, '../../fixtures/adapters/genuine');
    const [of, made] = [join(genuine, 'base'), join(genuine, 'lora')];
    const { report } = await exported('lora.safetensors', ['--kind', 'update', '--tuned', made], { of });
    const changed = report.tensors.filter(({ trainable }) => trainable > 0);
    assert.ok(
      changed.length > 0 && changed.every(({ name }) => name.includes('_proj')),
      'only adapted tensors',
    );
    const held = await exported('low.safetensors', ['--kind', 'low', '--tuned', made], { of });
    for (const { name, overlap } of held.report.tensors) {
      const same = report.tensors.find((tensor) => tensor.name === name);
      assert.equal(overlap.value?.changed, same?.trainable, name);
    }
  });
});

describe('three-gate mask --kind random', () => {
  it('has the density of another mask, tensor by tensor, of its tensors alone, and again for the same seed', async () => {
    const like = await exported('like.safetensors', ['--preset', 'zhu']);
    const flags = ['--kind', 'random', '--like', like.file, '--seed'];
    const first = await exported('first.safetensors', [...flags, '7']);
    const again = await exported('again.safetensors', [...flags, '7', '--match', 'mlp']);
    const other = await exported('other.safetensors', [...flags, '8']);
    assert.deepEqual(counts(bitsOf(first.layout)), counts(bitsOf(like.layout)));
    const mlp = Object.entries(bitsOf(first.layout)).filter(([name]) => name.includes('mlp'));
    assert.deepEqual(
      bitsOf(again.layout),
      Object.fromEntries(mlp),
      'a draw does not depend on its neighbours',
    );
    assert.deepEqual(counts(bitsOf(other.layout)), counts(bitsOf(first.layout)));
    assert.notDeepEqual(bitsOf(other.layout), bitsOf(first.layout));
    const { kind, seed, like_mask, base_sha256 } = first.layout.metadata;
    assert.deepEqual([kind, seed, like_mask], ['random', '7', 'like.safetensors']);
    assert.equal(base_sha256, like.report.baseSha256, 'made of the same base');
    const { seed: said, like: told } = first.report;
    assert.deepEqual([said, told?.what, told?.checkpoint.path], [7, 'mask', like.file]);
  });

  it('has the density of a measured update, and holds of it what chance would', async () => {
    const flags = ['--kind', 'random', '--like-update', grpo, '--tuned', grpo];
    const { report, layout } = await exported('control.safetensors', flags);
    assert.deepEqual(counts(bitsOf(layout)), counts(expected.update.tensors));
    assert.deepEqual(
      [layout.metadata['like_update'], layout.metadata['eta']],
      ['grpo/checkpoint-100', '0.001'],
    );
    // |M∩U| of one tensor is hypergeometric: mean K²/n.
    let [inside, mean, variance] = [0, 0, 0];
    for (const { elements: n, trainable: k, overlap } of report.tensors) {
      inside += overlap.value?.inside ?? 0;
      mean += (k * k) / n;
      variance += (k * k * (n - k) ** 2) / (n * n * (n - 1));
    }
    assert.ok(Math.abs(inside - mean) < 4 * Math.sqrt(variance), `${inside} of ${mean} expected`);
  });

  it('says which tensors a mask of something else does not fit', async () => {
    const like = join(scratch, 'strange.safetensors');
    const [q, k] = ['q_proj', 'k_proj'].map((part) => `model.layers.0.self_attn.${part}.weight`);
    const entry = { dtype: 'BOOL', data: new Uint8Array(128 * 128).fill(1, 0, 5) } as const;
    const shape = [128, 128];
    writeFileSync(
      like,
      safetensors({
        [q ?? '']: { ...entry, shape },
        [k ?? '']: { ...entry, shape: [64, 256] },
        elsewhere: { ...entry, shape },
      }),
    );
    const { report } = await exported('fit.safetensors', ['--kind', 'random', '--like', like]);
    assert.deepEqual(
      report.tensors.map(({ name, trainable }) => [name, trainable]),
      [[q, 5]],
    );
    assert.equal(report.leftOut.find(({ name }) => name === k)?.reason.code, 'shape-mismatch');
    assert.match(
      report.problems[0]?.message ?? '',
      /1 tensors of .*strange.* are not in the base, elsewhere/,
    );
  });
});

describe('flags that make no sense together', () => {
  const cases: [string[], RegExp][] = [
    [['--kind', 'update'], /--kind update is what a tuned checkpoint changed: name it with --tuned/],
    [['--kind', 'random'], /name a mask file with --like, or a tuned checkpoint with --like-update/],
    [['--kind', 'random', '--like', 'a', '--like-update', 'b'], /contradict each other/],
    [['--kind', 'random', '--like', base], /base is no mask: it holds no BOOL tensor.*--like-update/],
    [['--kind', 'random', '--like', 'a', '--alpha', '0.3'], /--alpha means nothing to --kind random/],
    [['--kind', 'update', '--tuned', grpo, '--preset', 'zhu'], /--preset means nothing to --kind update/],
    [['--kind', 'principal', '--alpha-low', '0.3'], /--alpha-low means nothing .* only to rlvr or low\./],
    [['--kind', 'low', '--alpha-principal', '0.3'], /only to rlvr or non-principal or principal/],
    [['--seed', '7'], /--seed means nothing to --kind rlvr, only to random/],
    [['--like', 'a'], /--like means nothing to --kind rlvr/],
    [['--preset', 'zhu', '--alpha-low', '0.3'], /--preset zhu decides --alpha-low itself/],
    [['--preset', 'zhu', '--exclude', 'embed'], /--preset zhu decides --exclude itself/],
    [['--preset', 'wu'], /Allowed choices are zhu/],
    [['--kind', 'random', '--like', 'a', '--seed', '-1'], /whole number from 0 to 4294967295/],
    [['--alpha-principal', '50'], /must lie between 0 and 1/],
    [['--kind', 'random', '--like', 'y.safetensors'], /--out y\.safetensors would overwrite what is read/],
  ];
  for (const [flags, message] of cases) {
    it(`refuses ${flags.join(' ')}`, async () => {
      const { status, stdout, stderr } = await threeGate('mask', base, '--out', 'y.safetensors', ...flags);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr.replaceAll(/\s+/g, ' '), message);
      assert.deepEqual(
        readdirSync(scratch).filter((name) => name.includes('y.safetensors')),
        [],
      );
    });
  }

  it('never writes over the base', async () => {
    const path = checkpoint('only.safetensors', { 'a.weight': { shape: [2, 2], values: [1, 2, 3, 4] } });
    const before = readFileSync(path);
    const { status } = await threeGate('mask', path, '--out', path);
    assert.deepEqual([status, readFileSync(path)], [2, before]);
  });
});
