// Scalar decoders for the float dtypes: the reference that the SIMD kernels are tested against, and the way for edges
// that no kernel covers. Exact: every stored value is a float64, and so is q · scale of an F8 weight.
import { ThreeGateError } from '../../shared/errors.ts';
import { dtypes, isExponentOnly } from './dtype.ts';
import type { ScaleLayout } from './scales.ts';
import type { DtypeName } from './dtype.ts';

type Decoder = (view: DataView, offset: number) => number;

const decoders: Partial<Record<DtypeName, Decoder>> = {
  F64: (view, offset) => view.getFloat64(offset, true),
  F32: (view, offset) => view.getFloat32(offset, true),
  F16: (view, offset) => binaryFloat(view.getUint16(offset, true), 5, 10),
  BF16: (view, offset) => binaryFloat(view.getUint16(offset, true), 8, 7),
  F8_E5M2: (view, offset) => binaryFloat(view.getUint8(offset), 5, 2),
  F8_E4M3: (view, offset) => float8E4m3(view.getUint8(offset)),
};

/**
 * The values of little-endian `bytes` (a whole number of elements). Throws `dtype-unsupported` for anything but floats
 * that can be compared.
 */
export function decodeToFloat64(dtype: DtypeName, bytes: Uint8Array): Float64Array {
  const decode = decoders[dtype];
  if (decode === undefined) {
    throw new ThreeGateError('dtype-unsupported', `Values of dtype ${dtype} are not comparable as numbers.`);
  }
  const width = dtypes[dtype].bits / 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.byteLength / width }, (_, index) => decode(view, index * width));
}

/** Scales as numbers: floats as they are, F8_E8M0 and its bytes as U8 by their exponent. Throws as decodeToFloat64. */
export function decodeScales(dtype: DtypeName, bytes: Uint8Array): Float64Array {
  return isExponentOnly(dtype) ? Float64Array.from(bytes, float8E8m0) : decodeToFloat64(dtype, bytes);
}

/** E8M0 of the OCP microscaling specification: 2^(b − 127), and NaN. */
function float8E8m0(bits: number): number {
  return bits === 255 ? NaN : 2 ** (bits - 127);
}

/**
 * Multiplies values of an F8 weight by the scales of their blocks, in place. `values` are whole rows of `columns`
 * beginning with row `firstRow` of the weight (rows of a stack are counted through).
 */
export function applyScales(
  values: Float64Array,
  columns: number,
  firstRow: number,
  scales: ArrayLike<number>,
  layout: ScaleLayout,
): void {
  values.forEach((value, index) => {
    const row = firstRow + Math.floor(index / columns);
    const scale = scales[scaleIndex(layout, row, index % columns)];
    if (scale === undefined) throw new RangeError(`no scale for row ${row}`);
    values[index] = value * scale;
  });
}

/** Position, in the scale tensor, of the scale for one element of the weight. */
function scaleIndex(layout: ScaleLayout, row: number, column: number): number {
  const matrix = Math.floor(row / layout.matrixRows);
  const blockRow = Math.floor((row % layout.matrixRows) / layout.blockRows);
  return (
    (matrix * layout.scaleRows + blockRow) * layout.scaleColumns + Math.floor(column / layout.blockColumns)
  );
}

/** An IEEE-754 binary float: sign, biased exponent, mantissa; the top exponent holds infinities and NaNs. */
function binaryFloat(bits: number, exponentBits: number, mantissaBits: number): number {
  const mantissa = bits & ((1 << mantissaBits) - 1);
  const exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
  const sign = bits >> (mantissaBits + exponentBits) === 0 ? 1 : -1;
  const top = (1 << exponentBits) - 1;
  if (exponent === top) return mantissa === 0 ? sign * Infinity : NaN;
  const bias = top >> 1;
  const significand = exponent === 0 ? mantissa : mantissa + (1 << mantissaBits);
  return sign * significand * 2 ** (Math.max(exponent, 1) - bias - mantissaBits);
}

/** E4M3 "fn": no infinities; only ±0x7f is NaN, so the top exponent holds numbers up to 448. */
function float8E4m3(bits: number): number {
  if ((bits & 0x7f) === 0x7f) return NaN;
  const mantissa = bits & 7;
  const exponent = (bits >> 3) & 15;
  const significand = exponent === 0 ? mantissa : mantissa + 8;
  return (bits >> 7 === 0 ? 1 : -1) * significand * 2 ** (Math.max(exponent, 1) - 10);
}
