// Every kind of safetensors file that we write, read back by somebody else's code byte for byte: masks, patches, what a patch
// restores, and generated pairs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { makePair } from '../../bench/makePair.ts';
import { modelShapes } from '../../bench/modelShapes.ts';
import { numbersOf, witness } from '../../support/witness.ts';

const root = resolve(import.meta.dirname, '../../..');
const base = join(root, 'test/fixtures/nano/base');
const tuned = join(root, 'test/fixtures/nano/grpo/checkpoint-100');
const weights = 'model.safetensors';

function run(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli.cjs'), ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

interface Hashes {
  tensors: { name: string; dtype: string; shape: number[]; sha256: string }[];
}

function hashesOf(checkpoint: string): Hashes['tensors'] {
  return (JSON.parse(run('hash', checkpoint, '--json', '-', '--quiet')) as Hashes).tensors;
}

describe('an independent reader of safetensors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'three-gate-witness-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('reads a mask: as many trainable weights as its report says, and no other byte', () => {
    const out = join(folder, 'mask.safetensors');
    const report = JSON.parse(
      run('mask', base, '--out', out, '--kind', 'rlvr', '--json', '-', '--quiet'),
    ) as {
      tensors: { name: string; trainable: number }[];
    };
    const { tensors } = witness(out);
    const found = [...tensors.metadata].map(([name, { dtype, shape }]) => {
      const bytes = tensors.getTensor(name);
      assert.equal(dtype, 'BOOL', name);
      assert.equal(
        bytes.byteLength,
        shape.reduce((product, size) => product * size, 1),
        name,
      );
      assert.equal(
        bytes.every((byte) => byte <= 1),
        true,
        name,
      );
      return { name, trainable: bytes.reduce((sum, byte) => sum + byte, 0) };
    });
    const told = report.tensors.map(({ name, trainable }) => ({ name, trainable }));
    assert.deepEqual(found, told);
  });

  it('applies a patch as we do: its indices and values make the tuned side of the base', () => {
    const out = join(folder, 'patch.safetensors');
    run('diff', base, tuned, '--out', out, '--quiet');
    const { tensors: patch, metadata } = witness(out);
    const before = witness(join(base, weights)).tensors;
    const wanted = witness(join(tuned, weights)).tensors;
    const told = JSON.parse(metadata['tensors'] ?? '[]') as [string, string, ...unknown[]][];
    assert.deepEqual(told.map(([name]) => name).sort(), [...wanted.metadata.keys()].sort());
    for (const [name, way] of told) {
      const made = numbersOf(way === 'whole' ? patch.getTensor(name) : before.getTensor(name), 2);
      if (way === 'sparse') {
        const values = numbersOf(patch.getTensor(`${name}.values`), 2);
        for (const [at, index] of numbersOf(patch.getTensor(`${name}.indices`), 4).entries())
          made[index] = values[at] ?? -1;
      }
      assert.deepEqual(made, numbersOf(wanted.getTensor(name), 2), name);
    }
    assert.equal(
      told.some(([, way]) => way === 'sparse'),
      true,
    );
  });

  it('reads what a patch restores as the tuned side', () => {
    const out = join(folder, 'restored');
    run('apply', base, join(folder, 'patch.safetensors'), '--out', out, '--quiet');
    const restored = witness(join(out, weights)).tensors;
    const wanted = witness(join(tuned, weights)).tensors;
    assert.deepEqual([...restored.metadata.keys()], [...wanted.metadata.keys()]);
    for (const name of wanted.metadata.keys())
      assert.deepEqual(restored.getTensor(name), wanted.getTensor(name), name);
  });

  it('reads generated pairs as we do, shard by shard', () => {
    const known = modelShapes['qwen2.5-0.5b'];
    assert.notEqual(known, undefined);
    if (known === undefined) return;
    const shape = { ...known, layers: 1, vocabulary: 512 };
    const update = 'rlvr' as const;
    makePair({ shape, update, out: folder, seed: 3, shardBytes: 8e6 }, () => undefined);
    for (const side of ['base', 'tuned']) {
      const path = join(folder, side);
      const files = readdirSync(path).filter((name) => name.endsWith('.safetensors'));
      assert.equal(files.length > 1, true);
      const found = files.flatMap((file) => {
        const { tensors } = witness(join(path, file));
        return [...tensors.metadata].map(([name, { dtype, shape: sizes }]) => {
          const sha256 = createHash('sha256').update(tensors.getTensor(name)).digest('hex');
          return { name, dtype, shape: sizes, sha256 };
        });
      });
      const ours = hashesOf(path).map(({ name, dtype, shape: sizes, sha256 }) => ({
        name,
        dtype,
        shape: sizes,
        sha256,
      }));
      const inOrder = (rows: typeof ours): typeof ours => rows.sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(inOrder(found), inOrder(ours));
    }
    assert.equal(readFileSync(join(folder, 'base/config.json'), 'utf8').length > 0, true);
  });
});
