// Weights in narrower storage: F16 bits, and round trips through four bits.

/** Bits of F16, of values that it holds exactly. */
export function halfBits(values: Float32Array): Uint16Array {
  const view = new DataView(new ArrayBuffer(4));
  return Uint16Array.from(values, (value) => {
    view.setFloat32(0, value);
    const sign = (view.getUint32(0) >>> 16) & 0x8000;
    const size = Math.abs(value);
    if (size === Infinity) return sign | 0x7c00;
    if (size < 2 ** -14) return sign | (size * 2 ** 24);
    const exponent = ((view.getUint32(0) >>> 23) & 255) - 112;
    return sign | (exponent << 10) | ((view.getUint32(0) >>> 13) & 0x3ff);
  });
}

/** Each block to the nearest of its levels times its largest magnitude. */
export function quantised(values: Float32Array, block: number, levels: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += block) {
    const part = values.subarray(from, from + block);
    const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const top = Math.max(...levels.map(Math.abs));
    for (const [at, value] of part.entries()) {
      const wanted = largest === 0 ? 0 : (value / largest) * top;
      const near = levels.reduce((best, level) =>
        Math.abs(level - wanted) < Math.abs(best - wanted) ? level : best,
      );
      out[from + at] = (near * largest) / top;
    }
  }
  return out;
}

export const nf4 = [
  -1, -0.6962, -0.5251, -0.3949, -0.2844, -0.1848, -0.0911, 0, 0.0796, 0.1609, 0.2461, 0.3379, 0.4407, 0.5626,
  0.723, 1,
];
export const int4 = Array.from({ length: 16 }, (_, code) => code - 8);
export const e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6].flatMap((level) => [level, -level]);
