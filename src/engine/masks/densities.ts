// How dense a random mask is, tensor by tensor: as another mask file, or as what a tuned checkpoint changed.
import { problem, ThreeGateError, type Problem, type ProblemCode } from '../../shared/errors.ts';
import { formatCount, formatShape } from '../../shared/text/format.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint.ts';
import { stretchesOf } from '../kernels/stretches.ts';
import { slabs } from './baseReader.ts';
import { streamedBytes } from './maskMaker.ts';
import type { MaskTools } from './maskTools.ts';
import type { TunedUpdate } from './tunedUpdate.ts';
import type { Density } from './randomMask.ts';

/** Throws `usage` where the file holds no masks at all, and says which of its tensors the base lacks. */
export function densityOfMask(mask: Checkpoint, base: Checkpoint, { values, signal }: MaskTools): Density {
  const { info } = mask;
  if (![...mask.tensors.values()].some(({ dtype }) => dtype === 'BOOL')) {
    const why = `${info.path} is no mask: it holds no BOOL tensor. Name a file that three-gate mask wrote; the density of a checkpoint's update is --like-update.`;
    throw new ThreeGateError('usage', why, { file: info.path });
  }
  const unknown = [...mask.tensors.keys()].filter((name) => !base.tensors.has(name));
  const problems: Problem[] = [...mask.problems];
  if (unknown.length > 0) {
    const why = `${formatCount(unknown.length)} tensors of ${info.path} are not in the base, ${unknown[0] ?? ''} for one: they are left out.`;
    problems.push(problem('only-in-tuned', why, { file: info.path }));
  }
  return {
    source: info,
    metadata: { like_mask: info.label },
    workingBytes: streamedBytes,
    problems,
    stretches({ name }) {
      const found = mask.tensors.get(name);
      return found === undefined ? [] : stretchesOf(found, 0, found.elements);
    },
    async count(tensor) {
      const found = mask.tensors.get(tensor.name);
      if (found === undefined)
        throw withoutDensity('not-selected', tensor, `${info.path} holds no mask of it.`);
      if (found.dtype !== 'BOOL' || found.shape.join() !== tensor.shape.join()) {
        const is = `${found.dtype} ${formatShape(found.shape)}`;
        const why = `In ${info.path} it is ${is}, not BOOL ${formatShape(tensor.shape)}.`;
        throw withoutDensity('shape-mismatch', tensor, why);
      }
      let ones = 0;
      for (const { first, count } of slabs(found.shape)) {
        throwIfCancelled(signal);
        for (const byte of await values.stored(found, first, count)) ones += byte === 0 ? 0 : 1;
      }
      return ones;
    },
  };
}

export function densityOfUpdate(update: TunedUpdate, eta: number): Density {
  const { info, problems } = update.tuned;
  return {
    source: info,
    metadata: { like_update: info.label, eta: String(eta) },
    workingBytes: update.workingBytes,
    problems,
    stretches: (tensor) => update.stretches(tensor),
    async count(tensor) {
      let changed = 0;
      await update.changed(tensor, eta, () => (changed += 1));
      return changed;
    },
  };
}

function withoutDensity(code: ProblemCode, { name, file }: StoredTensor, why: string): ThreeGateError {
  return new ThreeGateError(code, `${name} has no mask. ${why}`, { file, tensor: name });
}
