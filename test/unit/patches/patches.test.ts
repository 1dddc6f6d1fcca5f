// Patches in memory: what comes out is what was tuned, byte by byte, for every dtype and cut into files; and what is not the base, or
// not the patch that was written, is refused by name with nothing written.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { applyPatch } from '../../../src/engine/patches/applyPatch.ts';
import type { PatchPorts } from '../../../src/engine/patches/ports.ts';
import { writePatch } from '../../../src/engine/patches/writePatch.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { memoryFileSystem, type MemoryFiles } from '../checkpoint/support/memoryFileSystem.ts';
import { counting, indexJson, safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';
import { readLayout } from '../masks/layout.ts';

type Tensors = Record<string, TensorSpec>;

interface World {
  ports: PatchPorts;
  /** Of committed files. */
  written: Map<string, Uint8Array>;
  opened: number;
  discarded: number;
}

function world(files: MemoryFiles): World {
  const found: World = { written: new Map(), opened: 0, discarded: 0, ports: null as never };
  found.ports = {
    files: memoryFileSystem(files),
    openHash: () => {
      const hash = createHash('sha256');
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    onBytes: () => undefined,
    expect: () => undefined,
    signal: new AbortController().signal,
    version: '0',
    makeFolder: () => Promise.resolve(),
    openOutput: (path) => {
      found.opened += 1;
      let content = new Uint8Array();
      return Promise.resolve({
        write(offset, bytes) {
          const grown = new Uint8Array(Math.max(content.length, offset + bytes.length));
          grown.set(content);
          grown.set(bytes, offset);
          content = grown;
          return Promise.resolve();
        },
        commit: () => Promise.resolve(void found.written.set(path, content)),
        discard: () => {
          found.discarded += 1;
          return Promise.resolve();
        },
      });
    },
  };
  return found;
}

async function patchOf(files: MemoryFiles): Promise<Uint8Array> {
  const made = world(files);
  const { files: system } = made.ports;
  const [base, tuned] = [await openCheckpoint(system, '/base'), await openCheckpoint(system, '/tuned')];
  const { bytes } = await writePatch(base, tuned, '/p.safetensors', made.ports);
  const patch = made.written.get('/p.safetensors') ?? assert.fail('no patch');
  assert.equal(patch.length, bytes);
  return patch;
}

/** The files that come out, by their path below the folder. */
async function applied(
  files: MemoryFiles,
  patch: Uint8Array,
  out = '/out',
): Promise<Map<string, Uint8Array>> {
  const made = world({ ...files, '/p.safetensors': patch });
  const base = await openCheckpoint(made.ports.files, '/base');
  await applyPatch(base, '/p.safetensors', out, made.ports);
  return new Map([...made.written].map(([path, bytes]) => [posix.relative(out, path), bytes]));
}

async function refused(files: MemoryFiles, patch: Uint8Array, out?: string): Promise<ThreeGateError> {
  const made = world({ ...files, '/p.safetensors': patch });
  const base = await openCheckpoint(made.ports.files, '/base');
  const thrown: unknown = await applyPatch(base, '/p.safetensors', out ?? '/out', made.ports).then(
    () => assert.fail('it was applied'),
    (error: unknown) => error,
  );
  assert.equal(made.written.size, 0, 'something was written');
  assert.equal(made.discarded, made.opened);
  return thrown instanceof ThreeGateError ? thrown : assert.fail(String(thrown));
}

const folder = (name: string, tensors: Tensors, metadata?: Record<string, string>): MemoryFiles => ({
  [`/${name}/model.safetensors`]: safetensors(tensors, metadata),
});

/** The same bytes with a few of them other ones. */
function touched(bytes: number, ...at: number[]): Uint8Array {
  const data = counting(bytes);
  for (const place of at) data[place] = (data[place] ?? 0) ^ 0x81;
  return data;
}

function roundTrip(what: string, files: MemoryFiles, expected: string[]): void {
  it(`comes out byte by byte: ${what}`, async () => {
    const out = await applied(files, await patchOf(files));
    assert.deepEqual([...out.keys()].sort(), expected.sort());
    for (const [path, bytes] of out) {
      const own = files[`/tuned/${path}`];
      assert.deepEqual(Buffer.from(bytes), Buffer.from(own ?? assert.fail(path)), path);
    }
  });
}

describe('a tuned checkpoint', () => {
  const wide: [DtypeName, number][] = [
    ['BF16', 2],
    ['F16', 2],
    ['F32', 4],
    ['F64', 8],
    ['F8_E4M3', 1],
    ['F8_E5M2', 1],
    ['I64', 8],
    ['BOOL', 1],
  ];
  for (const [dtype, width] of wide) {
    const shape = [5, 20];
    const data = touched(100 * width, 0, 7, 99 * width);
    roundTrip(
      dtype,
      { ...folder('base', { w: { dtype, shape } }), ...folder('tuned', { w: { dtype, shape, data } }) },
      ['model.safetensors'],
    );
  }

  const both: Tensors = { a: { dtype: 'BF16', shape: [50] }, scalar: { dtype: 'F32', shape: [] } };
  roundTrip(
    'elements narrower than a byte, empty tensors, other dtypes and shapes, tensors of one side alone, odd names',
    {
      ...folder('base', { ...both, gone: { dtype: 'F32', shape: [3] }, cast: { dtype: 'BF16', shape: [6] } }),
      ...folder(
        'tuned',
        {
          four: { dtype: 'F4', shape: [8] },
          new: { dtype: 'F16', shape: [2, 2] },
          cast: { dtype: 'F32', shape: [6] },
          none: { dtype: 'BF16', shape: [0, 4] },
          'a.indices': { dtype: 'U8', shape: [3] },
          '12': { dtype: 'U8', shape: [1] },
          a: { dtype: 'BF16', shape: [50], data: touched(100, 50) },
          scalar: { dtype: 'F32', shape: [] },
        },
        { note: 'ü "quoted"' },
      ),
    },
    ['model.safetensors'],
  );

  const shards = { 'm-1.safetensors': ['b'], 'm-2.safetensors': ['a'] };
  roundTrip(
    'in shards, of a base in one file',
    {
      ...folder('base', { a: { dtype: 'BF16', shape: [50] }, b: { dtype: 'BF16', shape: [50] } }),
      '/tuned/m-1.safetensors': safetensors({ b: { dtype: 'BF16', shape: [50], data: touched(100, 9) } }),
      '/tuned/m-2.safetensors': safetensors({ a: { dtype: 'BF16', shape: [50] } }),
      '/tuned/model.safetensors.index.json': indexJson(shards),
    },
    ['m-1.safetensors', 'm-2.safetensors', 'model.safetensors.index.json'],
  );
});

describe('a patch', () => {
  const data = touched(400, 6, 7, 300);
  const files = {
    ...folder('base', { w: { dtype: 'BF16', shape: [10, 20] }, same: { dtype: 'F32', shape: [4] } }),
    ...folder('tuned', { w: { dtype: 'BF16', shape: [10, 20], data }, same: { dtype: 'F32', shape: [4] } }),
  };

  it('holds flat indices and values of what changed, and hashes of all', async () => {
    const { tensors, metadata } = readLayout(Buffer.from(await patchOf(files)));
    assert.deepEqual([...tensors.keys()], ['w.indices', 'w.values']);
    assert.deepEqual(tensors.get('w.indices')?.bytes.readInt32LE(4), 150);
    assert.deepEqual(
      tensors.get('w.values')?.bytes,
      Buffer.from([...data.subarray(6, 8), ...data.subarray(300, 302)]),
    );
    const told = JSON.parse(metadata['tensors'] ?? '') as unknown[][];
    const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual(told, [
      ['same', 'equal', sha(counting(16)), sha(counting(16))],
      ['w', 'sparse', sha(counting(400)), sha(data)],
    ]);
  });

  it('is whole where indices would take more', async () => {
    const dense = folder('tuned', { w: { dtype: 'BF16', shape: [10, 20], data: new Uint8Array(400) } });
    const { tensors } = readLayout(Buffer.from(await patchOf({ ...files, ...dense })));
    assert.deepEqual([...tensors.keys()], ['w']);
  });

  it('refuses another base by the tensor that differs', async () => {
    const patch = await patchOf(files);
    for (const [other, why] of [
      [{ w: { dtype: 'BF16', shape: [10, 20], data: touched(400, 1) } }, /w holds other bits/],
      [{ w: { dtype: 'F16', shape: [10, 20] } }, /w has another form/],
      [{ v: { dtype: 'BF16', shape: [10, 20] } }, /w is missing/],
    ] as [Tensors, RegExp][]) {
      const base = folder('base', { same: { dtype: 'F32', shape: [4] }, ...other });
      const { problem } = await refused({ ...files, ...base }, patch);
      assert.deepEqual([problem.code, problem.tensor], ['wrong-base', 'w']);
      assert.match(problem.message, why);
    }
  });

  it('that is damaged is refused', async () => {
    const patch = await patchOf(files);
    const end = patch.length;
    // Values lie at the end, indices before them.
    for (const at of [end - 1, end - 5, end - 12]) {
      const broken = patch.slice();
      broken[at] = (broken[at] ?? 0) ^ 0x40;
      const { problem } = await refused(files, broken);
      assert.equal(problem.tensor, 'w');
      assert.match(problem.message, /damaged/);
    }
    const text = Buffer.from(patch).toString('latin1');
    const elsewhere = Buffer.from(text.replace('model.safetensors', '../el.safetensors'), 'latin1');
    assert.match((await refused(files, elsewhere)).message, /not a file inside a folder/);
    const model = safetensors({ w: { dtype: 'BF16', shape: [2] } });
    assert.match((await refused(files, model)).message, /is no patch/);
  });

  it('never overwrites its base', async () => {
    assert.equal((await refused(files, await patchOf(files), '/base')).problem.code, 'usage');
  });

  it('is not made of a checkpoint that cannot be read whole', async () => {
    const cut = safetensors({ w: { dtype: 'BF16', shape: [10, 20] }, z: { dtype: 'F32', shape: [4] } }).slice(
      0,
      -4,
    );
    await assert.rejects(patchOf({ ...files, '/tuned/model.safetensors': cut }), /truncated/);
  });
});
