// Hashes against Python's hashlib (test/fixtures/hashes), and that nothing but names, dtypes, shapes and bits moves that of the whole.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { FileSystem } from '../../../src/engine/files/fileSystem.ts';
import { hashCheckpoint, type HashingPorts } from '../../../src/engine/hashing/hashCheckpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { memoryFileSystem, type MemoryFiles } from '../checkpoint/support/memoryFileSystem.ts';
import { indexJson, safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';

interface Expected {
  sha256: string;
  tensors: Record<string, { dtype: string; shape: number[]; sha256: string }>;
}

const fixtures = join(import.meta.dirname, '../../fixtures');
const { torch, ...safe } = JSON.parse(readFileSync(join(fixtures, 'hashes/expected.json'), 'utf8')) as Record<
  string,
  Expected
> & { torch: Record<string, Expected> };

function portsOf(files: FileSystem): HashingPorts {
  return {
    files,
    openHash: () => {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    onBytes: () => undefined,
    signal: new AbortController().signal,
  };
}

async function hashOf(files: FileSystem, path: string): ReturnType<typeof hashCheckpoint> {
  return hashCheckpoint(await openCheckpoint(files, path), portsOf(files));
}

async function inMemory(files: MemoryFiles): ReturnType<typeof hashCheckpoint> {
  return hashOf(memoryFileSystem(files), '/m');
}

describe('the hashes of a checkpoint', () => {
  for (const [path, expected] of Object.entries(safe)) {
    it(`are those of hashlib for ${path}`, async () => {
      const { sha256, tensors } = await hashOf(nodeFileSystem, join(fixtures, path));
      assert.equal(sha256, expected.sha256);
      const own = tensors.map(({ name, dtype, shape, sha256: hash }) => [
        name,
        { dtype, shape, sha256: hash },
      ]);
      assert.deepEqual(Object.fromEntries(own), expected.tensors);
    });
  }

  it('are those of hashlib for a checkpoint of PyTorch', async () => {
    const { sha256 } = await hashOf(nodeFileSystem, join(fixtures, 'torch/sharded'));
    assert.equal(sha256, torch['sharded']?.sha256);
  });

  for (const [path, key] of [
    ['current', 'current/pytorch_model.bin'],
    ['hsdp', 'hsdp'],
  ] as const) {
    it(`lack that of the whole where a tensor cannot be read: torch/${path}`, async () => {
      const { sha256, tensors, unreadable } = await hashOf(nodeFileSystem, join(fixtures, 'torch', path));
      assert.equal(sha256, null);
      assert.ok(unreadable.length > 0 && unreadable.every(({ reason }) => reason.message.length > 0));
      const expected = torch[key]?.tensors ?? assert.fail();
      for (const { name, sha256: hash } of tensors) assert.equal(hash, expected[name]?.sha256, name);
    });
  }
});

describe('the hash of the whole', () => {
  const a: TensorSpec = { dtype: 'BF16', shape: [2, 3] };
  const b: TensorSpec = { dtype: 'F32', shape: [] };
  const names = ['a', 'b', '\uFF5E', '\u{1F600}'];
  const whole = Object.fromEntries(names.map((name) => [name, name === 'b' ? b : a]));

  it('does not depend on sharding, order or metadata', async () => {
    const one = await inMemory({ '/m/model.safetensors': safetensors(whole) });
    const turned = Object.fromEntries(Object.entries(whole).reverse());
    const other = await inMemory({ '/m/model.safetensors': safetensors(turned, { format: 'pt' }) });
    const shards = { 'x-1.safetensors': ['b'], 'x-2.safetensors': names.filter((name) => name !== 'b') };
    const cut = await inMemory({
      '/m/model.safetensors.index.json': indexJson(shards),
      '/m/x-1.safetensors': safetensors({ b }),
      '/m/x-2.safetensors': safetensors({ '\u{1F600}': a, '\uFF5E': a, a }),
    });
    assert.equal(other.sha256, one.sha256);
    assert.equal(cut.sha256, one.sha256);
    // By the definition in docs/hash.md; U+FF5E comes before U+1F600 in UTF-8, but not in UTF-16.
    const lines = names.map((name) => {
      const { dtype, shape, sha256 } = one.tensors.find((each) => each.name === name) ?? assert.fail();
      return `${JSON.stringify([name, dtype, shape, sha256])}\n`;
    });
    assert.equal(one.sha256, createHash('sha256').update(lines.join('')).digest('hex'));
  });

  it('depends on names, dtypes, shapes and bits', async () => {
    const hashes = await Promise.all(
      [{ a }, { c: a }, { a: { ...a, dtype: 'F16' as const } }, { a: { ...a, shape: [3, 2] } }].map(
        async (tensors) => (await inMemory({ '/m/model.safetensors': safetensors(tensors) })).sha256,
      ),
    );
    const bits = { ...a, data: new Uint8Array(12) };
    const other = await inMemory({ '/m/model.safetensors': safetensors({ a: bits }) });
    assert.equal(new Set([...hashes, other.sha256]).size, 5);
  });
});
