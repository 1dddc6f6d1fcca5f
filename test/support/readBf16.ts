// The 2-D BF16 tensors of a safetensors file as float32, read naively: an oracle independent of the product's reader.
import { readFileSync } from 'node:fs';

interface PlainMatrix {
  rows: number;
  columns: number;
  data: Float32Array;
}

export function readBf16Matrices(path: string): Map<string, PlainMatrix> {
  const file = readFileSync(path);
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + length)) as Record<
    string,
    { shape?: number[]; data_offsets?: number[] }
  >;
  const result = new Map<string, PlainMatrix>();
  for (const [name, { shape = [], data_offsets: span = [] }] of Object.entries(header)) {
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || columns === undefined) continue;
    const bits = new Uint32Array(rows * columns);
    for (let i = 0; i < bits.length; i++)
      bits[i] = file.readUInt16LE(8 + length + (span[0] ?? 0) + 2 * i) << 16;
    result.set(name, { rows, columns, data: new Float32Array(bits.buffer) });
  }
  return result;
}
