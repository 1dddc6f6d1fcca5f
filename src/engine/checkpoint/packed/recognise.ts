// Finds the weights of a checkpoint that are stored quantised, whatever the writer, and puts each under the name of the
// weight: readable where the format is public and exact, else unreadable with its scheme. What belongs to it (codes, scales,
// zero points) is then listed no longer.
import type { StoredTensor, UnreadableTensor } from '../checkpoint.ts';
import { isFloat8 } from '../dtype.ts';
import { companionsOf, isActivationScale } from '../companions.ts';
import { bitsandbytesWeight } from './bitsandbytes.ts';
import { fourBitWeight } from './fourBit.ts';
import { listedWeight } from './listed.ts';
import { rowScaledWeight } from './rowScaled.ts';
import type { Recognised, Surroundings } from './surroundings.ts';

/** Beside codes of bitsandbytes, whatever the dtype that these are stored as. */
const blockScales = '.absmax';

type Recogniser = (codes: StoredTensor, around: Surroundings) => Promise<Recognised | null>;

/** The first that knows a tensor has it; the last knows what packing looks like. */
const recognisers: readonly Recogniser[] = [
  bitsandbytesWeight,
  (codes, around) => Promise.resolve(fourBitWeight(codes, around)),
  (codes, around) => Promise.resolve(rowScaledWeight(codes, around)),
  (codes, around) => Promise.resolve(listedWeight(codes, around)),
];

interface UnpackedTensors {
  tensors: ReadonlyMap<string, StoredTensor>;
  unreadable: readonly UnreadableTensor[];
}

/** Gives back `tensors` and `unreadable` themselves where nothing is packed. */
export async function recognisePacked(
  { tensors, quantization, readSmall }: Surroundings,
  unreadable: readonly UnreadableTensor[],
): Promise<UnpackedTensors> {
  const found = new Map<string, Recognised>();
  const taken = new Set<string>();
  const hasBlockScales = someEndsWith(tensors.keys(), blockScales);
  let names: Map<string, string[]> | null = null;
  for (const [name, tensor] of tensors) {
    const mayBePacked = mayHoldCodes(tensor) || (hasBlockScales && tensors.has(`${name}${blockScales}`));
    if (taken.has(name) || !mayBePacked) continue;
    const recognised = await firstOf(tensor, { tensors, quantization, readSmall });
    if (recognised === null) continue;
    found.set(name, recognised);
    names ??= namesByStem(tensors.keys());
    const beside = names.get(stemOf(recognised.weight.name)) ?? [];
    for (const part of [...recognised.parts, ...companionsOf(recognised.weight.name, beside)])
      taken.add(part);
    taken.delete(name);
  }
  if (found.size === 0) return { tensors, unreadable };
  const result = { tensors: new Map<string, StoredTensor>(), unreadable: [] as UnreadableTensor[] };
  for (const [name, tensor] of tensors) {
    const weight = found.get(name)?.weight;
    if (weight === undefined) {
      if (!taken.has(name) && !isActivationScale(name)) result.tensors.set(name, tensor);
    } else if ('reason' in weight) result.unreadable.push(weight);
    else result.tensors.set(weight.name, weight);
  }
  result.unreadable.unshift(...unreadable.filter(({ name }) => !taken.has(name)));
  return result;
}

async function firstOf(codes: StoredTensor, around: Surroundings): Promise<Recognised | null> {
  for (const recognise of recognisers) {
    const recognised = await recognise(codes, around);
    if (recognised !== null) return recognised;
  }
  return null;
}

function someEndsWith(names: Iterable<string>, ending: string): boolean {
  for (const name of names) if (name.endsWith(ending)) return true;
  return false;
}

function mayHoldCodes({ dtype }: StoredTensor): boolean {
  return dtype !== 'BOOL' && !dtype.startsWith('BF') && !isFloat8(dtype) && !/^F(?:16|32|64)$/.test(dtype);
}

/** The module of a weight, so that companions are looked for among a few names. */
function stemOf(name: string): string {
  return name.replace(/\.weight(?:\..*)?$/, '').replace(/\.[^.]*$/, '');
}

function namesByStem(names: Iterable<string>): Map<string, string[]> {
  const byStem = new Map<string, string[]>();
  for (const name of names) {
    // Every prefix that could be the stem of a weight: companions lie one or a few segments below it.
    const segments = name.split('.');
    for (let length = Math.max(0, segments.length - 4); length < segments.length; length++) {
      const stem = segments.slice(0, length).join('.');
      const held = byStem.get(stem);
      if (held === undefined) byStem.set(stem, [name]);
      else held.push(name);
    }
  }
  return byStem;
}
