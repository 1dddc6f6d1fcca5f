// Several tuned sides in one pass: the counts and sums of the definition, for every dtype and any shape; and every byte of
// the base and of each side read once.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import { gridOf } from '../../../src/engine/kernels/chunkPlan.ts';
import type { JointCounts } from '../../../src/engine/kernels/jointSpec.ts';
import type { JointStreamer } from '../../../src/engine/kernels/jointStreamer.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { allHere } from '../../support/allHere.ts';
import { seeded } from '../../support/random.ts';
import { referenceCounts } from './jointReference.ts';
import { assertClose, dist, pairOf, scratchFolder, writeTensor } from './streamed.ts';

const { path: folder, remove } = scratchFolder();
const signal = new AbortController().signal;
type Dtype = 'BF16' | 'F32' | 'F64';

function join(
  streamer: JointStreamer,
  base: StoredTensor,
  sides: StoredTensor[],
  eta = 1e-3,
): Promise<JointCounts> {
  const pairs = sides.map((side) => pairOf(base, side));
  const samples = Float64Array.from([0, Math.floor(base.elements / 2), base.elements - 1]);
  const updates = sides.map(() => null);
  return streamer.streamJoint({ pairs, shape: base.shape, updates, samples }, eta, signal);
}

/** Values as they are stored, and the bytes. */
function stored(
  values: Float64Array,
  dtype: Dtype,
): { values: Float32Array | Float64Array; bytes: Uint8Array } {
  if (dtype === 'F64') return { values, bytes: new Uint8Array(values.buffer) };
  const single = Float32Array.from(values);
  if (dtype === 'F32') return { values: single, bytes: new Uint8Array(single.buffer) };
  const words = Uint16Array.from(new Uint32Array(single.buffer), (bits) => bits >>> 16);
  const kept = new Float32Array(Uint32Array.from(words, (bits) => bits << 16).buffer);
  return { values: kept, bytes: new Uint8Array(words.buffer) };
}

/** Weights that training moved a little, some of them zero, tiny, infinite or no number. */
function draw(elements: number, sides: number, strange: boolean): Float64Array[] {
  const generator = seeded(elements + sides);
  const next = (): number => generator.next();
  const integer = (below: number): number => generator.integer(below);
  const base = Float64Array.from({ length: elements }, () => 0.04 * (next() + next() - 1));
  const tuned = Array.from({ length: sides }, () =>
    base.map((value) => (next() < 0.5 ? value : value * (1 + 0.02 * (next() - 0.5)))),
  );
  const odd = [0, -0, 1e-39, -3e-40, Infinity, NaN, 1e30, 3.3999e38];
  for (let i = 0; strange && i < elements / 50; i++) {
    for (const side of [base, ...tuned]) side[integer(elements)] = odd[integer(odd.length)] ?? 0;
  }
  return [base, ...tuned];
}

const cases: { shape: number[]; dtypes: Dtype[]; strange: boolean; eta?: number }[] = [
  { shape: [64, 48], dtypes: ['BF16', 'BF16', 'BF16'], strange: false },
  { shape: [37, 53], dtypes: ['BF16', 'BF16', 'BF16', 'BF16'], strange: true },
  { shape: [300, 5], dtypes: ['BF16', 'F32', 'F64', 'BF16'], strange: true },
  { shape: [1000], dtypes: ['BF16', 'BF16', 'BF16'], strange: true },
  { shape: [29, 70], dtypes: ['F32', 'F32', 'BF16'], strange: true, eta: 0.01 },
  { shape: [21, 64], dtypes: ['F64', 'F64', 'F32', 'BF16'], strange: true },
  { shape: [1, 1], dtypes: ['BF16', 'BF16'], strange: false },
  { shape: [70_000, 4], dtypes: ['BF16', 'BF16', 'BF16'], strange: false },
  { shape: [16, 24], dtypes: Array.from({ length: 41 }, (): Dtype => 'BF16'), strange: true },
];

describe('several tuned sides in one pass', () => {
  let streamer: JointStreamer;
  before(async () => {
    streamer = await createWorkerStreamer({ bytes: allHere, threads: 2, folder: dist });
  });
  after(async () => {
    await streamer.close();
    remove();
  });

  for (const { shape, dtypes, strange, eta = 1e-3 } of cases) {
    it(`are counted as defined: [${shape.join(', ')}], ${dtypes.length} sides of ${[...new Set(dtypes)].join(', ')}`, async () => {
      const elements = shape.reduce((product, size) => product * size, 1);
      const drawn = draw(elements, dtypes.length - 1, strange);
      const made = drawn.map((values, at) => stored(values, dtypes[at] ?? 'BF16'));
      const [base, ...sides] = made.map(({ bytes }, at) =>
        writeTensor(folder, `side-${at}`, dtypes[at] ?? 'BF16', shape, bytes),
      );
      const found = await join(streamer, base ?? assert.fail(), sides, eta);
      const { rows, columns } = gridOf(shape);
      const [own, ...others] = made.map(({ values }) => values);
      const wanted = referenceCounts(own ?? assert.fail(), others, rows, columns, eta);
      assert.deepEqual([found.compared, found.nonFinite], [wanted.compared, wanted.nonFinite]);
      assert.deepEqual([found.byRuns, found.both], [wanted.byRuns, wanted.both]);
      if (shape.length > 1) {
        assert.deepEqual([found.rowChanged, found.columnChanged], [wanted.rowChanged, wanted.columnChanged]);
      }
      for (const name of ['products', 'squares'] as const) {
        const scale = wanted[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        for (const [at, value] of wanted[name].entries()) {
          const error = Math.abs((found[name][at] ?? NaN) - value);
          assert.ok(error <= 1e-13 * scale, `${name} ${at}: off by ${error} of ${scale}`);
        }
      }
      const positions = [0, Math.floor(elements / 2), elements - 1];
      const values = positions.flatMap((position) => made.map((side) => side.values[position] ?? NaN));
      assert.deepEqual([...found.samples], values);
    });
  }

  it('are each read once, and the base once for all of them', async () => {
    const shape = [1024, 2048];
    const made = draw(shape[0]! * shape[1]!, 3, false).map((values, at) =>
      writeTensor(folder, `whole-${at}`, 'BF16', shape, stored(values, 'BF16').bytes),
    );
    const [base, ...sides] = made;
    const declared = streamer.bytesRead;
    const before = readByThisProcess();
    await join(streamer, base ?? assert.fail(), sides);
    const bytes = made.reduce((sum, side) => sum + side.bytes, 0);
    assert.equal(streamer.bytesRead - declared, bytes);
    if (before === null) return;
    const read = (readByThisProcess() ?? 0) - before;
    assert.ok(read >= bytes && read < 1.02 * bytes, `${read} bytes read of ${bytes}`);
  });

  it('do not depend on the number of workers', async () => {
    const shape = [2100, 2048];
    const [base, ...sides] = draw(shape[0]! * shape[1]!, 2, true).map((values, at) =>
      writeTensor(folder, `threads-${at}`, 'BF16', shape, stored(values, 'BF16').bytes),
    );
    const alone = await createWorkerStreamer({ bytes: allHere, threads: 1, folder: dist });
    const one = await join(alone, base ?? assert.fail(), sides);
    await alone.close();
    assert.deepEqual(await join(streamer, base ?? assert.fail(), sides), one);
    assertClose(one.compared + one.nonFinite, shape[0]! * shape[1]!, 'elements', 0);
  });
});

/** Bytes that system calls of this process have read so far; null where the system does not count them. */
function readByThisProcess(): number | null {
  try {
    const line = /rchar: (\d+)/u.exec(readFileSync('/proc/self/io', 'utf8'));
    return line === null ? null : Number(line[1]);
  } catch {
    return null;
  }
}
