// The tensors of a mask as they come, and their pools: counts are added and then divided.
import type { MaskPool, MaskReport, MaskTensor } from '../../shared/report/maskReport.ts';
import { moduleKinds } from '../../shared/report/moduleKinds.ts';
import type { Measured } from '../../shared/report/report.ts';
import { absent, measured } from '../analysis/measured.ts';
import type { LeftOut } from './maskPlan.ts';
import { addOverlap, noOverlap, overlapOf, type OverlapCounts } from './overlap.ts';

interface Row {
  tensor: Omit<MaskTensor, 'overlap'>;
  /** Null where the tuned side has no such tensor, or none that can be read. */
  overlap: OverlapCounts | null;
  /** Why the tuned side could not be read; null where it was, or has no such tensor. */
  unread: string | null;
}

export class ReportBuilder {
  readonly tensors: Row[] = [];
  readonly leftOut: LeftOut[];

  /** @param whyNone what stands in place of an overlap that nothing was counted for */
  constructor(
    leftOut: readonly LeftOut[],
    private readonly whyNone: string,
  ) {
    this.leftOut = [...leftOut];
  }

  add(tensor: Row['tensor'], overlap: OverlapCounts | null, unread: string | null): void {
    this.tensors.push({ tensor, overlap, unread });
  }

  build(): Pick<MaskReport, 'tensors' | 'modules' | 'whole' | 'leftOut'> {
    const why = this.whyNone;
    const modules = moduleKinds.flatMap((module) => {
      const rows = this.tensors.filter(({ tensor }) => tensor.module === module);
      return rows.length === 0 ? [] : [{ module, ...pool(rows, why) }];
    });
    const tensors = this.tensors.map((row) => ({ ...row.tensor, overlap: pool([row], why).overlap }));
    return { tensors, modules, whole: pool(this.tensors, why), leftOut: this.leftOut };
  }
}

function pool(rows: readonly Row[], whyNone: string): MaskPool {
  const counts = noOverlap();
  const paired = rows.flatMap(({ overlap }) => (overlap === null ? [] : [overlap]));
  for (const part of paired) addOverlap(counts, part);
  const unread = rows.find((row) => row.unread !== null)?.unread ?? null;
  const overlap: Measured<ReturnType<typeof overlapOf>> =
    paired.length === 0 ? absent(unread ?? whyNone) : measured(overlapOf(counts));
  return {
    tensors: rows.length,
    elements: rows.reduce((sum, { tensor }) => sum + tensor.elements, 0),
    trainable: rows.reduce((sum, { tensor }) => sum + tensor.trainable, 0),
    overlap,
  };
}
