// A weight stored in a published quantised format, and which stretches of its tensors hold any range of its values:
//   value = table[code] · multiplier(scale of the code's group) · post, every product rounded to float32.
// Codes lie in storage order, and so do their groups: `group` consecutive codes share a scale.
import type { PlainTensor } from '../plainTensor.ts';
import { dtypes } from '../dtype.ts';

type PackedScheme = 'MXFP4' | 'NVFP4' | 'NF4' | 'FP4' | 'INT8';

/** How a stored scale becomes a multiplier. */
export type Scaling =
  /** As a number; U8 and F8_E8M0 are 2^(b − 127). */
  | { kind: 'plain' }
  /** Times (over) one number for the whole tensor. */
  | { kind: 'times' | 'over'; by: PlainTensor }
  /** Scales that are quantised themselves: table[code] · absmax of `group` scales + offset. */
  | { kind: 'nested'; table: PlainTensor; absmax: PlainTensor; group: number; offset: number };

export interface PackedWeight {
  scheme: PackedScheme;
  codes: PlainTensor;
  codeBits: 4 | 8;
  /** Which half of a byte holds the first of two codes. */
  firstNibble: 'low' | 'high';
  /** The numbers that codes stand for: E2M1, two's complement, or a table stored beside them. */
  table: 'e2m1' | 'int8' | PlainTensor;
  scales: PlainTensor;
  /** Codes a scale. */
  group: number;
  scaling: Scaling;
  /** Multiplied last; 1 where there is nothing. */
  post: number;
  /** Each matrix is stored (columns, rows) of what it stands for. */
  transposed: { rows: number; columns: number } | null;
}

/** Codes of the storage order, from an even one on. */
export interface CodeRange {
  from: number;
  count: number;
}

/** Elements of one stored tensor. */
export interface Part {
  tensor: PlainTensor;
  first: number;
  count: number;
}

function codeCount({ codes, codeBits }: PackedWeight): number {
  return (codes.elements * dtypes[codes.dtype].bits) / codeBits;
}

/** The codes behind elements `first` … `first + count − 1`; of a transposed weight whole matrices. */
export function codesBehind(packed: PackedWeight, first: number, count: number): CodeRange {
  const { transposed } = packed;
  const step = transposed === null ? 2 : transposed.rows * transposed.columns;
  const from = Math.floor(first / step) * step;
  const end = Math.min(codeCount(packed), Math.ceil((first + count) / step) * step);
  return { from, count: end - from };
}

/** What has to be read for these codes, in the order in which `UnpackedCodes` takes it. */
export function partsBehind(packed: PackedWeight, { from, count }: CodeRange): Part[] {
  const { codes, codeBits, table, scales, group, scaling } = packed;
  const perElement = dtypes[codes.dtype].bits / codeBits;
  const groups = groupsOf(group, from, count);
  return [
    { tensor: codes, first: from / perElement, count: count / perElement },
    { tensor: scales, first: groups.from, count: groups.count },
    ...(typeof table === 'string' ? [] : [whole(table)]),
    ...(scaling.kind === 'times' || scaling.kind === 'over' ? [whole(scaling.by)] : []),
    ...(scaling.kind === 'nested' ? [whole(scaling.table), nestedPart(scaling, groups)] : []),
  ];
}

/** The groups that `count` items from `from` on lie in. */
export function groupsOf(group: number, from: number, count: number): CodeRange {
  const first = Math.floor(from / group);
  return { from: first, count: Math.floor((from + count - 1) / group) + 1 - first };
}

function nestedPart({ absmax, group }: Scaling & { kind: 'nested' }, scales: CodeRange): Part {
  const groups = groupsOf(group, scales.from, scales.count);
  return { tensor: absmax, first: groups.from, count: groups.count };
}

function whole(tensor: PlainTensor): Part {
  return { tensor, first: 0, count: tensor.elements };
}

/** Every tensor that the weight is made of, the codes first. */
export function tensorsOf(packed: PackedWeight): PlainTensor[] {
  return partsBehind(packed, { from: 0, count: codeCount(packed) }).map(({ tensor }) => tensor);
}

/** The tensors that a weight is stored in: itself and its scales, or the parts of a packed one. */
export function storedParts(tensor: PlainTensor & { packed?: PackedWeight }): PlainTensor[] {
  if (tensor.packed !== undefined) return tensorsOf(tensor.packed);
  return tensor.scale === null ? [tensor] : [tensor, tensor.scale];
}
