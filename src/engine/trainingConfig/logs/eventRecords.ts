// TensorBoard event files as they are written: TFRecord framing around protobuf Event messages that hold scalars.
// Sources: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto, core/framework/summary.proto.
import { maskedCrc32c } from './crc32c.ts';

/** Field numbers of Event, Summary and Summary.Value. */
const fields = {
  wallTime: 1,
  step: 2,
  fileVersion: 3,
  summary: 5,
  value: 1,
  tag: 1,
  simpleValue: 2,
} as const;
const wireTypes = { varint: 0, eightBytes: 1, bytes: 2, fourBytes: 5 } as const;

/** The record that an event file begins with. @param wallTime seconds since 1970 */
export function headRecord(wallTime: number): Uint8Array {
  const version = lengthOf(fields.fileVersion, new TextEncoder().encode('brain.Event:2'));
  return recordOf(joined([doubleOf(fields.wallTime, wallTime), version]));
}

/**
 * Scalars of one step, as `simple_value`: float32.
 * @param wallTime seconds since 1970
 * @param step a whole number from 0
 */
export function scalarRecord(
  wallTime: number,
  step: number,
  scalars: readonly (readonly [tag: string, value: number])[],
): Uint8Array {
  const values = scalars.map(([tag, value]) =>
    lengthOf(
      fields.value,
      joined([lengthOf(fields.tag, new TextEncoder().encode(tag)), floatOf(fields.simpleValue, value)]),
    ),
  );
  const stepField = joined([keyOf(fields.step, wireTypes.varint), varint(step)]);
  const summary = lengthOf(fields.summary, joined(values));
  return recordOf(joined([doubleOf(fields.wallTime, wallTime), stepField, summary]));
}

/** Length as uint64, its checksum, the data, its checksum; little-endian. */
function recordOf(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return joined([length, uint32(maskedCrc32c(length)), data, uint32(maskedCrc32c(data))]);
}

function doubleOf(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return joined([keyOf(field, wireTypes.eightBytes), bytes]);
}

function floatOf(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joined([keyOf(field, wireTypes.fourBytes), bytes]);
}

function lengthOf(field: number, bytes: Uint8Array): Uint8Array {
  return joined([keyOf(field, wireTypes.bytes), varint(bytes.length), bytes]);
}

function keyOf(field: number, wireType: number): Uint8Array {
  return varint(8 * field + wireType);
}

/** Seven bits a byte, the lowest first; the high bit says that more follow. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Uint8Array.from([...bytes, rest]);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
