// Tensors without elements: what DeepSpeed ZeRO-3 leaves of parameters that were not gathered before saving.
import { problem, ThreeGateError } from '../../../shared/errors.ts';
import type { UnreadableTensor } from '../../checkpoint/checkpoint.ts';
import type { StateDictEntry } from './stateDict.ts';

const nextStep =
  'make whole weights of the checkpoint with the zero_to_fp32.py that DeepSpeed left in its folder, and compare those';

export function isEmpty(entry: StateDictEntry): boolean {
  return 'tensor' in entry && entry.tensor.shape.includes(0);
}

export function whyEmpty(file: string, name: string): UnreadableTensor {
  const message = `Tensor "${name}" of ${file} is empty: it was saved under DeepSpeed ZeRO-3 without gathering; ${nextStep}.`;
  return { name, elements: 0, reason: problem('empty-tensor', message, { file, tensor: name }) };
}

/** Where every one of a file's tensors is. */
export function refuseEmpty(file: string, count: number): ThreeGateError {
  const what = count === 1 ? 'one tensor, which is' : `${count} tensors, all of them`;
  const message = `${file} holds ${what} empty: it was saved under DeepSpeed ZeRO-3 without gathering; ${nextStep}.`;
  return new ThreeGateError('empty-tensor', message, { file });
}
