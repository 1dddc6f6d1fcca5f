// Builds safetensors files, good and malformed, from what their header should say.
import { dtypes } from '../../../../src/engine/checkpoint/dtype.ts';
import type { DtypeName } from '../../../../src/engine/checkpoint/dtype.ts';

/** The 8-byte length, the header text (or bytes), then `dataBytes` bytes of data. */
export function withHeader(header: string | Uint8Array, data: number | Uint8Array = 0): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const body = typeof data === 'number' ? counting(data) : data;
  const file = new Uint8Array(8 + json.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(body, 8 + json.length);
  return file;
}

export interface TensorSpec {
  dtype: DtypeName;
  shape: number[];
  /** Counting bytes when left out. */
  data?: Uint8Array;
}

/** A well-formed file of these tensors, in this order. */
export function safetensors(
  tensors: Record<string, TensorSpec>,
  metadata?: Record<string, string>,
): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const bytes = (shape.reduce((product, size) => product * size, 1) * dtypes[dtype].bits) / 8;
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes] };
    parts.push(data ?? counting(bytes));
    offset += bytes;
  }
  return withHeader(JSON.stringify(header), concat(parts));
}

/** An index over shards given as names of tensors by file. */
export function indexJson(shards: Record<string, string[]>): string {
  const entries = Object.entries(shards).flatMap(([file, names]) =>
    names.map((name) => [name, file] as const),
  );
  const weightMap: Record<string, string> = Object.fromEntries(entries);
  return JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap });
}

export function counting(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => index % 251);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
