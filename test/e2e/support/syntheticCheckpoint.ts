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
  return safetensors(header, Buffer.alloc(count * 4));
}

/** The file of a header and its data. */
function safetensors(header: Record<string, Entry>, data: Uint8Array): Uint8Array {
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8, ' '));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

/** A pair whose matrices take the engine many seconds on any machine: nothing about it converges early. */
export function heavyPair(): { base: Uint8Array; tuned: Uint8Array } {
  const side = 1536;
  const count = 12;
  const header: Record<string, Entry> = {};
  const bytes = side * side * 4;
  for (let index = 0; index < count; index += 1) {
    header[`model.layers.${index}.mlp.up_proj.weight`] = {
      dtype: 'F32',
      shape: [side, side],
      data_offsets: [index * bytes, (index + 1) * bytes],
    };
  }
  const base = noise(side * side * count, 1);
  const change = noise(side * side * count, 2);
  const tuned = base.map((value, index) => value + 1e-3 * (change[index] ?? 0));
  return {
    base: safetensors(header, new Uint8Array(base.buffer)),
    tuned: safetensors(header, new Uint8Array(tuned.buffer)),
  };
}

/** Uniform in ±1/64 by a linear congruential generator, the same on every machine. */
function noise(length: number, seed: number): Float32Array {
  const values = new Float32Array(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    values[index] = (state / 2 ** 32 - 0.5) / 32;
  }
  return values;
}

/** Two shards with an index; the second was cut short. */
export function brokenShards(): [string, string | Uint8Array][] {
  const side = 64;
  const bytes = side * side * 4;
  const shard = (name: string, seed: number): Uint8Array => {
    const header: Record<string, Entry> = {
      [name]: { dtype: 'F32', shape: [side, side], data_offsets: [0, bytes] },
    };
    return safetensors(header, new Uint8Array(noise(side * side, seed).buffer));
  };
  const [whole, cut] = ['model.layers.0.mlp.up_proj.weight', 'model.layers.1.mlp.up_proj.weight'];
  const files = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const index = { metadata: { total_size: 2 * bytes }, weight_map: { [whole]: files[0], [cut]: files[1] } };
  return [
    [files[0] ?? '', shard(whole, 1)],
    [files[1] ?? '', shard(cut, 2).subarray(0, -1000)],
    ['model.safetensors.index.json', JSON.stringify(index)],
  ];
}
