// What a pickle says, as plain data: the objects that Python would have built are only named, never made.

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleObject
  | PickleReference;

interface PickleTuple {
  kind: 'tuple';
  items: readonly PickleValue[];
  depth: number;
}

interface PickleList {
  kind: 'list';
  items: PickleValue[];
  depth: number;
}

interface PickleDict {
  kind: 'dict';
  entries: Map<PickleValue, PickleValue>;
  depth: number;
}

/** `module.name`; never looked up. */
interface PickleGlobal {
  kind: 'global';
  name: string;
}

/** `callee(*args)`: what REDUCE or NEWOBJ would have called. */
export interface PickleObject {
  kind: 'object';
  callee: string;
  args: readonly PickleValue[];
  /** What BUILD would have set. */
  state: PickleValue;
  /** What SETITEMS put into it (an OrderedDict). */
  entries: Map<PickleValue, PickleValue>;
  depth: number;
}

/** A persistent id: in a torch file, a storage. */
interface PickleReference {
  kind: 'reference';
  id: PickleValue;
  depth: number;
}

/** The attributes that a state sets: a dictionary, or the pair (dictionary, slots). */
export function fieldsOf(state: PickleValue): Map<PickleValue, PickleValue> {
  if (isKind(state, 'dict')) return state.entries;
  const fields = new Map<PickleValue, PickleValue>();
  if (isKind(state, 'tuple')) {
    for (const part of state.items) {
      if (isKind(part, 'dict')) for (const [key, value] of part.entries) fields.set(key, value);
    }
  }
  return fields;
}

/** `DTensorSpec` of `torch.distributed.tensor._dtensor_spec.DTensorSpec`. */
export function lastName(global: string): string {
  return global.slice(global.lastIndexOf('.') + 1);
}

export function depthOf(value: PickleValue): number {
  return typeof value === 'object' && value !== null && 'depth' in value ? value.depth : 0;
}

export function isKind<Kind extends (PickleValue & object)['kind']>(
  value: PickleValue | undefined,
  kind: Kind,
): value is Extract<PickleValue, { kind: Kind }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

/** Items of a tuple or list, or of a torch.Size; null for anything else. */
export function sequenceOf(value: PickleValue | undefined): readonly PickleValue[] | null {
  if (isKind(value, 'tuple') || isKind(value, 'list')) return value.items;
  if (isKind(value, 'object') && value.callee === 'torch.Size') return sequenceOf(value.args[0]);
  return null;
}

/** Whole numbers ≥ 0, each exactly representable; null for anything else. */
export function integersOf(value: PickleValue | undefined): number[] | null {
  const items = sequenceOf(value);
  if (items === null) return null;
  const numbers = items.filter(isCount);
  return numbers.length === items.length ? numbers : null;
}

export function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
