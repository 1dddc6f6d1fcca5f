// The `.metadata` of a torch distributed checkpoint as plain data: which chunks every tensor was cut into, and where each
// of them is stored. Source: torch/distributed/checkpoint/{metadata,filesystem}.py.
import { ThreeGateError } from '../../../../shared/errors.ts';
import { readPickle } from '../../../files/pickle/restrictedPickle.ts';
import { fieldsOf, integersOf, isCount, isKind, lastName, sequenceOf } from '../../../files/pickle/value.ts';
import type { PickleValue } from '../../../files/pickle/value.ts';
import { dtypeOfName } from '../torchDtypes.ts';
import { metadataPolicy } from './metadataPolicy.ts';
import type { DtypeName } from '../../../checkpoint/dtype.ts';

interface Chunk {
  offsets: number[];
  sizes: number[];
}

/** Where a chunk is stored: a torch.save of its own, at a place of a .distcp file. */
export interface StorageItem {
  /** Relative to the checkpoint's folder, as it was written: not checked. */
  path: string;
  offset: number;
  length: number;
  /** What was done to its bytes (compression), in the order of writing. */
  transforms: string[];
}

export interface DistributedTensor {
  name: string;
  dtype: DtypeName;
  shape: number[];
  chunks: Chunk[];
}

export interface DistributedMetadata {
  tensors: DistributedTensor[];
  /** Tensors that are described otherwise than torch describes one, in words. */
  faults: { name: string; elements: number | null; fault: string }[];
  /** What is stored for a chunk; null where nothing is. */
  itemOf: (name: string, offsets: readonly number[]) => StorageItem | null;
}

/** Throws `pickle-refused` or `not-a-checkpoint`. */
export function readDistributedMetadata(path: string, bytes: Uint8Array): DistributedMetadata {
  const root = readPickle(path, bytes, metadataPolicy);
  const fields = isKind(root, 'object') && lastName(root.callee) === 'Metadata' ? fieldsOf(root.state) : null;
  const described = fields?.get('state_dict_metadata');
  const stored = fields?.get('storage_data');
  if (!isKind(described, 'dict') || !isKind(stored, 'dict')) {
    const message = `${path} is not the metadata of a torch distributed checkpoint.`;
    throw new ThreeGateError('not-a-checkpoint', message, { file: path });
  }
  const items = storageItems(stored.entries);
  const found: DistributedMetadata = {
    tensors: [],
    faults: [],
    itemOf: (name, offsets) => items.get(placeKey(name, offsets)) ?? null,
  };
  for (const [name, value] of described.entries) {
    // Everything that is no tensor is a pickle of its own, and is not opened.
    const isTensor = isKind(value, 'object') && lastName(value.callee) === 'TensorStorageMetadata';
    if (typeof name !== 'string' || !isTensor) continue;
    const tensor = readTensor(name, fieldsOf(value.state));
    if ('fault' in tensor) found.faults.push(tensor);
    else found.tensors.push(tensor);
  }
  return found;
}

function readTensor(
  name: string,
  fields: Map<PickleValue, PickleValue>,
): DistributedTensor | DistributedMetadata['faults'][number] {
  const shape = integersOf(fields.get('size'));
  const listed = sequenceOf(fields.get('chunks'));
  const elements = shape?.reduce((product, size) => product * size, 1) ?? null;
  if (shape === null || listed === null || elements === null || !Number.isSafeInteger(elements)) {
    return { name, elements: null, fault: 'has a shape or chunks that are not lists of whole numbers' };
  }
  const properties = fields.get('properties');
  const named = isKind(properties, 'object') ? dtypeIn(properties.state) : undefined;
  const dtype = isKind(named, 'global') ? dtypeOfName(named.name) : null;
  if (dtype === null) {
    const fault = `has the dtype ${isKind(named, 'global') ? named.name : 'of an unknown kind'}`;
    return { name, elements, fault };
  }
  const chunks: Chunk[] = [];
  for (const value of listed) {
    const chunk = isKind(value, 'object') ? fieldsOf(value.state) : null;
    const offsets = integersOf(chunk?.get('offsets'));
    const sizes = integersOf(chunk?.get('sizes'));
    if (offsets?.length !== shape.length || sizes?.length !== shape.length) {
      return { name, elements, fault: 'has a chunk whose offsets and sizes do not fit its shape' };
    }
    chunks.push({ offsets, sizes });
  }
  return { name, dtype, shape, chunks };
}

/** TensorProperties pickles as (dtype, layout, requires_grad, memory format, pin_memory), or as its attributes. */
function dtypeIn(state: PickleValue): PickleValue | undefined {
  const [first] = sequenceOf(state) ?? [];
  return isKind(first, 'global') ? first : fieldsOf(state).get('dtype');
}

function storageItems(entries: Map<PickleValue, PickleValue>): Map<string, StorageItem> {
  const items = new Map<string, StorageItem>();
  for (const [index, info] of entries) {
    if (!isKind(index, 'object') || !isKind(info, 'object')) continue;
    const at = fieldsOf(index.state);
    const name = at.get('fqn');
    const item = readItem(fieldsOf(info.state));
    if (typeof name === 'string' && item !== null) {
      items.set(placeKey(name, integersOf(at.get('offset')) ?? []), item);
    }
  }
  return items;
}

function readItem(fields: Map<PickleValue, PickleValue>): StorageItem | null {
  const path = fields.get('relative_path');
  const offset = fields.get('offset');
  const length = fields.get('length');
  if (typeof path !== 'string' || !isCount(offset) || !isCount(length)) return null;
  const transforms = (sequenceOf(fields.get('transform_descriptors')) ?? []).map((each) =>
    typeof each === 'string' ? each : 'of an unknown kind',
  );
  return { path, offset, length, transforms };
}

/** A tensor that was not cut has an offset of zeros, or none. */
function placeKey(name: string, offsets: readonly number[]): string {
  const place = offsets.some((offset) => offset !== 0) ? offsets.join(',') : '';
  return JSON.stringify([name, place]);
}
