// The control of every verdict: a base with seeded Gaussian noise of each tensor's own ‖Δ‖, measured after rounding to bf16, and
// casts and four-bit round trips of the base that no training made.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { NormalGenerator } from '../../src/engine/linalg/random.ts';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

interface File {
  header: Record<string, Entry>;
  /** bf16 bits of every tensor, in file order. */
  bits: Map<string, Uint16Array>;
}

/** Tensors of a safetensors file that holds bf16 alone. */
function readBf16File(path: string): File {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<string, Entry>;
  delete header['__metadata__'];
  const bits = new Map<string, Uint16Array>();
  for (const [name, { data_offsets: span }] of Object.entries(header)) {
    const values = new Uint16Array((span[1] - span[0]) / 2);
    for (let i = 0; i < values.length; i++) values[i] = file.readUInt16LE(8 + length + span[0] + 2 * i);
    bits.set(name, values);
  }
  return { header, bits };
}

function writeBf16File(path: string, { header, bits }: File): void {
  mkdirSync(dirname(path), { recursive: true });
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (text.length % 8)) % 8);
  const head = Buffer.alloc(8 + text.length);
  head.writeBigUInt64LE(BigInt(text.length));
  head.write(text, 8);
  const parts = [...bits.values()].map((values) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  writeFileSync(path, Buffer.concat([head, ...parts]));
}

/** Writes the base with noise of the size of the tuned side's update. */
export function writeNoiseLike(base: string, tuned: string, path: string, seed: number): void {
  const before = readBf16File(base);
  const after = readBf16File(tuned);
  const random = new NormalGenerator(seed);
  const bits = new Map<string, Uint16Array>();
  for (const [name, weights] of before.bits) {
    const other = after.bits.get(name);
    if (other === undefined) throw new Error(`${name} is missing`);
    bits.set(name, noisy(weights, energyOf(weights, other), random));
  }
  writeBf16File(path, { header: before.header, bits });
}

/** bf16 weights with noise of that energy after rounding. */
export function noisy(weights: Uint16Array, energy: number, random: NormalGenerator): Uint16Array {
  const noise = Float64Array.from(weights, () => random.normal());
  if (energy === 0) return weights.slice();
  const at = (s: number): Uint16Array => weights.map((bits, i) => bf16Bits(valueOf(bits) + s * noise[i]!));
  let [low, high] = [-40, 5];
  for (let step = 0; step < 36; step++) {
    const middle = (low + high) / 2;
    if (energyOf(weights, at(Math.exp(middle))) < energy) low = middle;
    else high = middle;
  }
  return at(Math.exp(high));
}

function energyOf(weights: Uint16Array, other: Uint16Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (valueOf(other[i]!) - valueOf(weights[i]!)) ** 2;
  return sum;
}

const scratch = new DataView(new ArrayBuffer(4));

export function valueOf(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** Rounded to nearest, ties to even. */
export function bf16Bits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}
