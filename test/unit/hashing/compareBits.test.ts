// Two checkpoints bit by bit: what counts as different, which element is named, and with which values.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareBits } from '../../../src/engine/hashing/compareBits.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { counting, safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';

type Tensors = Record<string, TensorSpec>;

async function compared(base: Tensors, tuned: Tensors): ReturnType<typeof compareBits> {
  const files = memoryFileSystem({
    '/base/model.safetensors': safetensors(base),
    '/tuned/model.safetensors': safetensors(tuned),
  });
  const ports = { files, onBytes: () => undefined, signal: new AbortController().signal };
  return compareBits(await openCheckpoint(files, '/base'), await openCheckpoint(files, '/tuned'), ports);
}

/** The one sentence on a tensor of a dtype with these bytes on either side. */
async function said(dtype: DtypeName, base: number[], tuned: number[]): Promise<string> {
  const spec = (bytes: number[]): Tensors => ({ w: { dtype, shape: [1], data: Uint8Array.from(bytes) } });
  const { different } = await compared(spec(base), spec(tuned));
  assert.equal(different.length, 1);
  return different[0]?.words ?? '';
}

describe('two checkpoints', () => {
  it('are identical whatever the order of their tensors', async () => {
    const [a, b]: [TensorSpec, TensorSpec] = [
      { dtype: 'BF16', shape: [3, 5] },
      { dtype: 'I64', shape: [] },
    ];
    const { different, equalTensors, equalBytes } = await compared({ a, b }, { b, a });
    assert.deepEqual([different, equalTensors, equalBytes], [[], 2, 38]);
  });

  it('differ in the payload of a NaN and in the sign of zero', async () => {
    assert.equal(
      await said('BF16', [0xc0, 0x7f], [0xc1, 0x7f]),
      'w: element 0 is NaN (0x7fc0) in the base and NaN (0x7fc1) in the tuned.',
    );
    assert.equal(
      await said('F32', [0, 0, 0, 0], [0, 0, 0, 0x80]),
      'w: element 0 is 0 (0x00000000) in the base and -0 (0x80000000) in the tuned.',
    );
  });

  it('are told with the values of integers, booleans, and of dtypes without known values', async () => {
    const minus = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert.match(
      await said('I64', minus, [0, 0, 0, 0, 0, 0, 0, 1]),
      / is -1 \(0xf{16}\) .* 72057594037927936 /,
    );
    assert.match(await said('U16', [0xff, 0xff], [1, 0]), / is 65535 \(0xffff\) .* 1 \(0x0001\) /);
    assert.match(await said('BOOL', [0], [1]), / is false \(0x00\) .* true \(0x01\) /);
    assert.match(await said('F8_E4M3FNUZ', [1], [2]), / is 0x01 in the base and 0x02 in the tuned/);
  });

  it('are told by the first element that differs, beyond the first chunk too', async () => {
    const shape = [3000, 1500];
    const data = counting(9_000_000);
    const other = data.slice();
    const index = 4_400_123;
    other[index * 2 + 1] = (data[index * 2 + 1] ?? 0) ^ 1;
    other[index * 2 + 7] = (data[index * 2 + 7] ?? 0) ^ 1;
    const { different } = await compared(
      { w: { dtype: 'F16', shape, data }, v: { dtype: 'F16', shape, data } },
      { w: { dtype: 'F16', shape, data: other }, v: { dtype: 'F16', shape, data } },
    );
    assert.deepEqual(
      different.map(({ name, element }) => [name, element?.index, element?.position]),
      [['w', index, [Math.floor(index / 1500), index % 1500]]],
    );
  });

  it('differ where a tensor is missing or is of another dtype or shape', async () => {
    const a: TensorSpec = { dtype: 'BF16', shape: [2, 3] };
    const { different } = await compared(
      { a, b: a, c: a },
      { a: { ...a, dtype: 'F16' }, b: { ...a, shape: [3, 2] }, d: a },
    );
    assert.deepEqual(
      different.map(({ words }) => words),
      [
        'a is BF16 2 × 3 in the base and F16 2 × 3 in the tuned.',
        'b is BF16 2 × 3 in the base and BF16 3 × 2 in the tuned.',
        'c is in the base checkpoint alone.',
        'd is in the tuned checkpoint alone.',
      ],
    );
  });
});
