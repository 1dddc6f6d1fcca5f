// The options of an analysis: the settings, and over them what the pair file says.
import * as vscode from 'vscode';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import { overridden, type OptionOverrides } from '../../shared/options/optionOverrides.ts';
import { optionsOfSettings, settingsSection } from './optionsOfSettings.ts';
import type { FlagSetting } from './settingsTable.ts';

/** A flag among the settings, e.g. `hovers`. */
export function readFlag(key: FlagSetting): boolean {
  return vscode.workspace.getConfiguration(settingsSection).get(key, true);
}

/**
 * Throws `config-value` for a setting out of its range.
 * @param scope where the pair lives, for settings that a folder overrides
 */
export function readOptions(scope: vscode.Uri, overrides: OptionOverrides): AnalysisOptions {
  const settings = vscode.workspace.getConfiguration(settingsSection, scope);
  return overridden(
    optionsOfSettings((key) => settings.get(key)),
    overrides,
  );
}
