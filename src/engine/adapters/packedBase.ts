// An adapter over a packed base (QLoRA): its update is added to weights that the base does not hold as numbers. Named by
// what lies beside the packed tensor, with the base to give instead where a side names one.
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { isReadable, type Target } from './baseTargets.ts';

/** Names of bases that are packed themselves: not the one to ask for. */
const packedName = /4bit|8bit|bnb|gptq|awq|int4|int8|w4a16|w8a8|mxfp4|nvfp4|nf4|fp8|-mlx/i;

/** For `refusal`; null where the tensor is not packed. `sides` may name an unquantised base. */
export function faultOfPacked(
  target: Target,
  baseNames: ReadonlySet<string>,
  sides: readonly Checkpoint[],
): string | null {
  const scheme = schemeOf(target, baseNames);
  if (scheme === null) return null;
  const named = sides
    .map(({ info }) => info.namedBase)
    .find((candidate) => candidate !== null && !packedName.test(candidate.name));
  const which = named ? `, ${named.name} by its ${named.from}` : '';
  return `is ${scheme} in the base, and an update of weights cannot be added to that: compare with the unquantised base${which}`;
}

function schemeOf(target: Target, names: ReadonlySet<string>): string | null {
  const { name } = target;
  const stem = name.replace(/\.[^.]*$/, '');
  const bits = ['nf4', 'fp4'].find((kind) => names.has(`${name}.quant_state.bitsandbytes__${kind}`));
  if (bits !== undefined) return `packed to 4 bits by bitsandbytes (${bits})`;
  if (names.has(`${name}.absmax`)) return 'packed to 4 bits by bitsandbytes';
  if (names.has(`${stem}.SCB`)) return 'quantised to 8 bits by bitsandbytes';
  if (name.endsWith('.qweight')) return 'packed by GPTQ or AWQ';
  if (/[._](?:weight_)?packed$/.test(name)) return 'packed by compressed-tensors';
  if (name.endsWith('_blocks')) return 'packed in MXFP4';
  if (!isReadable(target)) return null;
  return dtypes[target.dtype].kind === 'float' ? null : `stored in ${target.dtype}, packed or quantised,`;
}
