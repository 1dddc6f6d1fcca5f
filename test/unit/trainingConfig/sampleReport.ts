// A finished report with the few numbers that findings look at.
import { defaultOptions } from '../../../src/shared/options.ts';
import { schemaVersion, type Measured, type Report } from '../../../src/shared/report.ts';
import type { AnchorWord } from '../../../src/shared/verdicts.ts';
import type { PrecisionMetrics } from '../../../src/shared/metrics.ts';

export interface SampleNumbers {
  relativeDrift?: number;
  anchor?: AnchorWord;
  absorbedShare?: number;
  hiddenByBf16?: number;
  stepEnvelope?: number;
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
        geometry: { ...verdict, gate: 'geometry', verdict: 'unknown' },
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
      curvatureCeiling: null,
      stepEnvelope: numbers.stepEnvelope ?? 0.5,
    },
    layers: [],
    modules: [],
    tensors: [],
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
