// A report that tries to break the panel: markup in every name, nothing where something was expected, very long and
// many-lined reasons, values at the ends of what a number can be.
import { problem } from '../../src/shared/errors.ts';
import type { Report, TensorReport } from '../../src/shared/report/report.ts';
import { makeReport } from './reports.ts';

export const markup = '</script><img src=x onerror="window.broken=1"><b>bold</b>';
const manyLines = ['first line', 'second', 'third', 'fourth', 'fifth: the end'].join('\n');

export function hostileReport(): Report {
  const report = makeReport({ model: 'nano', training: 'mixed', unreadable: [3, 9], rank: 8 });
  const tensors = report.tensors.map((tensor, index) => twist(tensor, index));
  const [finding] = report.training.findings;
  return {
    ...report,
    tensors,
    pair: {
      base: {
        ...report.pair.base,
        label: markup,
        path: `/models/${'deep/'.repeat(60)}`,
        dtypes: {},
        architecture: null,
      },
      tuned: { ...report.pair.tuned, label: '='.repeat(180), namedBase: { name: markup, from: markup } },
    },
    layers: report.layers.map((layer, index) => (index === 1 ? { ...layer, label: markup } : layer)),
    summary: {
      ...report.summary,
      regime: {
        name: 'mixed',
        headline: markup,
        sentence: `${markup}: ${'a very long sentence that goes on '.repeat(12)}`,
        beyondSize: `${markup} ${'beyond size '.repeat(40)}`,
        evidence: markup,
      },
      gates: {
        ...report.summary.gates,
        geometry: {
          ...report.summary.gates.geometry,
          rule: manyLines,
          readings: [
            {
              metric: 'spectralDriftTopK',
              value: 1e-300,
              vote: 'holds',
              threshold: { holds: 2e-4, broken: 5e-3 },
              source: markup,
            },
            {
              metric: 'rotationMeanDeg',
              value: null,
              vote: 'unknown',
              threshold: { holds: 1, broken: 5 },
              source: '',
            },
            {
              metric: markup,
              value: 1e300,
              vote: 'broken',
              threshold: { holds: 0, broken: 0 },
              source: markup,
            },
          ],
        },
        precision: {
          gate: 'precision',
          verdict: 'unknown',
          standing: 'unknown',
          rule: manyLines,
          readings: [],
          beyondSize: { readings: [], words: markup },
        },
      },
    },
    coverage: { ...report.coverage, notes: [markup, manyLines] },
    problems: [problem('internal', manyLines), problem('read-failed', markup, { file: markup })],
    training: {
      ...report.training,
      findings:
        finding === undefined ? [] : [{ ...finding, message: manyLines, nextStep: markup, evidence: null }],
      logs: report.training.logs.map((log) => ({
        ...log,
        key: markup,
        points: [],
        last: 0,
        mean: 0,
        peak: 0,
      })),
      problems: [problem('config-syntax', `${markup} is not YAML`)],
    },
  };
}

function twist(tensor: TensorReport, index: number): TensorReport {
  const reason = problem('file-truncated', manyLines, { file: markup, tensor: markup });
  switch (index) {
    case 1:
      return { ...tensor, name: `model.layers.0.${markup}.weight` };
    case 2:
      return { ...tensor, name: `${'very.long.'.repeat(40)}weight`, tunedName: markup };
    case 3:
      return { ...tensor, problem: reason };
    case 4:
      return { ...tensor, shape: [], elements: 1 };
    case 5:
      return { ...tensor, shape: [0, 128], elements: 0, dtypes: [markup, 'F8_E8M0'] };
    case 6: {
      const { value } = tensor.geometry;
      if (value === null) return tensor;
      const emptied = {
        ...value,
        sigmaBase: [],
        sigmaTuned: [],
        rotationLeftCurveDeg: [],
        rotationRightCurveDeg: [],
      };
      const nothing = { principalEnergy: null, leftEnergy: null, rightEnergy: null, spectralDriftTopK: null };
      return { ...tensor, geometry: { value: { ...emptied, ...nothing }, reason: null } };
    }
    case 7: {
      const { value } = tensor.precision;
      if (value === null) return tensor;
      const stripe = { rowDensity: [], columnDensity: [], rowStripe: null, columnStripe: null };
      return { ...tensor, precision: { value: { ...value, stripe }, reason: null } };
    }
    default:
      return tensor;
  }
}
