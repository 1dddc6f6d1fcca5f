// Matrices from an integer hash, the same bits as test/fixtures/geometry/generate.py makes.

/** (-1, 1), rows × columns. */
export function uniformMatrix(rows: number, columns: number, seed: number): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let h = (Math.imul(i, 374_761_393) + Math.imul(j, 668_265_263) + Math.imul(seed, 2_246_822_519)) >>> 0;
      h = Math.imul(h ^ (h >>> 13), 1_274_126_177) >>> 0;
      h = Math.imul(h ^ (h >>> 16), 2_654_435_761) >>> 0;
      h = (h ^ (h >>> 15)) >>> 0;
      result[i * columns + j] = h / 2_147_483_648 - 1;
    }
  }
  return result;
}

function roundToBf16(values: Float64Array): Float32Array {
  const result = new Float32Array(values);
  const bits = new Uint32Array(result.buffer);
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!;
    bits[i] = (value + 0x7fff + ((value >>> 16) & 1)) & 0xffff0000;
  }
  return result;
}

/** A slow bulk with a heavy head, as in real weights, rounded to bf16. */
export function hashWeights(rows: number, columns: number, seed: number): Float32Array {
  const result = uniformMatrix(rows, columns, seed).map((value) => 0.03 * value);
  const head = Math.floor(Math.min(rows, columns) / 16);
  const u = uniformMatrix(rows, head, seed + 1);
  const v = uniformMatrix(head, columns, seed + 2);
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < head; c++) {
      const factor = (u[i * head + c]! * 0.2) / Math.sqrt(c + 1);
      for (let j = 0; j < columns; j++) result[i * columns + j]! += factor * v[c * columns + j]!;
    }
  }
  return roundToBf16(result);
}

/** One bf16 step up or down on about `share` of the elements, more often on small ones. */
export function stepWeights(
  weights: Float32Array,
  rows: number,
  columns: number,
  share: number,
  seed: number,
): Float32Array {
  const magnitudes = weights.map(Math.abs).sort();
  const middle = magnitudes.length / 2;
  const median = (magnitudes[middle - 1]! + magnitudes[middle]!) / 2;
  const choice = uniformMatrix(rows, columns, seed);
  const direction = uniformMatrix(rows, columns, seed + 1);
  const result = weights.slice();
  const bits = new Uint32Array(result.buffer);
  for (let i = 0; i < bits.length; i++) {
    const small = Math.abs(weights[i]!) < median;
    if (!(choice[i]! < 2 * share * (small ? 1.5 : 0.5) - 1)) continue;
    bits[i]! += direction[i]! < 0 ? 0x10000 : -0x10000;
  }
  return result;
}
