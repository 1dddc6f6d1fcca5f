// Every setting, once: package.json is held to this table by a test, and the rest of the extension reads through it.
import { rules } from '../../engine/trainingConfig/findings/findFindings.ts';
import { defaultOptions, defaultThresholds, type Thresholds } from '../../shared/options.ts';
import { analysisProfiles } from '../../shared/report/publishedStatistics.ts';

type SettingValue = string | number | boolean | null | string[];

interface Setting {
  /** Below `threeGate.`. */
  key: string;
  type: 'number' | 'integer' | 'boolean' | 'string' | 'array' | ('integer' | 'null')[];
  default: SettingValue;
  minimum?: number;
  maximum?: number;
  enum?: string[];
  /** Of a list. */
  items?: { type: 'string'; enum: string[] };
  uniqueItems?: boolean;
  /** True when it depends on the machine and must not be set by a workspace. */
  machine?: boolean;
}

const bands = Object.entries(defaultThresholds).flatMap(([name, band]): Setting[] =>
  typeof band === 'number'
    ? [{ key: `thresholds.${name}`, type: 'number', default: band, minimum: 0 }]
    : [
        { key: `thresholds.${name}.holds`, type: 'number', default: band.holds, minimum: 0 },
        { key: `thresholds.${name}.broken`, type: 'number', default: band.broken, minimum: 0 },
      ],
);

export const settingsTable: readonly Setting[] = [
  { key: 'rank', type: 'integer', default: defaultOptions.rank, minimum: 1, maximum: 4096 },
  { key: 'alpha', type: 'number', default: defaultOptions.alpha, minimum: 0.01, maximum: 0.99 },
  { key: 'eta', type: 'number', default: defaultOptions.eta, minimum: 0 },
  { key: 'fullSpectrum', type: 'boolean', default: defaultOptions.fullSpectrum },
  { key: 'profile', type: 'string', default: defaultOptions.profile, enum: [...analysisProfiles] },
  { key: 'engine', type: 'string', default: defaultOptions.engine, enum: ['auto', 'native', 'wasm'] },
  { key: 'threads', type: ['integer', 'null'], default: defaultOptions.threads, minimum: 1, machine: true },
  { key: 'memoryGigabytes', type: ['integer', 'null'], default: null, minimum: 1, machine: true },
  { key: 'cache', type: 'boolean', default: defaultOptions.useCache },
  { key: 'analyzeOnOpen', type: 'boolean', default: true },
  { key: 'hovers', type: 'boolean', default: true },
  { key: 'badges', type: 'boolean', default: true },
  { key: 'diagnostics', type: 'boolean', default: true },
  {
    key: 'disabledFindings',
    type: 'array',
    default: [],
    items: { type: 'string', enum: rules.map(({ id }) => id) },
    uniqueItems: true,
  },
  ...bands,
];

/** Reads one setting's value as VS Code has it, default included. */
type SettingReader = (key: string) => unknown;

/** The thresholds that the settings say. */
export function readThresholds(read: SettingReader): Thresholds {
  const number = (key: string): number => Number(read(`thresholds.${key}`));
  const band = (key: string): { holds: number; broken: number } => ({
    holds: number(`${key}.holds`),
    broken: number(`${key}.broken`),
  });
  return {
    relativeDrift: band('relativeDrift'),
    klNatsPerToken: number('klNatsPerToken'),
    spectralDriftTopK: band('spectralDriftTopK'),
    rotationMeanDeg: band('rotationMeanDeg'),
    principalLift: band('principalLift'),
    lowMagnitudeLift: band('lowMagnitudeLift'),
    sparsityBf16: band('sparsityBf16'),
    beyondRotation: number('beyondRotation'),
    beyondSpectralDrift: number('beyondSpectralDrift'),
    beyondLift: number('beyondLift'),
    beyondSparsity: number('beyondSparsity'),
    beyondEnergyLess: number('beyondEnergyLess'),
    beyondEnergyMore: number('beyondEnergyMore'),
    coverage: number('coverage'),
  };
}
