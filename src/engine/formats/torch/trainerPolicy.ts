// What a trainer's own state file may say: beside the tensors of its model it holds arguments, schedules and settings of
// any class. Those stay names that nothing is made of; names that run code are refused here as everywhere.
import { dangerousGlobals } from '../../files/pickle/policy.ts';
import type { PicklePolicy } from '../../files/pickle/policy.ts';
import { tensorPolicy } from './tensorPolicy.ts';

/** How Python 3.11 writes the member of an enumeration: a name and no call, as all of them. */
const harmless = ['builtins.getattr', '__builtin__.getattr'];

export const trainerPolicy: PicklePolicy = {
  ...tensorPolicy,
  mention: new Set([...tensorPolicy.mention, ...harmless]),
  call: new Set([...tensorPolicy.call, ...harmless]),
  others: 'opaque',
  forbidden: dangerousGlobals,
};

const trainerName =
  /^(?:(?:zero_pp_rank_\d+_)?mp_rank_\d+(?:_\d+)?_model_states|model_optim_rng|model_rng)\.pt$/;

/** DeepSpeed's and Megatron's files of a model's weights together with everything else. */
export function isTrainerFile(name: string): boolean {
  return trainerName.test(name);
}
