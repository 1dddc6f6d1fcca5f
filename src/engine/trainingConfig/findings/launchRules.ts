// How the run was started, and what that leaves in its files.
import type { FindingRule } from './rule.ts';

const severalLaunches: FindingRule = {
  id: 'several-launches-in-one-script',
  gate: null,
  source: 'the script itself',
  find(context) {
    const launches = context.config.launches ?? [];
    const read = launches.find((launch) => launch.read);
    if (read === undefined || launches.length < 2) return null;
    const others = launches.filter((launch) => launch !== read);
    const said = others.slice(0, maxNamed).map(({ title, location }) => `${title} in line ${location.line}`);
    const more = others.length > maxNamed ? ` and ${others.length - maxNamed} more` : '';
    return {
      severity: 'info',
      message: `The script starts ${launches.length} trainings. Read is ${read.title} in line ${read.location.line}; not read: ${said.join(', ')}${more}.`,
      evidence: null,
      nextStep: 'If another one made these weights, keep its command in a script of its own and name that.',
      entry: null,
      location: read.location,
    };
  },
};

const maxNamed = 4;

const notGathered: FindingRule = {
  id: 'zero3-weights-not-gathered',
  gate: null,
  source:
    'deepspeed/runtime/zero/config.py (gather_16bit_weights_on_model_save, default false) and accelerate (zero3_save_16bit_model)',
  find(context) {
    const entry = context.entry('gatherOnSave');
    const zero3 = (context.text('launcher') ?? '').includes('ZeRO-3');
    if (entry?.value !== false || !zero3) return null;
    return {
      severity: 'warning',
      message: `ZeRO stage 3 without ${entry.key.replace(/^.*\./, '')}: the weights are not gathered when the model is saved, so its files may hold empty tensors (shape [0]).`,
      evidence: null,
      nextStep:
        'Set it to true and save again, or make whole weights of the DeepSpeed checkpoint with the zero_to_fp32.py beside it.',
      entry,
    };
  },
};

export const launchRules: readonly FindingRule[] = [severalLaunches, notGathered];
