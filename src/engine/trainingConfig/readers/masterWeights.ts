// Whether an optimizer step lands in fp32 or in the bf16 weights themselves, deduced from weight dtype and launcher.
// Read from accelerate's and TRL's code, not from an experiment: every entry says how it was deduced.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import { defaultEntry } from './fields.ts';
import type { Launcher } from './reader.ts';

type MasterWeights = 'fp32' | 'none';

/** For the Hugging Face family. Null dtype = not known. */
export function masterWeightsEntry(
  weightDtype: string | null,
  launcher: Launcher | null,
  adapter: boolean,
): ConfigEntry {
  const say = (value: MasterWeights | null, note: string): ConfigEntry =>
    defaultEntry('masterWeights', '(master weights)', {
      value,
      origin: value === null ? 'unknown' : 'default',
      note,
    });
  if (adapter) return say('fp32', 'PEFT keeps adapter weights in fp32 (autocast_adapter_dtype) by default');
  if (weightDtype === null || weightDtype === 'auto') {
    return say(null, 'the dtype that the weights are loaded in is not stated');
  }
  if (/float32|fp32/.test(weightDtype)) return say('fp32', 'the weights themselves are kept in fp32');
  if (launcher === null) {
    return say(
      null,
      `${weightDtype} weights: an fp32 copy exists under DeepSpeed and mixed-precision FSDP only, and no launcher config was found`,
    );
  }
  if (launcher.kind === 'deepspeed') {
    return say('fp32', `DeepSpeed keeps fp32 master partitions (${launcher.from})`);
  }
  if (launcher.kind === 'fsdp' && launcher.mixedPrecision !== null && launcher.mixedPrecision !== 'no') {
    return say('fp32', `accelerate upcasts FSDP weights to fp32 under mixed precision (${launcher.from})`);
  }
  return say(
    'none',
    `${weightDtype} weights without DeepSpeed or mixed-precision FSDP: updates land in ${weightDtype} (${launcher.from})`,
  );
}
