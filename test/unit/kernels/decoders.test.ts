// The SIMD decoders against the scalar ones, which are held to numpy: every code of every small dtype, in every lane and up
// to every end, and scales over blocks that no lane width divides.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { applyScales, decodeToFloat64 } from '../../../src/engine/checkpoint/decode.ts';
import { Kernels } from '../../../src/engine/kernels/kernels.ts';
import { floatStorage } from '../../../src/engine/kernels/storage.ts';
import { dist } from './streamed.ts';

const kernels = new Kernels(new WebAssembly.Module(readFileSync(join(dist, 'kernels.wasm'))));

describe('SIMD decoders', () => {
  for (const dtype of ['BF16', 'F16', 'F8_E5M2', 'F8_E4M3'] as const) {
    const { width, decode } = floatStorage[dtype];
    it(`decode every ${dtype}`, () => {
      assert.ok(decode !== null);
      const codes = 256 ** width;
      const stored =
        width === 2
          ? new Uint8Array(Uint16Array.from({ length: codes }, (_, i) => i).buffer)
          : Uint8Array.from({ length: codes }, (_, i) => i);
      const wanted = Float32Array.from(decodeToFloat64(dtype, stored));
      const source = kernels.region(stored.length + 16);
      const target = kernels.region(4 * codes + 16);
      for (let skipped = 0; skipped < 9; skipped++) {
        // Odd places, as in a file; the element behind the last must stay.
        const [from, to] = [source.at + 1 + skipped, target.at + skipped];
        const elements = codes - skipped;
        kernels.bytes(from, elements * width).set(stored.subarray(skipped * width));
        kernels.bytes(to + 4 * elements, 4).fill(0xab);
        kernels.run[decode](from, to, elements);
        const decoded = kernels.bytes(to, 4 * elements + 4).slice();
        const values = new Float32Array(decoded.buffer, 0, elements);
        const wrong = values.findIndex((value, i) => !Object.is(value, wanted[skipped + i]));
        assert.equal(wrong, -1, `code ${skipped + wrong}: ${values[wrong]}`);
        assert.deepEqual([...decoded.subarray(-4)], [0xab, 0xab, 0xab, 0xab]);
      }
    });
  }

  it('multiply by the scale of each block', () => {
    const layout = { blockRows: 3, blockColumns: 7, scaleRows: 2, scaleColumns: 5, matrixRows: 5 };
    const [rows, columns, firstRow] = [9, 33, 1];
    const scales = Float32Array.from({ length: 2 * 2 * 5 }, (_, i) => 1 + i / 8);
    const values = Float32Array.from({ length: rows * columns }, (_, i) => i - 100);
    const wanted = Float64Array.from(values);
    applyScales(wanted, columns, firstRow, scales, layout);
    for (const firstColumn of [0, 2, 7, 13]) {
      const width = columns - firstColumn;
      const at = kernels.region(4 * rows * width).at;
      const scalesAt = kernels.region(4 * scales.length).at;
      const inBlock = (_: number, i: number): number =>
        Math.floor(i / width) * columns + firstColumn + (i % width);
      const picked = Float32Array.from({ length: rows * width }, inBlock);
      kernels.float32(scalesAt, scales.length).set(scales);
      kernels.float32(at, picked.length).set(picked.map((i) => values[i]!));
      const place = [rows, width, firstRow, firstColumn] as const;
      const { scaleColumns, blockRows, blockColumns, scaleRows, matrixRows } = layout;
      kernels.run.applyScales(
        at,
        ...place,
        scalesAt,
        ...([scaleColumns, blockRows, blockColumns, scaleRows, matrixRows] as const),
      );
      assert.deepEqual(
        [...kernels.float32(at, picked.length)],
        [...picked].map((i) => wanted[i]),
      );
    }
  });
});
