// TensorBoard event files: TFRecord framing around protobuf Event messages, of which only scalars are read.
// A record whose checksum is wrong ends the reading with a problem; one that is cut off is a file still being written.
// Sources: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto, core/framework/{summary,tensor}.proto.
import { problem } from '../../../shared/errors.ts';
import type { ReadLog } from './jsonLogs.ts';
import { maskedCrc32c } from './crc32c.ts';
import type { LogRow } from './series.ts';

const floatType = 1;
const doubleType = 2;

export function readEvents(file: string, bytes: Uint8Array): ReadLog {
  const rows: LogRow[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at, true);
    const end = at + 12 + length;
    const headIsSound =
      view.getUint32(at + 4, true) === 0 &&
      maskedCrc32c(bytes.subarray(at, at + 8)) === view.getUint32(at + 8, true);
    if (!headIsSound) return damaged(file, rows, at);
    if (end + 4 > bytes.length) break;
    const data = bytes.subarray(at + 12, end);
    if (maskedCrc32c(data) !== view.getUint32(end, true)) return damaged(file, rows, at);
    try {
      rows.push(...rowsOf(data));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return damaged(file, rows, at);
    }
    at = end + 4;
  }
  return { table: { file, rows }, problems: [] };
}

function damaged(file: string, rows: LogRow[], at: number): ReadLog {
  const message = `${file}: the record at byte ${at} is damaged; the ${rows.length} values before it were read.`;
  return { table: { file, rows }, problems: [problem('log-unreadable', message, { file })] };
}

interface Field {
  number: number;
  /** Wire types 0 and 5/1 as their value, 2 as its bytes. */
  value: number;
  bytes: Uint8Array;
}

function rowsOf(event: Uint8Array): LogRow[] {
  let step = 0;
  const values: Record<string, number> = {};
  for (const field of fieldsOf(event)) {
    if (field.number === 2) step = field.value;
    if (field.number !== 5) continue;
    for (const entry of fieldsOf(field.bytes)) {
      if (entry.number !== 1) continue;
      const scalar = scalarOf(entry.bytes);
      if (scalar !== null) values[scalar.tag] = scalar.value;
    }
  }
  return Object.keys(values).length === 0 ? [] : [{ step, values }];
}

function scalarOf(summaryValue: Uint8Array): { tag: string; value: number } | null {
  let tag = '';
  let value: number | null = null;
  for (const field of fieldsOf(summaryValue)) {
    if (field.number === 1) tag = new TextDecoder().decode(field.bytes);
    else if (field.number === 2) value = floatAt(field.bytes, 0);
    else if (field.number === 8) value = tensorScalar(field.bytes);
  }
  return value === null || tag === '' ? null : { tag, value };
}

/** A scalar that TensorFlow 2 writes as a tensor; null for text, images and histograms. */
function tensorScalar(tensor: Uint8Array): number | null {
  let type = 0;
  let content: Uint8Array | null = null;
  for (const field of fieldsOf(tensor)) {
    if (field.number === 1) type = field.value;
    // tensor_content, float_val, double_val
    if (field.number === 4 || field.number === 5 || field.number === 6) content = field.bytes;
  }
  if (content === null) return null;
  if (type === floatType && content.length === 4) return floatAt(content, 0);
  return type === doubleType && content.length === 8
    ? new DataView(content.buffer, content.byteOffset, 8).getFloat64(0, true)
    : null;
}

function floatAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat32(offset, true);
}

/** Fields of one message. Throws RangeError where the message is cut off or uses a group. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at];
      if (byte === undefined || shift > 2 ** 63) throw new RangeError('varint');
      at += 1;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > message.length) throw new RangeError('length');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield { number, value: varint(), bytes: message.subarray(0, 0) };
        break;
      case 1:
        yield { number, value: 0, bytes: take(8) };
        break;
      case 2:
        yield { number, value: 0, bytes: take(varint()) };
        break;
      case 5:
        yield { number, value: 0, bytes: take(4) };
        break;
      default:
        throw new RangeError('wire type');
    }
  }
}
