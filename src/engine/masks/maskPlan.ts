// Which tensors of a base get a mask, and for every other one, why not. Pure.
// Where a mask depends on matrices, a tensor without any gets none: there is no principal or non-principal part of it to
// train or to spare, and an all-true mask would say that there is.
import { problem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/text/format.ts';
import type { ModuleKind } from '../../shared/report/moduleKinds.ts';
import { matcher } from '../analysis/plan.ts';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { placesOf, type Place } from '../checkpoint/stacks.ts';
import { matricesOf, type MatrixView } from '../checkpoint/matrixView.ts';

export interface MaskStep extends Place {
  tensor: StoredTensor;
  /** A tensor without matrices is one row. */
  view: MatrixView;
}

/** What decides which tensors have a mask. */
export interface MaskScope {
  match: string | null;
  exclude: readonly ModuleKind[];
  /** Whether only matrices have this mask. */
  matricesOnly: boolean;
  /** Of memory, per element of the tensor in work. */
  workingBytes: number;
}

export interface LeftOut {
  name: string;
  elements: number;
  reason: Problem;
}

export interface MaskPlan {
  /** By name: the order of the file. */
  steps: MaskStep[];
  leftOut: LeftOut[];
  /** Tensors that the user's `match` or `exclude` passes over. */
  notMatched: number;
  bytes: number;
  elements: number;
  matrices: number;
}

const memoryShare = 0.85;

export function planMask(base: Checkpoint, scope: MaskScope, totalMemoryBytes: number): MaskPlan {
  const { match, exclude, matricesOnly, workingBytes } = scope;
  const matches = matcher(match);
  const steps: MaskStep[] = [];
  let notMatched = 0;
  const leftOut: LeftOut[] = base.unreadable.map(({ name, elements, reason }) => ({
    name,
    elements: elements ?? 0,
    reason,
  }));
  const places = placesOf(base.tensors.keys());
  for (const tensor of base.tensors.values()) {
    const { name, elements, shape } = tensor;
    const place = places.get(name);
    if (place === undefined) continue;
    const leave = (code: Problem['code'], why: string): void => {
      leftOut.push({ name, elements, reason: problem(code, why, { file: tensor.file, tensor: name }) });
    };
    const found = matricesOf(shape, place.module);
    const view =
      typeof found === 'string' && !matricesOnly ? { rows: 1, columns: elements, count: 1 } : found;
    if (!matches({ name, tunedName: null }) || exclude.includes(place.module)) notMatched += 1;
    else if (dtypes[tensor.dtype].kind !== 'float') {
      leave('not-numeric', `${name} is ${tensor.dtype}: only floating-point weights have a mask.`);
    } else if (typeof view === 'string') {
      leave('not-selected', `${name} has no mask. ${view}`);
    } else if (elements * workingBytes > totalMemoryBytes * memoryShare) {
      const needs = formatBytes(elements * workingBytes);
      leave(
        'out-of-memory',
        `${name} needs about ${needs}, and this machine has ${formatBytes(totalMemoryBytes)}.`,
      );
    } else steps.push({ tensor, ...place, view });
  }
  if (steps.length === 0) {
    const why = `No ${matricesOnly ? 'matrix' : 'tensor'} of ${base.info.path} is left to make a mask of.`;
    throw new ThreeGateError('nothing-to-compare', why, { file: base.info.path });
  }
  steps.sort((a, b) => (a.tensor.name < b.tensor.name ? -1 : 1));
  return {
    steps,
    leftOut,
    notMatched,
    bytes: steps.reduce((sum, { tensor }) => sum + tensor.bytes, 0),
    elements: steps.reduce((sum, { tensor }) => sum + tensor.elements, 0),
    matrices: steps.reduce((sum, { view }) => sum + view.count, 0),
  };
}
