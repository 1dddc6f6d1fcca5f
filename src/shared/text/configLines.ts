// What the training configs of checkpoints side by side do not say alike, each setting under the frameworks' own keys.
import type {
  ConfigDifference,
  ConfigSetting,
  SideBySideReport,
  SideBySideRun,
} from '../report/sideBySide.ts';
import { valueText } from './configText.ts';
import { formatNumber } from './format.ts';
import type { SideBySideCell, SideBySideLine } from './sideBySideLine.ts';

/** Empty where fewer than two runs have a config. */
export function configLines({ configs, runs }: Pick<SideBySideReport, 'configs' | 'runs'>): SideBySideLine[] {
  return (configs.value?.differing ?? []).map((difference) => ({
    id: `config.${difference.concept}`,
    title: titleOf(difference),
    group: 'config',
    definition: definitionOf(difference, runs),
    cells: difference.settings.map((setting, run) => cellOf(setting, runs[run]?.config ?? null)),
  }));
}

/** "learning_rate", and "actor.optim.lr / learning_rate" where frameworks differ. */
function titleOf({ settings }: ConfigDifference): string {
  return [...new Set(settings.flatMap((setting) => setting?.key ?? []))].join(' / ');
}

/** Where a default comes from, of each run that relies on one. */
function definitionOf({ settings, concept }: ConfigDifference, runs: readonly SideBySideRun[]): string {
  const defaults = settings.flatMap((setting, run) => {
    if (setting === null || setting.origin === 'stated') return [];
    return [
      `${runs[run]?.label ?? ''}: ${setting.origin}${setting.defaultNote === null ? '' : `, ${setting.defaultNote}`}`,
    ];
  });
  return [`Setting of the training config (${concept}).`, ...defaults].join(' ');
}

function cellOf(setting: ConfigSetting | null, config: SideBySideRun['config']): SideBySideCell {
  if (config === null) return { text: 'no config', value: null };
  if (setting === null) return { text: formatNumber(null), value: null };
  const { value, origin } = setting;
  const text = valueText(setting);
  return {
    text: origin === 'default' ? `${text} (default)` : text,
    value: typeof value === 'number' ? value : value === null ? null : text,
  };
}
