// Checkpoints made in memory, for what the fixtures do not show.

interface Entry {
  dtype: 'F32' | 'BF16';
  shape: number[];
  data_offsets: [number, number];
}

/** A .safetensors file of many scalars in layers, as a mixture-of-experts model has them. */
export function manyTensors(count: number): Uint8Array {
  const header: Record<string, Entry> = {};
  for (let index = 0; index < count; index += 1) {
    const name = `model.layers.${Math.floor(index / 1000)}.mlp.experts.${index % 1000}.scale`;
    header[name] = { dtype: 'F32', shape: [1], data_offsets: [index * 4, index * 4 + 4] };
  }
  return safetensors(header, count * 4);
}

export function safetensors(header: Record<string, Entry>, bytes: number): Uint8Array {
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8, ' '));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(bytes)]);
}
