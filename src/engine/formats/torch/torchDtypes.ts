// torch's dtypes and legacy storage classes by the names of the safetensors format.
import type { DtypeName } from '../../checkpoint/dtype.ts';

const byDtype: Readonly<Record<string, DtypeName>> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
  complex64: 'C64',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2',
  float8_e4m3fnuz: 'F8_E4M3FNUZ',
  float8_e5m2fnuz: 'F8_E5M2FNUZ',
  float8_e8m0fnu: 'F8_E8M0',
};

const byStorage: Readonly<Record<string, DtypeName>> = {
  Float: 'F32',
  Double: 'F64',
  Half: 'F16',
  BFloat16: 'BF16',
  Long: 'I64',
  Int: 'I32',
  Short: 'I16',
  Char: 'I8',
  Byte: 'U8',
  Bool: 'BOOL',
  ComplexFloat: 'C64',
};

/** `torch.bfloat16` → BF16; null for anything unknown. */
export function dtypeOfName(global: string): DtypeName | null {
  return byDtype[global.replace(/^torch\./, '')] ?? null;
}

/** `torch.BFloat16Storage` → BF16; null for an untyped storage or anything unknown. */
export function dtypeOfStorage(global: string): DtypeName | null {
  return byStorage[/^torch\.(\w+)Storage$/.exec(global)?.[1] ?? ''] ?? null;
}
