// The stored bytes of a tensor, wherever its pieces lie, read through the path the kernels use.
import { closeSync, openSync, readSync } from 'node:fs';
import type { StoredTensor } from '../../src/engine/checkpoint/checkpoint.ts';
import { dtypes } from '../../src/engine/checkpoint/dtype.ts';
import { readElements } from '../../src/engine/kernels/readElements.ts';

export function tensorBytes(
  tensor: StoredTensor,
  first = 0,
  count: number = tensor.elements - first,
): Uint8Array {
  const { dtype, file, offset, name, pieces } = tensor;
  const width = dtypes[dtype].bits / 8;
  const bytes = new Uint8Array(count * width);
  const source = { file, offset, tensor: name, dtype, width, scale: null, ...(pieces && { pieces }) };
  readElements(source, first, bytes, (where, at, target) => {
    const handle = openSync(where.file, 'r');
    try {
      if (readSync(handle, target, 0, target.length, at) < target.length) throw new Error('too short');
    } finally {
      closeSync(handle);
    }
  });
  return bytes;
}
