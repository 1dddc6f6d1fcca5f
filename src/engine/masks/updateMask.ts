// A measured update as a mask: 1 where the tuned side's bf16 view differs from the base's by more than η. An element that is
// NaN or infinite on a side counts as unchanged, as in every metric, and is said. Memory: the mask, and slabs.
import { problem, type Problem } from '../../shared/errors.ts';
import { formatCount } from '../../shared/text/format.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { FileStretch } from '../files/rangeSource.ts';
import type { BaseReader } from './baseReader.ts';
import { notNeeded, type MadeMask, type MaskMaker } from './maskMaker.ts';
import type { MaskStep } from './maskPlan.ts';
import type { TunedUpdate } from './tunedUpdate.ts';

export class UpdateMaker implements MaskMaker {
  readonly needs;
  readonly description;
  readonly metadata;
  readonly problems: Problem[];

  constructor(
    private readonly update: TunedUpdate,
    private readonly eta: number,
    private readonly reader: BaseReader,
  ) {
    const { info, problems } = update.tuned;
    this.needs = { matricesOnly: false, workingBytes: update.workingBytes };
    this.description = { ...notNeeded, tuned: info };
    this.metadata = { tuned: info.label, eta: String(eta) };
    this.problems = [...problems];
  }

  stretches(tensor: StoredTensor): FileStretch[] {
    return this.update.stretches(tensor);
  }

  async make({ tensor }: MaskStep): Promise<MadeMask> {
    const mask = new Uint8Array(tensor.elements);
    const mark = (index: number): void => {
      mask[index] = 1;
    };
    const content = await this.reader.hashed(tensor, async (hear) => {
      const strange = await this.update.changed(tensor, this.eta, mark, hear);
      if (strange > 0) this.problems.push(notFinite(tensor, strange));
    });
    return { mask, rank: null, content };
  }
}

function notFinite({ name, file }: StoredTensor, count: number): Problem {
  const why = `${formatCount(count)} elements of ${name} are NaN or infinite on a side; they count as unchanged.`;
  return problem('not-numeric', why, { file, tensor: name });
}
