// Why an adapter's update of a tensor cannot be applied, in a sentence that names tensor and adapter; and what is wrong
// with factors whatever they are for.
import { problem, type Problem, type ProblemCode } from '../../shared/errors.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { AdapterSettings, InitialFactors } from '../checkpoint/adapterUpdate.ts';
import { type Factors, factorPair } from './factorGroups.ts';

export function refusal(code: ProblemCode, tensor: string, what: string, { file }: AdapterSettings): Problem {
  return problem(code, `Tensor "${tensor}" ${what} (${file}).`, { file, tensor });
}

const readable: readonly string[] = ['F32', 'BF16', 'F16', 'F64'];

/** A and B where they are whole and can be read; else what is wrong with them, as `refusal` says it. */
export function usablePair(factors: Factors): InitialFactors | { code: ProblemCode; what: string } {
  const parts = [...factors.parts];
  const empty = parts.filter(([, { elements }]) => elements === 0);
  if (empty.length > 0) {
    const shapes = empty.map(([part, { shape }]) => `${part} ${formatShape(shape)}`).join(', ');
    return { code: 'adapter-empty', what: `has empty factors in the adapter (${shapes}): ${notGathered}` };
  }
  if (factors.twice !== null) {
    const what = `has its factor ${factors.twice} more than once in the adapter, under names that mean the same`;
    return { code: 'adapter-unplaced', what };
  }
  const pair = factorPair(factors);
  if (pair === null) {
    return { code: 'adapter-unsupported', what: 'has only one of its two LoRA factors in the adapter' };
  }
  const odd = parts.find(([, { dtype }]) => !readable.includes(dtype))?.[1];
  return odd === undefined ? pair : { code: 'dtype-unsupported', what: `has a LoRA factor in ${odd.dtype}` };
}

/** What empty tensors of an adapter mean, and the way on. */
export const notGathered =
  "it was saved under DeepSpeed ZeRO-3 without gathering. Join the run's own ZeRO checkpoint with its zero_to_fp32.py and take the adapter from that, or save again with stage3_gather_16bit_weights_on_model_save set to true";
