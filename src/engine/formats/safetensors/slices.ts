// A torch distributed checkpoint in safetensors: each file holds slices of the tensors, and says at which offsets they
// lie. Joined without moving a byte. Source: torch/distributed/checkpoint/{hf_storage,_consolidate_hf_safetensors}.py.
import { problem } from '../../../shared/errors.ts';
import type { StoredTensor, UnreadableTensor } from '../../checkpoint/checkpoint.ts';
import { joinBoxes } from '../../checkpoint/pieces.ts';
import type { Box } from '../../checkpoint/pieces.ts';
import type { SafetensorsHeader } from './safetensorsHeader.ts';
import { parseStrictJson } from '../../files/strictJson.ts';
import type { JsonValue } from '../../files/strictJson.ts';

const offsetsKey = 'DCP_SHARDING_INFO';
/** Written by the first process of a run on several: a file alone does not say whether it is all. */
const processFile = /shard-\d{5}-[^/\\]+$/;

interface SlicedFile {
  path: string;
  header: SafetensorsHeader | null;
}

type Offsets = ReadonlyMap<string, number[]>;

/** Null where no file holds slices. */
export function joinSlices(
  files: readonly SlicedFile[],
): { tensors: Map<string, StoredTensor>; unreadable: UnreadableTensor[] } | null {
  const read = files.flatMap(({ path, header }) =>
    header === null ? [] : [{ path, header, offsets: offsetsOf(header) }],
  );
  const isSliced = read.some(
    ({ path, offsets }) =>
      offsets !== null &&
      (processFile.test(path) || [...offsets.values()].some((each) => each.some((offset) => offset > 0))),
  );
  if (!isSliced) return null;
  const slices = new Map<string, { tensor: StoredTensor; offsets: number[] }[]>();
  const unreadable: UnreadableTensor[] = [];
  for (const { path, header, offsets } of read) {
    unreadable.push(...header.unreadable);
    for (const tensor of header.tensors) {
      const at = offsets?.get(tensor.name);
      if (at?.length !== tensor.shape.length) {
        const what = `does not say where its slice of tensor "${tensor.name}" lies in the whole`;
        unreadable.push(lost(tensor.name, path, null, `${path} ${what}`));
      } else slices.set(tensor.name, [...(slices.get(tensor.name) ?? []), { tensor, offsets: at }]);
    }
  }
  const refused = new Set(unreadable.map(({ name }) => name));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, found] of slices) {
    if (refused.has(name)) continue;
    const joined = joinTensor(name, found);
    if ('reason' in joined) unreadable.push(joined);
    else tensors.set(name, joined);
  }
  return { tensors, unreadable: unreadable.filter(isFirstOfItsName) };
}

function joinTensor(
  name: string,
  slices: readonly { tensor: StoredTensor; offsets: number[] }[],
): StoredTensor | UnreadableTensor {
  const [first] = slices;
  if (first === undefined) throw new Error(`No slice of ${name}`);
  const { dtype, file } = first.tensor;
  const rank = first.offsets.length;
  const odd = slices.find(({ tensor, offsets }) => tensor.dtype !== dtype || offsets.length !== rank);
  if (odd !== undefined) {
    const what = `Tensor "${name}" is ${dtype} in ${file} and ${odd.tensor.dtype} of other dimensions in ${odd.tensor.file}`;
    return lost(name, file, null, what);
  }
  const shape = Array.from({ length: rank }, (_, axis) =>
    Math.max(...slices.map(({ tensor, offsets }) => (offsets[axis] ?? 0) + (tensor.shape[axis] ?? 0))),
  );
  const elements = shape.reduce((product, size) => product * size, 1);
  const boxes: Box[] = [];
  for (const { tensor, offsets } of slices) {
    const box = { offsets, sizes: tensor.shape, file: tensor.file, offset: tensor.offset };
    // A tensor that is not cut is saved by every process that holds a copy.
    const known = boxes.some((other) => JSON.stringify(placeOf(other)) === JSON.stringify(placeOf(box)));
    if (!known) boxes.push(box);
  }
  const joined = joinBoxes(shape, boxes);
  if (typeof joined === 'string') return lost(name, file, elements, `Tensor "${name}" of ${file} ${joined}`);
  const bytes = slices.reduce((sum, { tensor }) => sum + tensor.bytes, 0);
  const width = bytes / slices.reduce((sum, { tensor }) => sum + tensor.elements, 0);
  const { pieces } = joined;
  return {
    ...first.tensor,
    shape,
    elements,
    bytes: elements * width,
    file: joined.file,
    offset: joined.offset,
    ...(pieces && { pieces }),
  };
}

function placeOf({ offsets, sizes }: Box): unknown {
  return [offsets, sizes];
}

function lost(name: string, file: string, elements: number | null, what: string): UnreadableTensor {
  return { name, elements, reason: problem('tensor-layout', `${what}.`, { file, tensor: name }) };
}

function isFirstOfItsName(
  tensor: UnreadableTensor,
  index: number,
  all: readonly UnreadableTensor[],
): boolean {
  return all.findIndex(({ name }) => name === tensor.name) === index;
}

/** `{"w": {"saved_offsets": [0, 0]}}`; null where the file says nothing of the kind. */
function offsetsOf({ metadata }: SafetensorsHeader): Offsets | null {
  const text = metadata[offsetsKey];
  if (text === undefined) return null;
  let root: JsonValue;
  try {
    root = parseStrictJson(text);
  } catch {
    return new Map();
  }
  const found = new Map<string, number[]>();
  for (const [name, value] of root instanceof Map ? root : []) {
    const listed = value instanceof Map ? value.get('saved_offsets') : undefined;
    if (!Array.isArray(listed)) continue;
    const offsets = listed.filter(
      (each) => typeof each === 'number' && Number.isSafeInteger(each) && each >= 0,
    );
    if (offsets.length === listed.length) found.set(name, offsets.map(Number));
  }
  return found;
}
