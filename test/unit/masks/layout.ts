// A safetensors file read by the format's layout rules and nothing else: what is not exactly so fails.
import assert from 'node:assert/strict';

export interface Layout {
  metadata: Record<string, string>;
  tensors: Map<string, { dtype: string; shape: number[]; bytes: Buffer }>;
}

const widths: Record<string, number> = { BOOL: 1, U8: 1, BF16: 2, F16: 2, F32: 4, F64: 8, I32: 4 };

export function readLayout(file: Buffer): Layout {
  const headerBytes = Number(file.readBigUInt64LE(0));
  assert.equal(headerBytes % 8, 0, 'the data begins on eight bytes');
  assert.ok(8 + headerBytes <= file.length);
  const text = file.toString('utf8', 8, 8 + headerBytes);
  assert.equal(text[0], '{');
  assert.match(text, /\} *$/, 'padded with spaces');
  const header = JSON.parse(text) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const metadata = (header['__metadata__'] ?? {}) as unknown as Record<string, string>;
  for (const value of Object.values(metadata)) assert.equal(typeof value, 'string');
  let end = 0;
  const tensors: Layout['tensors'] = new Map();
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [from, to],
    },
  ] of entries) {
    const width = widths[dtype];
    assert.ok(width !== undefined, dtype);
    assert.equal(from, end, `${name} begins where the one before it ends`);
    assert.equal(to - from, width * shape.reduce((product, size) => product * size, 1), name);
    end = to;
    tensors.set(name, { dtype, shape, bytes: file.subarray(8 + headerBytes + from, 8 + headerBytes + to) });
  }
  assert.equal(8 + headerBytes + end, file.length, 'nothing follows the last tensor');
  return { metadata, tensors };
}
