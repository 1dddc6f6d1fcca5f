// A state dict out of a pickle's plain data: every tensor with its storage, shape and strides, and for a DTensor its
// placement on the mesh. What is not understood is a reason in words, never a guess.
import { dtypes } from '../../checkpoint/dtype.ts';
import { fieldsOf, integersOf, isCount, isKind, lastName, sequenceOf } from '../../files/pickle/value.ts';
import type { PickleObject, PickleValue } from '../../files/pickle/value.ts';
import { dtypeOfName, dtypeOfStorage } from './torchDtypes.ts';
import type { DtypeName } from '../../checkpoint/dtype.ts';

/** A view of a storage of the same file. */
export interface LocalTensor {
  dtype: DtypeName;
  /** Name of the storage: the entry `data/<key>` of the archive. */
  storage: string;
  /** In elements. */
  storageOffset: number;
  shape: number[];
  strides: number[];
}

type Placement = { kind: 'shard'; dimension: number } | { kind: 'replicate' };

/** One rank's part of a tensor that is spread over a mesh of processes. */
export interface ShardedTensor {
  local: LocalTensor;
  /** Of the whole tensor. */
  shape: number[];
  /** One per dimension of the mesh. */
  placements: Placement[];
  mesh: Mesh | null;
}

/** Ranks of a mesh, as a small tensor of the file, or by its layout. Null where the file does not say. */
export interface Mesh {
  shape: number[];
  /** The tensor of ranks, row-major over `shape`. */
  ranks: LocalTensor;
}

export type StateDictEntry =
  | { name: string; tensor: LocalTensor }
  | { name: string; sharded: ShardedTensor }
  | { name: string; elements: number | null; fault: string };

export interface StateDict {
  entries: StateDictEntry[];
  /** Entries that are no tensors. */
  others: string[];
}

/** Keys under which trainers keep the state dict. */
const wrappers = ['state_dict', 'model', 'module', 'model_state_dict'];

/** The part of the value that holds most tensors; null when none does. */
export function readStateDict(root: PickleValue): StateDict | null {
  const entries = entriesOf(root);
  const inner = wrappers.flatMap((wrapper) => entries?.get(wrapper) ?? []);
  let best: StateDict | null = null;
  for (const candidate of [root, ...inner]) {
    const found = readEntries(candidate);
    if (found !== null && found.entries.length > (best?.entries.length ?? 0)) best = found;
  }
  return best;
}

function entriesOf(value: PickleValue): Map<PickleValue, PickleValue> | null {
  if (isKind(value, 'dict')) return value.entries;
  return isKind(value, 'object') && value.callee === 'collections.OrderedDict' ? value.entries : null;
}

function readEntries(value: PickleValue): StateDict | null {
  const entries = entriesOf(value);
  if (entries === null) return null;
  const found: StateDict = { entries: [], others: [] };
  for (const [key, item] of entries) {
    const entry = typeof key === 'string' ? readEntry(key, item) : null;
    if (entry === null) found.others.push(typeof key === 'string' ? key : 'a key that is not text');
    else found.entries.push(entry);
  }
  return found;
}

/** Null for what is no tensor at all. */
export function readEntry(name: string, value: PickleValue): StateDictEntry | null {
  if (!isKind(value, 'object')) return null;
  switch (value.callee) {
    case 'torch._utils._rebuild_parameter':
      return readEntry(name, value.args[0] ?? null);
    case 'torch._utils._rebuild_tensor_v2':
    case 'torch._utils._rebuild_tensor_v3': {
      const tensor = readLocal(value);
      return typeof tensor === 'string' ? { name, elements: null, fault: tensor } : { name, tensor };
    }
    case 'torch._tensor._rebuild_from_type_v2':
      return readWrapped(name, value);
    default:
      return null;
  }
}

/** `_rebuild_tensor_v2(storage, offset, size, strides, …)`; v3 has the dtype as its seventh argument. */
function readLocal({ callee, args }: PickleObject): LocalTensor | string {
  const [reference, offset, size, stride] = args;
  const storage = isKind(reference, 'reference') ? sequenceOf(reference.id) : null;
  const [word, type, key, , elements] = storage ?? [];
  if (
    word !== 'storage' ||
    !isKind(type, 'global') ||
    typeof key !== 'string' ||
    !/^\d+$/.test(key) ||
    !isCount(elements)
  ) {
    return 'has a storage that is not described as torch describes one';
  }
  const shape = integersOf(size);
  const strides = integersOf(stride);
  if (shape === null || strides?.length !== shape.length || !isCount(offset)) {
    return 'has a shape or strides that are not whole numbers';
  }
  const named = callee.endsWith('_v3') ? args[6] : type;
  const global = isKind(named, 'global') ? named.name : '';
  const dtype = dtypeOfStorage(global) ?? dtypeOfName(global);
  if (dtype === null) return `has the dtype ${global === '' ? 'of an unknown kind' : global}`;
  const perElement = dtypeOfStorage(type.name) === null ? dtypes[dtype].bits / 8 : 1;
  const last = shape.includes(0) ? 0 : shape.reduce((sum, n, i) => sum + (n - 1) * (strides[i] ?? 0), 1);
  if ((offset + last) * perElement > elements) return 'reaches beyond the storage that it is a view of';
  return { dtype, storage: key, storageOffset: offset, shape, strides };
}

/** `_rebuild_from_type_v2(_rebuild_wrapper_subclass, DTensor, (DTensor, dtype, size, …), state)`, or a plain subclass. */
function readWrapped(name: string, { args }: PickleObject): StateDictEntry {
  const [rebuild, type, inner, state] = args;
  const innerArgs = sequenceOf(inner) ?? [];
  const rebuildName = isKind(rebuild, 'global') ? rebuild.name : '';
  if (!isKind(type, 'global') || !type.name.endsWith('.DTensor')) {
    return { name, elements: null, fault: 'is a tensor subclass other than DTensor' };
  }
  const shape = integersOf(innerArgs[2]);
  const fields = fieldsOf(state ?? null);
  const local = fields.get('_local_tensor');
  const spec = fields.get('_spec');
  if (rebuildName !== 'torch._utils._rebuild_wrapper_subclass' || shape === null) {
    return { name, elements: null, fault: 'is a DTensor that is not described as torch describes one' };
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  const tensor = isKind(local, 'object') ? readLocal(local) : 'has no local tensor';
  if (typeof tensor === 'string') return { name, elements, fault: tensor };
  const placed = readPlacements(spec);
  if (typeof placed === 'string') return { name, elements, fault: placed };
  return { name, sharded: { local: tensor, shape, ...placed } };
}

function readPlacements(spec: PickleValue | undefined): Pick<ShardedTensor, 'placements' | 'mesh'> | string {
  if (!isKind(spec, 'object') || !spec.callee.endsWith('.DTensorSpec')) {
    return 'is a DTensor without a DTensorSpec';
  }
  const fields = fieldsOf(spec.state);
  const listed = sequenceOf(fields.get('placements'));
  if (listed === null) return 'is a DTensor without placements';
  const placements: Placement[] = [];
  for (const placement of listed) {
    const found = readPlacement(placement);
    if (typeof found === 'string') return found;
    placements.push(found);
  }
  return { placements, mesh: readMesh(fields.get('mesh')) };
}

function readPlacement(value: PickleValue): Placement | string {
  if (!isKind(value, 'object')) return 'has a placement that is not an object';
  const name = lastName(value.callee);
  if (name === 'Replicate') return { kind: 'replicate' };
  if (name !== 'Shard') {
    return `is placed by ${name}, of which only Shard and Replicate can be joined from files`;
  }
  const dimension = fieldsOf(value.state).get('dim') ?? value.args[0];
  return isCount(dimension) ? { kind: 'shard', dimension } : 'is placed by a Shard without a dimension';
}

/** The mesh as its `mesh` tensor (up to torch 2.8), or as `_rank_map` with a contiguous `_layout` (later). */
function readMesh(value: PickleValue | undefined): Mesh | null {
  if (!isKind(value, 'object')) return null;
  const fields = fieldsOf(value.state);
  const whole = fields.get('mesh');
  const tensor = isKind(whole, 'object') ? readLocal(whole) : null;
  if (tensor !== null && typeof tensor !== 'string') return { shape: tensor.shape, ranks: tensor };
  const map = fields.get('_rank_map');
  const ranks = isKind(map, 'object') ? readLocal(map) : null;
  const layout = fields.get('_layout');
  if (ranks === null || typeof ranks === 'string' || !isKind(layout, 'object')) return null;
  const size = fieldsOf(layout.state).get('shape');
  const shape = isCount(size) ? [size] : integersOf(size);
  if (shape === null || shape.reduce((product, n) => product * n, 1) !== ranks.shape[0]) return null;
  return { shape, ranks: { ...ranks, shape, strides: contiguousStrides(shape) } };
}

function contiguousStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...shape].reverse()) {
    strides.unshift(stride);
    stride *= Math.max(size, 1);
  }
  return strides;
}

/** Row-major without gaps. Strides of dimensions of size 1 mean nothing. */
export function isContiguous({ shape, strides }: LocalTensor): boolean {
  const expected = contiguousStrides(shape);
  return shape.includes(0) || shape.every((size, index) => size === 1 || strides[index] === expected[index]);
}
