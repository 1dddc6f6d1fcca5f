// "Changed" between two values given by the bits of their bf16 view (arXiv 2511.08567, Def. 2.1):
// |ŵ − w| > η·max(|w|, |ŵ|).

export function isNonFinite(bits: number): boolean {
  return (bits & 0x7f80) === 0x7f80;
}

/** For bits that differ: whether their values do by more than η allows. */
export function changedBits(eta: number): (base: number, tuned: number) => boolean {
  // Normal values that differ at all do so by at least 2⁻⁸ of the larger; for the others the formula is asked.
  const normalsDiffer = eta < 2 ** -8;
  const values = new Float32Array(2);
  const bits = new Uint32Array(values.buffer);
  return (base, tuned) => {
    if (normalsDiffer && (base & 0x7f80) !== 0 && (tuned & 0x7f80) !== 0) return true;
    bits[0] = base << 16;
    bits[1] = tuned << 16;
    const [w, v] = [values[0]!, values[1]!];
    return Math.abs(v - w) > eta * Math.max(Math.abs(w), Math.abs(v));
  };
}
