// What differs between the training configs of several runs, by what a key means and not by what a framework calls it.
import type { Measured } from './report.ts';
import type { ConfigDifference, ConfigDifferences, ConfigSetting } from './sideBySide.ts';
import type { ConfigConcept, TrainingConfig } from './training.ts';

/** @param configs of each run; null for a run without one */
export function configDifferences(configs: readonly (TrainingConfig | null)[]): Measured<ConfigDifferences> {
  const known = configs.filter((config) => config !== null);
  if (known.length < 2) {
    const reason =
      known.length === 0
        ? 'No training config was found beside the checkpoints.'
        : 'Only one run has a training config.';
    return { value: null, reason };
  }
  const differing = wholeConfigs(configs);
  const same: ConfigConcept[] = [];
  for (const concept of conceptsOf(known)) {
    const settings = configs.map((config) => settingOf(config, concept));
    if (differs(settings, configs, concept)) differing.push({ concept, settings });
    else same.push(concept);
  }
  return { value: { differing, same }, reason: null };
}

/** Framework and kind of training, where they differ. */
function wholeConfigs(configs: readonly (TrainingConfig | null)[]): ConfigDifference[] {
  const stated = (key: string, value: string | null): ConfigSetting | null =>
    value === null ? null : { key, value, origin: 'stated', defaultNote: null };
  const framework = configs.map((config) =>
    stated(
      'framework',
      config && [config.framework, config.frameworkVersion].filter((part) => part !== null).join(' '),
    ),
  );
  const kind = configs.map((config) => stated('kind of training', config?.kind ?? null));
  return [
    { concept: 'framework' as const, settings: framework },
    { concept: 'kind' as const, settings: kind },
  ].filter(({ concept, settings }) => differs(settings, configs, concept));
}

/** In the order in which configs first name them. */
function conceptsOf(configs: readonly TrainingConfig[]): ConfigConcept[] {
  return [...new Set(configs.flatMap(({ entries }) => entries.map(({ concept }) => concept)))];
}

function settingOf(config: TrainingConfig | null, concept: ConfigConcept): ConfigSetting | null {
  const found = config?.entries.find((entry) => entry.concept === concept);
  if (found === undefined) return null;
  const { key, value, origin, defaultNote } = found;
  return { key, value, origin, defaultNote };
}

function differs(
  settings: readonly (ConfigSetting | null)[],
  configs: readonly (TrainingConfig | null)[],
  concept: ConfigDifference['concept'],
): boolean {
  const values = settings.flatMap((setting, run) =>
    configs[run] === null ? [] : [valueKey(setting, concept)],
  );
  return new Set(values).size > 1;
}

const models: readonly ConfigDifference['concept'][] = ['baseModel', 'referenceModel'];

/** Equal for equal values, whoever says them; of a model's path the last name counts, as it starts from wherever training did. */
function valueKey(setting: ConfigSetting | null, concept: ConfigDifference['concept']): string {
  if (setting === null) return 'absent';
  const { value, origin } = setting;
  if (origin === 'unknown' && value === null) return 'unknown';
  if (Array.isArray(value)) return JSON.stringify([...value].sort());
  if (typeof value === 'string' && models.includes(concept))
    return JSON.stringify(
      value
        .replace(/[/\\]+$/u, '')
        .split(/[/\\]/u)
        .at(-1),
    );
  return JSON.stringify(value);
}
