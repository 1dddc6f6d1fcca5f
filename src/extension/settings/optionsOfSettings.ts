// The settings of an analysis as its options; a value that the catalogue refuses is an error that names the setting.
import { ThreeGateError } from '../../shared/errors.ts';
import type { AnalysisOptions, Threshold, Thresholds } from '../../shared/options/options.ts';
import {
  defaultOptions,
  gigabytes,
  optionCatalogue,
  type OptionName,
} from '../../shared/options/catalogue.ts';
import { accepts, valueWords, type Rule } from '../../shared/options/rule.ts';
import { thresholdCatalogue, type BandName } from '../../shared/options/thresholds.ts';

export const settingsSection = 'threeGate';

/** Reads one setting's value as VS Code has it, default included; undefined where nothing says. */
type SettingReader = (key: string) => unknown;

/** Throws `config-value`. */
export function optionsOfSettings(read: SettingReader): AnalysisOptions {
  const option = <Name extends OptionName>(name: Name): AnalysisOptions[Name] => {
    const { setting, rule, default: value } = optionCatalogue[name];
    return setting === null ? value : held(read, setting, rule, value);
  };
  return {
    ...defaultOptions,
    rank: option('rank'),
    alpha: option('alpha'),
    eta: option('eta'),
    fullSpectrum: option('fullSpectrum'),
    profile: option('profile'),
    engine: option('engine'),
    threads: option('threads'),
    memoryBytes: memoryOf(read),
    useCache: option('useCache'),
    cacheGigabytes: option('cacheGigabytes'),
    remoteCacheGigabytes: option('remoteCacheGigabytes'),
    thresholds: thresholdsOf(read),
  };
}

function memoryOf(read: SettingReader): number | null {
  const { setting } = optionCatalogue.memoryBytes;
  const rule = { ...gigabytes.rule, orNull: true } as const;
  const given = held<number | null>(read, setting ?? '', rule, null);
  return given === null ? null : gigabytes.toBytes(given);
}

function thresholdsOf(read: SettingReader): Thresholds {
  const number = (key: keyof Thresholds, rule: Rule, value: number, end = ''): number =>
    held(read, `thresholds.${key}${end}`, rule, value);
  const band = (key: BandName): Threshold => {
    const { rule, default: value } = thresholdCatalogue[key];
    const end = { ...rule, kind: 'number', noun: 'number' } as const;
    return {
      holds: number(key, end, value.holds, '.holds'),
      broken: number(key, end, value.broken, '.broken'),
    };
  };
  const limit = (key: Exclude<keyof Thresholds, BandName>): number =>
    number(key, thresholdCatalogue[key].rule, thresholdCatalogue[key].default);
  return {
    relativeDrift: band('relativeDrift'),
    klNatsPerToken: limit('klNatsPerToken'),
    spectralDriftTopK: band('spectralDriftTopK'),
    rotationMeanDeg: band('rotationMeanDeg'),
    principalLift: band('principalLift'),
    lowMagnitudeLift: band('lowMagnitudeLift'),
    sparsityBf16: band('sparsityBf16'),
    beyondRotation: limit('beyondRotation'),
    beyondSpectralDrift: limit('beyondSpectralDrift'),
    beyondLift: limit('beyondLift'),
    beyondSparsity: limit('beyondSparsity'),
    beyondEnergyLess: limit('beyondEnergyLess'),
    beyondEnergyMore: limit('beyondEnergyMore'),
    coverage: limit('coverage'),
  };
}

function held<Value>(read: SettingReader, key: string, rule: Rule, otherwise: Value): Value {
  const value = read(key);
  if (value === undefined) return otherwise;
  if (!accepts(rule, value)) {
    const message = `The setting ${settingsSection}.${key} must be ${valueWords(rule)}.`;
    throw new ThreeGateError('config-value', message);
  }
  // Its rule has just been checked.
  return value as Value;
}
