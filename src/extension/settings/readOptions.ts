// The options of an analysis: the settings, and over them what the pair file says.
import * as vscode from 'vscode';
import { defaultOptions, type AnalysisOptions, type GemmChoice } from '../../shared/options.ts';
import type { AnalysisProfile } from '../../shared/report/publishedStatistics.ts';
import type { PairOptions } from '../pairs/pairFile.ts';
import { readThresholds } from './settingsTable.ts';

export const settingsSection = 'threeGate';

/** A flag among the settings, e.g. `hovers`. */
export function readFlag(key: 'analyzeOnOpen' | 'hovers' | 'badges' | 'diagnostics'): boolean {
  return vscode.workspace.getConfiguration(settingsSection).get(key, true);
}

/** @param scope where the pair lives, for settings that a folder overrides */
export function readOptions(scope: vscode.Uri, overrides: PairOptions): AnalysisOptions {
  const settings = vscode.workspace.getConfiguration(settingsSection, scope);
  const gigabytes = settings.get<number | null>('memoryGigabytes', null);
  const base: AnalysisOptions = {
    ...defaultOptions,
    rank: settings.get('rank', defaultOptions.rank),
    alpha: settings.get('alpha', defaultOptions.alpha),
    eta: settings.get('eta', defaultOptions.eta),
    fullSpectrum: settings.get('fullSpectrum', defaultOptions.fullSpectrum),
    profile: settings.get<AnalysisProfile>('profile', defaultOptions.profile),
    engine: settings.get<GemmChoice>('engine', defaultOptions.engine),
    threads: settings.get<number | null>('threads', null),
    memoryBytes: gigabytes === null ? null : gigabytes * 2 ** 30,
    useCache: settings.get('cache', defaultOptions.useCache),
    thresholds: readThresholds((key) => settings.get(key)),
  };
  return { ...base, ...overrides, thresholds: { ...base.thresholds, ...overrides.thresholds } };
}
