// One element of a tensor as text: its bits, and the value that they mean.
import type { ElementDifference } from '../../shared/report/hashReport.ts';
import { decodeToFloat64 } from '../checkpoint/decode.ts';
import { dtypes, type DtypeName } from '../checkpoint/dtype.ts';

/** Element `index` of little-endian `bytes`; of a dtype narrower than a byte, the byte that holds it. */
export function storedElement(dtype: DtypeName, bytes: Uint8Array, index: number): ElementDifference['base'] {
  const { bits } = dtypes[dtype];
  const width = Math.max(1, bits / 8);
  const start = Math.floor((index * bits) / 8);
  const own = bytes.slice(start, start + width);
  const hex = Array.from(own.toReversed(), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { bits: `0x${hex}`, value: valueText(dtype, own) };
}

function valueText(dtype: DtypeName, bytes: Uint8Array): string | null {
  const { kind, bits } = dtypes[dtype];
  if (kind === 'float') {
    const value = decodeToFloat64(dtype, bytes)[0] ?? NaN;
    return Object.is(value, -0) ? '-0' : String(value);
  }
  if (kind === 'bool') return bytes[0] === 0 ? 'false' : 'true';
  if (kind !== 'integer') return null;
  const unsigned = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return String(dtype.startsWith('I') ? BigInt.asIntN(bits, unsigned) : unsigned);
}
