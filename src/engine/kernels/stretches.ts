// Which bytes of which remote files a run of a tensor's elements is read from: its own, its scales, or the parts of a packed
// weight. What lies on this machine is read where it lies, and nothing is worked out for it.
import type { StoredTensor, TensorPair } from '../checkpoint/checkpoint.ts';
import { codesBehind, partsBehind } from '../checkpoint/packed/packedWeight.ts';
import { spansOf } from '../checkpoint/pieces.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import { runsOf } from '../checkpoint/storedView.ts';
import type { FileStretch } from '../files/rangeSource.ts';
import { isRemote } from '../files/remoteAddress.ts';

/** Elements `first` … `first + count − 1`; of a slice whose elements lie apart also what lies between them. */
export function stretchesOf(tensor: StoredTensor, first: number, count: number): FileStretch[] {
  if (count === 0) return [];
  const { packed, scale } = tensor;
  if (!isRemote(tensor.file)) return [];
  if (packed !== undefined) {
    const parts = partsBehind(packed, codesBehind(packed, first, count));
    return parts.flatMap(({ tensor: part, first: from, count: some }) => plainStretches(part, from, some));
  }
  const own = plainStretches(tensor, first, count);
  return scale === null ? own : [...own, ...plainStretches(scale, 0, scale.elements)];
}

/** All that is read to compare a pair; of an adapter the base alone. */
export function stretchesOfPair({ base, tuned, elements }: TensorPair): FileStretch[] {
  const own = stretchesOf(base, 0, elements);
  return tuned.adapter === undefined ? [...own, ...stretchesOf(tuned, 0, elements)] : own;
}

function plainStretches(tensor: PlainTensor, first: number, count: number): FileStretch[] {
  const { view } = tensor;
  const width = tensor.bytes / tensor.elements;
  let [from, to] = [first, first + count];
  if (view !== undefined) {
    [from, to] = [Infinity, 0];
    for (const run of runsOf(view, first, count)) {
      from = Math.min(from, run.from);
      to = Math.max(to, run.from + run.count);
    }
  }
  return spansOf(tensor, width, from, to - from).map(({ file, offset, count: some }) => ({
    file,
    from: offset,
    to: offset + some * width,
  }));
}
