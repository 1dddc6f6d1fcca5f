// The dtypes of the safetensors format: their width, and how far two tensors of them can be compared.

/** dtype names of the safetensors format; case-sensitive. */
export type DtypeName =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'I16'
  | 'U16'
  | 'I32'
  | 'U32'
  | 'I64'
  | 'U64'
  | 'F16'
  | 'BF16'
  | 'F32'
  | 'F64'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'F8_E8M0'
  | 'F8_E4M3FNUZ'
  | 'F8_E5M2FNUZ'
  | 'F6_E2M3'
  | 'F6_E3M2'
  | 'F4'
  | 'C64';

/**
 * `float`: compared as numbers, across widths. `integer`, `bool`: compared by equality, same dtype only.
 * `unsupported`: known to the format but not compared.
 */
type DtypeKind = 'float' | 'integer' | 'bool' | 'unsupported';

interface Dtype {
  /** Bits per element; below 8 the elements are packed. */
  bits: number;
  kind: DtypeKind;
}

/** Source: the `Dtype` enum of the safetensors crate 0.8 (safetensors/src/tensor.rs). */
export const dtypes: Readonly<Record<DtypeName, Readonly<Dtype>>> = {
  BOOL: { bits: 8, kind: 'bool' },
  U8: { bits: 8, kind: 'integer' },
  I8: { bits: 8, kind: 'integer' },
  I16: { bits: 16, kind: 'integer' },
  U16: { bits: 16, kind: 'integer' },
  I32: { bits: 32, kind: 'integer' },
  U32: { bits: 32, kind: 'integer' },
  I64: { bits: 64, kind: 'integer' },
  U64: { bits: 64, kind: 'integer' },
  F16: { bits: 16, kind: 'float' },
  BF16: { bits: 16, kind: 'float' },
  F32: { bits: 32, kind: 'float' },
  F64: { bits: 64, kind: 'float' },
  // E4M3 is torch's float8_e4m3fn: no infinities, one NaN per sign.
  F8_E4M3: { bits: 8, kind: 'float' },
  F8_E5M2: { bits: 8, kind: 'float' },
  F8_E8M0: { bits: 8, kind: 'unsupported' },
  F8_E4M3FNUZ: { bits: 8, kind: 'unsupported' },
  F8_E5M2FNUZ: { bits: 8, kind: 'unsupported' },
  F6_E2M3: { bits: 6, kind: 'unsupported' },
  F6_E3M2: { bits: 6, kind: 'unsupported' },
  F4: { bits: 4, kind: 'unsupported' },
  C64: { bits: 64, kind: 'unsupported' },
};

/** Names are case-sensitive, as in the format. */
export function isDtypeName(text: string): text is DtypeName {
  return Object.hasOwn(dtypes, text);
}

export function isFloat8(dtype: DtypeName): boolean {
  return dtype === 'F8_E4M3' || dtype === 'F8_E5M2';
}

/** Whether a scale in this dtype can be read. */
export function isScaleDtype(dtype: DtypeName): boolean {
  return dtypes[dtype].kind === 'float' || isExponentOnly(dtype);
}

/** A power of two a byte: E8M0, by name or as its bytes. */
export function isExponentOnly(dtype: DtypeName): boolean {
  return dtype === 'F8_E8M0' || dtype === 'U8';
}
