// A finished report with the few numbers that findings look at.
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import {
  schemaVersion,
  type Measured,
  type ModuleReport,
  type Report,
} from '../../../src/shared/report/report.ts';
import type { AnchorWord, BeyondSize, BeyondWord } from '../../../src/shared/report/verdicts.ts';
import type { PrecisionMetrics } from '../../../src/shared/report/metrics.ts';

export interface SampleNumbers {
  relativeDrift?: number;
  anchor?: AnchorWord;
  absorbedShare?: number;
  hiddenByBf16?: number;
  stepEnvelope?: number;
  stepBound?: Report['summary']['stepBound'];
  /** What is left beyond size, by metric; the geometry gate carries them. */
  beyond?: Readonly<Record<string, BeyondWord>>;
  /** Per module kind: changed elements and the share that one step cannot move. */
  modules?: Partial<Record<ModuleKind, { changed: number; absorbedShare: number; dtype?: string }>>;
  regime?: Report['summary']['regime']['name'];
  basePath?: string;
  tunedDtype?: string;
}

const standings = { anchored: 'holds', loose: 'middle', drifting: 'broken', unknown: 'unknown' } as const;

export function sampleReport(numbers: SampleNumbers = {}): Report {
  const anchor = numbers.anchor ?? 'anchored';
  const verdict = { standing: 'unknown' as const, rule: 'not measured', readings: [], beyondSize: null };
  const side = {
    label: 'x',
    format: 'safetensors',
    files: [],
    bytes: 1,
    parameters: 100,
    tensors: 1,
    architecture: null,
    modelType: null,
    step: null,
    namedBase: null,
  };
  const absent: Measured<never> = { value: null, reason: 'not measured' };
  return {
    schemaVersion,
    status: 'complete',
    pair: {
      base: { ...side, path: numbers.basePath ?? '/models/base', dtypes: { BF16: 100 } },
      tuned: { ...side, path: '/runs/tuned', dtypes: { [numbers.tunedDtype ?? 'BF16']: 100 } },
    },
    options: defaultOptions,
    engine: {
      version: '0',
      gemm: 'native',
      gemmLibrary: 'x',
      fallbackReason: null,
      threads: 1,
      memoryBytes: 1,
    },
    coverage: { elements: 100, compared: 100, share: 1, notCompared: [], notes: [] },
    summary: {
      tensors: 1,
      elements: 100,
      precision: { value: precision(numbers), reason: null },
      anchor: {
        value: {
          deltaFrobenius: 1,
          baseFrobenius: 100,
          relativeDrift: numbers.relativeDrift ?? 0.005,
          maxAbsDelta: 1e-3,
          rmsDelta: 1e-4,
          topPercentEnergy: null,
        },
        reason: null,
      },
      geometry: absent,
      gates: {
        anchor: { ...verdict, gate: 'anchor', verdict: anchor, standing: standings[anchor] },
        geometry: { ...verdict, gate: 'geometry', verdict: 'unknown', beyondSize: beyondSize(numbers) },
        precision: { ...verdict, gate: 'precision', verdict: 'unknown' },
      },
      regime: {
        name: numbers.regime ?? 'rlvr-range',
        headline: 'A headline',
        sentence: 'A sentence.',
        beyondSize: null,
        evidence: null,
      },
      kl: absent,
      ...{ meanCurvature: null, meanCurvatureUnit: null, meanCurvatureLength: null, optimizer: null },
      stepEnvelope: numbers.stepEnvelope ?? 0.5,
      stepBound: numbers.stepBound ?? { value: null, reason: 'No bound on one step.' },
    },
    layers: [],
    modules: modulesOf(numbers, absent),
    tensors: tensorsOf(numbers, absent),
    published: null,
    training: {
      config: null,
      logs: [],
      findings: [],
      learningRatePeak: null,
      learningRateSum: null,
      steps: null,
      problems: [],
    },
    problems: [],
    timings: {
      startedAt: '2026-01-01T00:00:00Z',
      elapsedMs: 1,
      streamMs: 1,
      geometryMs: 1,
      gemmMs: 1,
      bytesRead: 1,
      peakRssBytes: null,
    },
  };
}

function beyondSize({ beyond }: SampleNumbers): BeyondSize | null {
  if (beyond === undefined) return null;
  const readings = Object.entries(beyond).map(([metric, word]) => ({
    metric,
    ...{ value: 0.2, expected: 0.5, low: 0.45, high: 0.55, ratio: 0.4, word, reason: null },
  }));
  return { readings, words: 'words of the gate' };
}

function kindsOf({
  modules = {},
}: SampleNumbers): [ModuleKind, { changed: number; absorbedShare: number; dtype?: string }][] {
  return Object.entries(modules) as [
    ModuleKind,
    { changed: number; absorbedShare: number; dtype?: string },
  ][];
}

function modulesOf(numbers: SampleNumbers, absent: Measured<never>): ModuleReport[] {
  const word = { standing: 'unknown' as const, rule: 'not measured', readings: [], beyondSize: null };
  return kindsOf(numbers).map(([module, { changed, absorbedShare }]) => {
    const value = precision({ absorbedShare });
    return {
      module,
      tensors: 1,
      elements: 100,
      precision: { value: { ...value, counts: { ...value.counts, rawChanged: changed } }, reason: null },
      anchor: absent,
      geometry: absent,
      verdicts: {
        anchor: { ...word, gate: 'anchor', verdict: 'unknown' },
        geometry: { ...word, gate: 'geometry', verdict: 'unknown' },
        precision: { ...word, gate: 'precision', verdict: 'unknown' },
      },
    };
  });
}

function tensorsOf(numbers: SampleNumbers, absent: Measured<never>): Report['tensors'] {
  return modulesOf(numbers, absent).map(({ module, verdicts }) => ({
    name: `model.${module}.weight`,
    ...{
      tunedName: null,
      container: null,
      layer: null,
      shape: [100],
      elements: 100,
      status: 'done' as const,
      identical: false,
    },
    module,
    dtypes: ['BF16', numbers.modules?.[module]?.dtype ?? 'BF16'],
    precision: absent,
    anchor: absent,
    geometry: absent,
    verdicts,
    problem: null,
  }));
}

function precision(numbers: SampleNumbers): PrecisionMetrics {
  return {
    sparsityBf16: 0.7,
    rawChanged: 0.3,
    hiddenByBf16: numbers.hiddenByBf16 ?? 0,
    unchangedAbs1e5: 0.7,
    ulpHistogram: {
      one: 1,
      two: 0,
      threeToFour: 0,
      fiveToEight: 0,
      nineToSixteen: 0,
      overSixteen: 0,
      signFlips: 0,
    },
    sparsityBf16Expected: null,
    ulpHistogramExpected: null,
    absorbedShare: numbers.absorbedShare ?? 0.1,
    counts: {
      compared: 100,
      nonFinite: 0,
      changedBf16: 30,
      rawChanged: 30,
      hidden: 0,
      unchangedAbs1e5: 70,
      absorbed: 10,
    },
  };
}
