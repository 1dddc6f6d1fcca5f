// How the kernels take each stored dtype: its width, and the function that decodes it to float32. Integers and booleans
// are compared by equality alone; every other dtype is refused by name.
import { ThreeGateError } from '../../shared/errors.ts';
import type { StoredTensor, TensorPair } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import type { PackedWeight } from '../checkpoint/packed/packedWeight.ts';
import { scaleLayout, type ScaleLayout } from '../checkpoint/scales.ts';
import type { KernelExports } from './kernels.ts';
import { type DtypeName, isScaleDtype } from '../checkpoint/dtype.ts';
import type { StoredPieces, StoredView } from '../checkpoint/plainTensor.ts';

export type FloatDtype = 'BF16' | 'F16' | 'F32' | 'F64' | 'F8_E4M3' | 'F8_E5M2';

type Decoder = 'decodeBf16' | 'decodeF16' | 'decodeE4m3' | 'decodeE5m2' | 'narrowF64';

/** Bytes per element, and the kernel that makes float32 of it; null where it is float32 already. */
export const floatStorage: Readonly<
  Record<FloatDtype, { width: number; decode: (Decoder & keyof KernelExports) | null }>
> = {
  BF16: { width: 2, decode: 'decodeBf16' },
  F16: { width: 2, decode: 'decodeF16' },
  F32: { width: 4, decode: null },
  F64: { width: 8, decode: 'narrowF64' },
  F8_E4M3: { width: 1, decode: 'decodeE4m3' },
  F8_E5M2: { width: 1, decode: 'decodeE5m2' },
};

const integerWidths: Partial<Record<DtypeName, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  U16: 2,
  I16: 2,
  U32: 4,
  I32: 4,
  U64: 8,
  I64: 8,
};

export function isFloat(dtype: DtypeName): dtype is FloatDtype {
  return dtype in floatStorage;
}

/** Both sides are stored as unscaled bf16. */
export function isBf16Pair({ base, tuned }: Pick<TensorPair, 'base' | 'tuned'>): boolean {
  return [base, tuned].every(
    ({ dtype, scale, adapter }) => dtype === 'BF16' && scale === null && adapter === undefined,
  );
}

/** Block scales of an F8 weight, and how they cover it. */
export interface ScaleSource extends ScaleLayout {
  file: string;
  tensor: string;
  offset: number;
  dtype: DtypeName;
  bytes: number;
  elements: number;
}

/** One side of a pair, as a worker needs it. */
export interface SideSource {
  file: string;
  tensor: string;
  /** Absolute byte offset of the first element. */
  offset: number;
  dtype: DtypeName;
  /** Bytes per element. */
  width: number;
  /** Where its elements lie when not in one stretch. */
  pieces?: StoredPieces;
  /** Which of them are this tensor's own. */
  view?: StoredView;
  scale: ScaleSource | null;
  /** Where its values are unpacked as they are read; dtype is then F32. */
  packed?: PackedWeight;
}

/** Both sides; throws when they cannot be compared. */
export function sourcesOf(pair: TensorPair): { base: SideSource; tuned: SideSource } {
  const { base, tuned } = pair;
  if (isFloat(base.dtype) !== isFloat(tuned.dtype) || (!isFloat(base.dtype) && base.dtype !== tuned.dtype)) {
    throw new ThreeGateError(
      'not-numeric',
      `Tensor ${pair.name} is ${base.dtype} in the base and ${tuned.dtype} in the tuned checkpoint: integers are compared only with their own dtype.`,
      { tensor: pair.name },
    );
  }
  return { base: sideOf(base), tuned: sideOf(tuned) };
}

function sideOf(stored: StoredTensor): SideSource {
  const { file, offset, dtype, name } = stored;
  const width = isFloat(dtype) ? floatStorage[dtype].width : integerWidths[dtype];
  if (width === undefined) {
    throw new ThreeGateError(
      'dtype-unsupported',
      `Tensor ${name} in ${file} is not comparable: dtype ${dtype}.`,
      { file, tensor: name },
    );
  }
  const scale = stored.scale && scaleOf(stored, stored.scale);
  const { pieces, packed, view } = stored;
  return {
    ...{ file, tensor: name, offset, dtype, width, scale },
    ...(pieces && { pieces }),
    ...(packed && { packed }),
    ...(view && { view }),
  };
}

function scaleOf(weight: StoredTensor, scale: StoredTensor): ScaleSource {
  const layout = scaleLayout(weight.shape, scale.shape, weight.scaleBlock);
  if (scale.pieces !== undefined) {
    const message = `The scales ${scale.name} of ${weight.name} lie in pieces over several files, which are not joined.`;
    throw new ThreeGateError('dtype-scale-missing', message, { file: scale.file, tensor: weight.name });
  }
  if (!isScaleDtype(scale.dtype) || layout === null) {
    throw new ThreeGateError(
      'dtype-scale-missing',
      `The scales ${scale.name} (${scale.dtype} [${scale.shape.join(', ')}]) in ${scale.file} do not fit ${weight.name} [${weight.shape.join(', ')}].`,
      { file: scale.file, tensor: weight.name },
    );
  }
  const { file, name, offset, dtype, elements } = scale;
  const bytes = (elements * dtypes[dtype].bits) / 8;
  return { ...layout, file, tensor: name, offset, dtype, elements, bytes };
}
