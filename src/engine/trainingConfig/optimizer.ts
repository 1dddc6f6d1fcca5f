// Which optimizer took the steps, and how far one of Adam's steps can carry a weight, in units of the learning rate.
// The bound: m̂² ≤ Σ w₁g² and v̂ = Σ w₂g² over the same gradients, with w₁/w₂ ≤ (1−β₁)/(1−β₂) for β₁ ≤ β₂; so |m̂|/√v̂ is at
// most √((1−β₁)/(1−β₂)). Kingma & Ba, arXiv 1412.6980, § 2.1 for the two cases.
import type { Measured, NamedOptimizer, StepBound } from '../../shared/report/report.ts';
import type { ConfigConcept, ConfigEntry, TrainingConfig } from '../../shared/report/training.ts';

/** Plain Adam in all its spellings; not what projects, averages or replaces its steps. */
const adam = /adam(w)?(?!ax|ini)/i;
const otherThanAdam = /galore|apollo|schedule_?free|grok|ademamix|lomo|badam|adam_?mini/i;
/** PyTorch's own, which all other frameworks take over. */
const usualBetas = [0.9, 0.999] as const;
const ownBetas: Readonly<Record<string, readonly [number, number]>> = { OpenRLHF: [0.9, 0.95] };

/** As the config says, or as its framework does where the config is silent; null where neither is known. */
export function optimizerOf(config: TrainingConfig | null): NamedOptimizer | null {
  const entry = entryOf(config, 'optimizer');
  if (config === null || typeof entry?.value !== 'string' || entry.origin === 'unknown') return null;
  const from = entry.origin === 'stated' ? `stated as ${entry.key}` : (entry.defaultNote ?? 'default');
  return { name: entry.value, from };
}

/** At least 1: the usual step. */
export function stepBoundOf(config: TrainingConfig | null): Measured<StepBound> {
  const optimizer = optimizerOf(config);
  if (config === null || optimizer === null) return none('the optimizer is not known');
  if (!adam.test(optimizer.name) || otherThanAdam.test(optimizer.name)) {
    return none(`it is known for Adam only, and the optimizer is ${optimizer.name}`);
  }
  const stated = [betaOf(config, 'adamBeta1'), betaOf(config, 'adamBeta2')];
  const silent = stated.some((entry) => entry === null);
  if (silent && config.framework === 'unknown')
    return none('its betas are not stated, and the framework is not known');
  const defaults = ownBetas[config.framework] ?? usualBetas;
  const [first = 0, second = 0] = stated.map((entry, index) => entry?.value ?? defaults[index] ?? 0);
  const keys = [...new Set(stated.flatMap((entry) => (entry === null ? [] : [entry.key])))];
  const parts = [
    ...(keys.length === 0 ? [] : [`stated as ${keys.join(' and ')}`]),
    ...(silent ? [`default of ${optimizer.name} in ${config.framework}`] : []),
  ];
  const value = Math.max(1, Math.sqrt((1 - first) / (1 - second)));
  return { value: { value, beta1: first, beta2: second, from: parts.join('; else ') }, reason: null };
}

function none(why: string): Measured<StepBound> {
  return { value: null, reason: `No bound on one step: ${why}.` };
}

function betaOf(config: TrainingConfig, concept: ConfigConcept): { key: string; value: number } | null {
  const entry = entryOf(config, concept);
  return typeof entry?.value === 'number' ? { key: entry.key, value: entry.value } : null;
}

function entryOf(config: TrainingConfig | null, concept: ConfigConcept): ConfigEntry | null {
  return config?.entries.find((entry) => entry.concept === concept) ?? null;
}
