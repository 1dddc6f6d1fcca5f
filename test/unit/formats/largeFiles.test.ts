// Size: only the header of a huge file is read, and a header of 100 000 tensors is no trouble.
import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ByteSource, FileSystem } from '../../../src/engine/files/fileSystem.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { withHeader } from '../checkpoint/support/safetensorsBytes.ts';

describe('large checkpoints', () => {
  it('opens a sparse file of 9.6 GB by its header alone, and reads at its far end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'three-gate-sparse-'));
    try {
      const path = join(folder, 'model.safetensors');
      const bytes = 1_200_000_000 * 8;
      const header = withHeader(
        `{"w":{"dtype":"F64","shape":[1200000000],"data_offsets":[0,${bytes}]},"end":{"dtype":"U8","shape":[3],"data_offsets":[${bytes},${bytes + 3}]}}`,
      );
      const file = openSync(path, 'w');
      writeSync(file, header);
      ftruncateSync(file, header.length + bytes + 3);
      writeSync(file, Uint8Array.of(7, 8, 9), 0, 3, header.length + bytes);
      closeSync(file);
      const counter = countingReads(nodeFileSystem);
      const { tensors, info } = await openCheckpoint(counter.fileSystem, path);
      assert.equal(info.bytes, header.length + bytes + 3);
      assert.ok(counter.bytes() < 2000, `${counter.bytes()} bytes were read`);
      const end = tensors.get('end');
      assert.ok(end && end.offset > 2 ** 33);
      const source = await nodeFileSystem.open(path);
      const data = new Uint8Array(end.bytes);
      await source.read(end.offset, data);
      await source.close();
      assert.deepEqual([...data], [7, 8, 9]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('opens and pairs 100 000 tensors', async () => {
    const count = 100_000;
    const entries = Array.from({ length: count }, (_, index) => {
      const name = `model.layers.${index % 61}.mlp.experts.${Math.floor(index / 61)}.up_proj.weight`;
      return `"${name}":{"dtype":"BF16","shape":[2,3],"data_offsets":[${index * 12},${index * 12 + 12}]}`;
    });
    const file = withHeader(`{${entries.join(',')}}`, count * 12);
    const system = memoryFileSystem({ '/a/model.safetensors': file, '/b/model.safetensors': file });
    const base = await openCheckpoint(system, '/a');
    const pairing = pairCheckpoints(base, await openCheckpoint(system, '/b'));
    assert.equal(base.info.tensors, count);
    assert.equal(pairing.pairs.length, count);
    assert.equal(pairing.pairs[1]?.name, 'model.layers.0.mlp.experts.1.up_proj.weight');
    assert.equal(pairing.pairs[count - 1]?.layer, 60);
  });
});

function countingReads(fileSystem: FileSystem): { fileSystem: FileSystem; bytes: () => number } {
  let bytes = 0;
  const open = async (path: string): Promise<ByteSource> => {
    const source = await fileSystem.open(path);
    return {
      path: source.path,
      size: source.size,
      read: (offset, target) => {
        bytes += target.length;
        return source.read(offset, target);
      },
      close: () => source.close(),
    };
  };
  return { fileSystem: { ...fileSystem, open }, bytes: () => bytes };
}
