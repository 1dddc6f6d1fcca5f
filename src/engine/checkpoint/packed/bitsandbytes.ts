// Weights that bitsandbytes quantised: NF4 and FP4 (`weight.absmax`, `weight.quant_map`, `weight.quant_state.bitsandbytes__nf4`),
// their scales quantised once more (`weight.nested_absmax`), and int8 with a scale a row (`SCB`, of 127).
import { dtypes } from '../dtype.ts';
import type { StoredTensor } from '../checkpoint.ts';
import { moduleOfWeight } from '../companions.ts';
import { listed, presented, presentedInt8 } from './presented.ts';
import type { PackedWeight, Scaling } from './packedWeight.ts';
import type { Recognised, Surroundings } from './surroundings.ts';

/** A quant_state has a few hundred bytes. */
const maxStateBytes = 65_536;

interface QuantState {
  blocksize: number;
  shape: number[];
  nestedBlocksize: number | null;
  nestedOffset: number;
}

export async function bitsandbytesWeight(
  codes: StoredTensor,
  { tensors, readSmall }: Surroundings,
): Promise<Recognised | null> {
  const { name, dtype } = codes;
  const module = moduleOfWeight(name);
  const rows = tensors.get(`${module ?? name}.SCB`) ?? tensors.get(`${name}.SCB`);
  if (dtype === 'I8' && rows !== undefined) return { weight: int8Weight(codes, rows), parts: [rows.name] };
  const absmax = tensors.get(`${name}.absmax`);
  if (absmax === undefined) return null;
  for (const type of ['nf4', 'fp4'] as const) {
    const state = tensors.get(`${name}.quant_state.bitsandbytes__${type}`);
    if (state === undefined) continue;
    const scheme = type === 'nf4' ? 'NF4' : 'FP4';
    const read =
      state.bytes <= maxStateBytes && state.bytes === state.elements ? await readSmall(state) : null;
    const packed = read && fourBit(bytesOf(codes), absmax, tensors, stateOf(read), scheme);
    if (packed !== null) return { weight: presented(name, packed.shape, packed.weight), parts: [] };
    const why = `its ${state.name} does not say how`;
    return { weight: listed(name, codes, codes.bytes * 2, `bitsandbytes ${scheme}`, why), parts: [] };
  }
  return {
    weight: listed(name, codes, codes.bytes * 2, 'bitsandbytes, 4 bits', 'no quant_state lies beside it'),
    parts: [],
  };
}

/** Codes may be stored as any dtype (`bnb_4bit_quant_storage`). */
function bytesOf(codes: StoredTensor): StoredTensor {
  return { ...codes, dtype: 'U8', shape: [codes.bytes, 1], elements: codes.bytes };
}

function int8Weight(codes: StoredTensor, scales: StoredTensor): Recognised['weight'] {
  const [rows, columns] = codes.shape;
  if (codes.shape.length !== 2 || rows !== scales.elements || dtypes[scales.dtype].kind !== 'float') {
    return listed(codes.name, codes, codes.elements, 'bitsandbytes int8', `${scales.name} does not fit it`);
  }
  return presentedInt8(codes, scales, columns ?? 1, Math.fround(1 / 127));
}

function fourBit(
  codes: StoredTensor,
  absmax: StoredTensor,
  tensors: ReadonlyMap<string, StoredTensor>,
  state: QuantState | null,
  scheme: 'NF4' | 'FP4',
): { shape: number[]; weight: PackedWeight } | null {
  const { name } = codes;
  const table = tensors.get(`${name}.quant_map`);
  if (state === null || table?.elements !== 16 || dtypes[table.dtype].kind !== 'float') return null;
  const elements = state.shape.reduce((product, size) => product * size, 1);
  const blocks = Math.ceil(elements / state.blocksize);
  if (Math.ceil(elements / 2) !== codes.elements || elements % 2 !== 0 || blocks !== absmax.elements)
    return null;
  const scaling = scalingOf(name, absmax, tensors, state);
  if (scaling === null) return null;
  const weight: PackedWeight = {
    scheme,
    codes,
    codeBits: 4,
    firstNibble: 'high',
    table,
    scales: absmax,
    group: state.blocksize,
    scaling,
    post: 1,
    transposed: null,
  };
  return { shape: state.shape, weight };
}

function scalingOf(
  name: string,
  scales: StoredTensor,
  tensors: ReadonlyMap<string, StoredTensor>,
  { nestedBlocksize, nestedOffset }: QuantState,
): Scaling | null {
  if (dtypes[scales.dtype].kind === 'float') return { kind: 'plain' };
  const table = tensors.get(`${name}.nested_quant_map`);
  const absmax = tensors.get(`${name}.nested_absmax`);
  if (scales.dtype !== 'U8' || table?.elements !== 256 || absmax === undefined || nestedBlocksize === null)
    return null;
  const isRead = [table, absmax].every(({ dtype }) => dtypes[dtype].kind === 'float');
  if (!isRead || Math.ceil(scales.elements / nestedBlocksize) !== absmax.elements) return null;
  return { kind: 'nested', table, absmax, group: nestedBlocksize, offset: nestedOffset };
}

function stateOf(bytes: Uint8Array): QuantState | null {
  let state: unknown;
  try {
    state = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  if (typeof state !== 'object' || state === null) return null;
  const fields = state as Partial<Record<string, unknown>>;
  const shape: unknown = fields['shape'];
  const nested = fields['nested_blocksize'];
  const offset = fields['nested_offset'];
  if (!isCount(fields['blocksize']) || !Array.isArray(shape) || shape.length === 0) return null;
  if (!shape.every(isCount)) return null;
  return {
    blocksize: fields['blocksize'],
    shape,
    nestedBlocksize: isCount(nested) && typeof offset === 'number' ? nested : null,
    nestedOffset: typeof offset === 'number' ? offset : 0,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
