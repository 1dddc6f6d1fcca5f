// Which tensors a sampled preview reads: of every kind of tensor the share that was asked for, at least one where the kind
// recurs over the layers, drawn with a seed and spread over the depth of the model. A kind with a single large tensor (an
// embedding) is left out unless it fits the share of the bytes; the report says so. Pure.
import type { SampledKind } from '../../shared/report/sample.ts';
import type { TensorPair } from '../checkpoint/checkpoint.ts';
import { NormalGenerator } from '../linalg/random.ts';
import { grouped } from './grouped.ts';

export interface SampleDesign {
  share: number;
  seed: number;
  strata: Stratum[];
  drawn: ReadonlySet<TensorPair>;
}

/** The tensors of one kind. */
export interface Stratum extends SampledKind {
  members: readonly TensorPair[];
  /** Its tensors are measured in any case, and stand for themselves alone. */
  certain?: true;
}

/** Successive multiples of it, modulo 1, are spread evenly however many are taken, so that a larger sample holds a smaller one. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

export function drawSample(pairs: readonly TensorPair[], share: number, seed: number): SampleDesign {
  const bytes = pairs.reduce((sum, { base, tuned }) => sum + base.bytes + tuned.bytes, 0);
  const generator = new NormalGenerator(seed);
  const drawn = new Set<TensorPair>();
  const strata: Stratum[] = [];
  for (const members of grouped(pairs, kindOf)) {
    const [first] = members;
    if (first === undefined) continue;
    const taken = spread(members, countOf(members, share, share * bytes), generator.uniform());
    for (const pair of taken) drawn.add(pair);
    strata.push({
      module: first.module,
      container: first.container,
      tensors: members.length,
      elements: elementsOf(members),
      drawn: taken.length,
      drawnElements: elementsOf(taken),
      members,
    });
  }
  return { share, seed, strata, drawn };
}

/** What kind of tensor it is. */
function kindOf({ container, module }: TensorPair): string {
  return JSON.stringify([container, module]);
}

function countOf(members: readonly TensorPair[], share: number, bytesLimit: number): number {
  const rounded = Math.round(share * members.length);
  if (rounded > 0) return rounded;
  const [first] = members;
  if (first === undefined) return 0;
  return first.layer !== null || first.base.bytes + first.tuned.bytes <= bytesLimit ? 1 : 0;
}

/** `count` of the members, each as likely as any other, as they are drawn: every few of them lie spread over all. @param start uniform in [0, 1) */
export function spread<Member>(members: readonly Member[], count: number, start: number): Member[] {
  const taken = new Set<Member>();
  for (let step = 0; taken.size < count; step++) {
    const at = (start + step * goldenRatio) % 1;
    const member = members[Math.floor(at * members.length)];
    if (member !== undefined) taken.add(member);
  }
  return [...taken];
}

function elementsOf(pairs: readonly TensorPair[]): number {
  return pairs.reduce((sum, { elements }) => sum + elements, 0);
}
