// Adam's β₁ and β₂ where a file states them, under the keys of all frameworks: two numbers, or one list of two.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { numberFrom } from '../document/scalarFromText.ts';
import { firstPresent, statedEntry } from './fields.ts';

const first = [
  'adam_beta1',
  'adam-beta1',
  'trainer.optim.betas1',
  'optim.betas1',
  'policy.megatron_cfg.optimizer.adam_beta1',
];
const second = first.map((key) => key.replace(/1$/, '2'));
const pairs = [
  'actor_rollout_ref.actor.optim.betas',
  'actor.adam.betas',
  'adam.betas',
  'adam_betas',
  'optim.betas',
  'policy.optimizer.kwargs.betas',
  'optimizer.betas',
  'optimizer.params.betas',
];

export function betaEntries(document: ConfigDocument): ConfigEntry[] {
  // NeMo-RL's file holds the settings of both of its backends.
  const megatron = document.get('policy.megatron_cfg.enabled')?.value === true;
  const used = (key: string): boolean => megatron || !key.startsWith('policy.megatron_cfg.');
  const concepts = ['adamBeta1', 'adamBeta2'] as const;
  const pair = firstPresent(document, pairs);
  return concepts.flatMap((concept, index) => {
    const own = firstPresent(document, (index === 0 ? first : second).filter(used));
    const found = own ?? pair;
    if (found === null) return [];
    const value = own === null && Array.isArray(found.value) ? (found.value[index] ?? null) : found.value;
    const beta = numberFrom(value);
    // Wrongly typed or open: no number is better than a guess.
    return beta === null || beta < 0 || beta >= 1 ? [] : [statedEntry(document, concept, found, beta)];
  });
}
