// Two float32 matrices of bf16 values as the streaming pass packs them.

export function packPair(base: Float32Array, tuned: Float32Array): Uint32Array {
  const bits = [base, tuned].map(
    ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length),
  );
  return Uint32Array.from(base, (_, i) => ((bits[1]?.[i] ?? 0) & 0xffff0000) | ((bits[0]?.[i] ?? 0) >>> 16));
}
