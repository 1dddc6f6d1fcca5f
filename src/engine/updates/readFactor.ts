// A small stored tensor as float64: adapter factors are read whole, unlike weights.
import { ThreeGateError } from '../../shared/errors.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { FileSystem } from '../files/fileSystem.ts';

/** Row-major. Throws `dtype-unsupported` for anything but F32, F64, BF16 and F16. */
export async function readFactor(fileSystem: FileSystem, tensor: StoredTensor): Promise<Float64Array> {
  const { file, offset, bytes, elements, dtype, name } = tensor;
  const data = new Uint8Array(bytes);
  const source = await fileSystem.open(file);
  try {
    await source.read(offset, data);
  } finally {
    await source.close();
  }
  const view = new DataView(data.buffer);
  const each = (value: (index: number) => number): Float64Array => {
    const result = new Float64Array(elements);
    for (let i = 0; i < elements; i++) result[i] = value(i);
    return result;
  };
  switch (dtype) {
    case 'F32':
      return each((i) => view.getFloat32(4 * i, true));
    case 'F64':
      return each((i) => view.getFloat64(8 * i, true));
    case 'F16':
      return each((i) => halfToNumber(view.getUint16(2 * i, true)));
    case 'BF16': {
      const wide = new DataView(new ArrayBuffer(4));
      return each((i) => {
        wide.setUint16(2, view.getUint16(2 * i, true), true);
        return wide.getFloat32(0, true);
      });
    }
    default:
      throw new ThreeGateError(
        'dtype-unsupported',
        `Tensor "${name}" of ${file} is a LoRA factor in ${dtype}.`,
        {
          file,
          tensor: name,
        },
      );
  }
}

/** IEEE binary16. */
function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
