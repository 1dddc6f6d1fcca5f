// The control: as many elements of each tensor as another mask or an update holds, drawn at random from all sets of that size.
// Selection sampling (Knuth, TAOCP 2, 3.4.2, algorithm S): element i is taken with probability (still wanted)/(still to
// come), so the number is exact and one pass suffices. A tensor's draw depends on the seed and its name alone.
import { ThreeGateError, type Problem } from '../../shared/errors.ts';
import type { RandomMask } from '../../shared/report/maskReport.ts';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { FileStretch } from '../files/rangeSource.ts';
import { NormalGenerator } from '../linalg/random.ts';
import type { BaseReader } from './baseReader.ts';
import { notNeeded, type MadeMask, type MaskMaker } from './maskMaker.ts';
import type { MaskStep } from './maskPlan.ts';

/** Tells how many elements of each tensor are wanted. */
export interface Density {
  readonly source: CheckpointInfo;
  /** As the file says what it is. */
  readonly metadata: Record<string, string>;
  /** Per element of the tensor in work. */
  readonly workingBytes: number;
  readonly problems: readonly Problem[];
  /** Rejects where it holds nothing of this tensor, with the reason. */
  count(tensor: StoredTensor): Promise<number>;
  /** What is read for that from elsewhere, beside the base's tensor. */
  stretches(tensor: StoredTensor): FileStretch[];
}

export class RandomMaker implements MaskMaker {
  readonly needs;
  readonly description;
  readonly metadata: Record<string, string>;
  readonly problems;

  constructor(
    private readonly spec: RandomMask,
    private readonly density: Density,
    private readonly reader: BaseReader,
  ) {
    const { seed, like } = spec;
    const { source, workingBytes, problems, metadata } = density;
    this.needs = { matricesOnly: false, workingBytes };
    this.description = { ...notNeeded, seed, like: { what: like.what, checkpoint: source } };
    this.metadata = { seed: String(seed), ...metadata };
    this.problems = problems;
  }

  stretches(tensor: StoredTensor): FileStretch[] {
    return this.density.stretches(tensor);
  }

  async make({ tensor }: MaskStep): Promise<MadeMask> {
    const wanted = await this.density.count(tensor);
    const content = await this.reader.content(tensor);
    const mask = new Uint8Array(tensor.elements);
    draw(mask, wanted, this.spec.seed, tensor.name);
    return { mask, rank: null, content };
  }
}

/** Sets `wanted` of the bytes of `out`, which are zero. */
export function draw(out: Uint8Array, wanted: number, seed: number, name: string): void {
  if (wanted > out.length) {
    throw new ThreeGateError('internal', `${name} has ${out.length} elements, ${wanted} were asked for.`);
  }
  const random = new NormalGenerator(mixed(seed, name));
  let left = wanted;
  for (let i = 0; left > 0; i++) {
    if (random.uniform() * (out.length - i) >= left) continue;
    out[i] = 1;
    left -= 1;
  }
}

/** FNV-1a over the name's characters, begun at the seed. */
function mixed(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash;
}
