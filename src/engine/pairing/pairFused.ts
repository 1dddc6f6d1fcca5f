// Pairs what one side stores in one tensor and the other in several: expert stacks, gate and up, query, key and value.
// Every part is compared with its slice, so the numbers are those of two unfused checkpoints, and no parameter counts
// twice. What cannot be told apart is one row with its reason.
import { problem, type ProblemCode } from '../../shared/errors.ts';
import type { NotCompared } from '../../shared/report/report.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { emptyBeside } from './comparability.ts';
import { candidatesOf, otherSide, type Candidate, type Side, type SideTensors } from './fusedCandidates.ts';
import { layoutInWords, layoutOf, sliceOfPart, type Layout } from './fusedLayout.ts';

/** `part` is the name that tells what the slice is; both tensors are to be compared as any other two. */
interface SlicePair {
  part: string;
  base: StoredTensor;
  tuned: StoredTensor;
}

interface FusedPairs {
  pairs: SlicePair[];
  /** Names that are accounted for by these pairs and rows. */
  used: Record<Side, Set<string>>;
  notCompared: NotCompared[];
  notes: string[];
}

type Cut =
  { pairs: SlicePair[]; rows: NotCompared[]; layout: Layout } | { refused: string; code: ProblemCode };

export function pairFused(sides: Record<Side, SideTensors>): FusedPairs {
  const found: FusedPairs = {
    pairs: [],
    used: { base: new Set(), tuned: new Set() },
    notCompared: [],
    notes: [],
  };
  for (const side of ['base', 'tuned'] as const) {
    const notes = new Notes(side);
    const candidates = candidatesOf(side, sides);
    const modules = groupByModule(candidates);
    for (const candidate of candidates) {
      const cut = cutUp(side, sides, candidate, modules.get(moduleOf(candidate)) ?? []);
      found.used[side].add(candidate.name);
      for (const name of partNames(candidate)) found.used[otherSide[side]].add(name);
      if ('refused' in cut) {
        found.notCompared.push(refusal(side, sides, candidate, cut.refused, cut.code));
        continue;
      }
      // Hundreds of experts: one by one, as an argument list has its limit.
      for (const pair of cut.pairs) found.pairs.push(pair);
      found.notCompared.push(...cut.rows);
      notes.add(layoutInWords(cut.layout, candidate), cut.pairs);
    }
    found.notes.push(...notes.lines());
  }
  return found;
}

function cutUp(
  side: Side,
  sides: Record<Side, SideTensors>,
  candidate: Candidate,
  module: readonly Candidate[],
): Cut {
  const { tensor, fusion, parts } = candidate;
  if ('reason' in tensor) return { refused: tensor.reason.message, code: tensor.reason.code };
  if (tensor.elements === 0) return { refused: emptyBeside(side, tensor), code: 'empty-tensor' };
  const other = sides[otherSide[side]];
  const refuse = (refused: string): Cut => ({ refused, code: 'layout-unknown' });
  const neighbours = module.filter((each) => each !== candidate);
  const layout = layoutOf(tensor, candidate, neighbours, {
    modelType: sides[side].checkpoint.info.modelType ?? other.checkpoint.info.modelType,
    attention: sides[side].checkpoint.attention,
  });
  if ('refused' in layout) return refuse(layout.refused);
  const experts = fusion.isStack ? (tensor.shape[0] ?? 0) : 1;
  const beyond = [...parts.keys()].find((expert) => expert >= experts);
  if (beyond !== undefined) return refuse(`it holds ${experts} experts, and there is an expert ${beyond}`);
  const pairs: SlicePair[] = [];
  const rows: NotCompared[] = [];
  let left = tensor.elements;
  for (const [expert, names] of parts) {
    for (const [at, name] of names.entries()) {
      const part = name === undefined ? undefined : other.tensors.get(name);
      if (name === undefined || part === undefined) continue;
      const slice = sliceOfPart(tensor, candidate, layout, expert, at);
      if (typeof slice === 'string') return refuse(slice);
      left -= slice.elements;
      if ('reason' in part) {
        rows.push({ name, side: otherSide[side], elements: slice.elements, reason: part.reason });
      } else if (side === 'base') pairs.push({ part: name, base: slice, tuned: part });
      else pairs.push({ part: name, base: part, tuned: slice });
    }
  }
  if (left > 0) rows.push(rest(side, tensor, left));
  return { pairs, rows, layout };
}

/** Slices that the other side has no part for. */
function rest(side: Side, { name, file }: StoredTensor, elements: number): NotCompared {
  const message = `Tensor "${name}" has slices that are only in the ${side} checkpoint: the other one lacks some of the parts.`;
  const reason = problem(`only-in-${side}`, message, { file, tensor: name });
  return { name, side, elements, reason };
}

/** One row for the fused tensor and all its parts. */
function refusal(
  side: Side,
  sides: Record<Side, SideTensors>,
  candidate: Candidate,
  why: string,
  code: ProblemCode,
): NotCompared {
  const { name, tensor } = candidate;
  const parts = partNames(candidate);
  const { tensors } = sides[otherSide[side]];
  const ofParts = parts.reduce((sum, part) => sum + (tensors.get(part)?.elements ?? 0), 0);
  const elements = Math.max(tensor.elements ?? 0, ofParts);
  if ('reason' in tensor) return { name, side: 'both', elements, reason: tensor.reason };
  const held = `holds what the ${otherSide[side]} checkpoint stores as ${parts.length} tensors (${parts[0] ?? ''} first)`;
  const message =
    code === 'empty-tensor'
      ? `Tensor "${name}" ${why}.`
      : `Tensor "${name}" of the ${side} checkpoint ${held}, but ${why}.`;
  return {
    name,
    side: 'both',
    elements,
    reason: problem(code, message, { file: tensor.file, tensor: name }),
  };
}

function partNames({ parts }: Candidate): string[] {
  return [...parts.values()].flat().filter((name) => name !== undefined);
}

function moduleOf({ fusion: { isStack, stem } }: Candidate): string {
  return `${String(isStack)} ${stem}`;
}

function groupByModule(candidates: readonly Candidate[]): Map<string, Candidate[]> {
  const modules = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = moduleOf(candidate);
    const group = modules.get(key) ?? [];
    group.push(candidate);
    modules.set(key, group);
  }
  return modules;
}

/** One sentence for all fused tensors of one layout. */
class Notes {
  private readonly said = new Map<string, { fused: number; parts: number; example: string }>();

  constructor(private readonly side: Side) {}

  add(words: string, pairs: readonly SlicePair[]): void {
    const [first] = pairs;
    if (first === undefined) return;
    const example = `${first[this.side].name} with ${first.part}`;
    const { fused, parts, example: known } = this.said.get(words) ?? { fused: 0, parts: 0, example };
    this.said.set(words, { fused: fused + 1, parts: parts + pairs.length, example: known });
  }

  lines(): string[] {
    return [...this.said].map(([words, { fused, parts, example }]) => {
      const what = fused === 1 ? '1 fused tensor' : `${fused} fused tensors`;
      return `${what} of the ${this.side} checkpoint: compared slice by slice with ${parts} tensors of the ${otherSide[this.side]} checkpoint, as ${example} (${words}).`;
    });
  }
}
