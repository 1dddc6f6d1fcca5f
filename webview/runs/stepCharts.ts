// One run over time: a chart for each number of the three gates, with the thresholds of its verdict and the step at
// which the verdict settles. Pure.
import { gateCatalogue } from '../../src/shared/text/gates.ts';
import { formatLimit, metricCatalogue } from '../../src/shared/text/metrics.ts';
import type { GateName, Threshold, Thresholds } from '../../src/shared/options/options.ts';
import { defaultThresholds } from '../../src/shared/options/thresholds.ts';
import type { Trajectory, TrajectoryPoint } from '../../src/shared/report/runsReport.ts';
import {
  absent,
  logEnds,
  type ChartModel,
  type ChartReference,
  type ChartSlot,
  type Unit,
} from '../parts/charts/model.ts';

interface StepNumber {
  id: string;
  title: string;
  definition: string;
  /** As the thresholds call it. */
  metric: keyof Thresholds;
  unit: Unit;
  format: (value: number | null) => string;
  kind: 'linear' | 'log';
  of: (point: TrajectoryPoint) => number | null;
  /** Names of the two ends of the threshold: where the gate holds, where it is broken. */
  words: [string, string] | null;
  threshold: Threshold | null;
}

const { sparsityBf16, relativeDrift, spectralDriftTopK, rotationMeanDeg, klNatsPerToken } = defaultThresholds;

/** The words of a gate that holds and of one that is broken. */
function endsOf(gate: GateName): [string, string] {
  const { holds, broken } = gateCatalogue[gate].words;
  return [holds, broken];
}

const numbers: readonly StepNumber[] = [
  {
    id: 'stepUnchanged',
    metric: 'sparsityBf16',
    title: metricCatalogue.sparsityBf16.title,
    definition: 'Share of weights whose bf16 value did not move since the base.',
    unit: 'share',
    format: metricCatalogue.sparsityBf16.format,
    kind: 'linear',
    of: (point) => point.sparsityBf16,
    words: endsOf('precision'),
    threshold: sparsityBf16,
  },
  {
    id: 'stepDrift',
    metric: 'relativeDrift',
    title: metricCatalogue.relativeDrift.title,
    definition: '‖Δ‖/‖W‖ since the base.',
    unit: 'number',
    format: metricCatalogue.relativeDrift.format,
    kind: 'log',
    of: (point) => point.relativeDrift,
    words: endsOf('anchor'),
    threshold: relativeDrift,
  },
  {
    id: 'stepSpectralDrift',
    metric: 'spectralDriftTopK',
    title: metricCatalogue.spectralDriftTopK.title,
    definition: 'Relative change of the leading singular values since the base.',
    unit: 'number',
    format: metricCatalogue.spectralDriftTopK.format,
    kind: 'log',
    of: (point) => point.spectralDriftTopK,
    words: endsOf('geometry'),
    threshold: spectralDriftTopK,
  },
  {
    id: 'stepRotation',
    metric: 'rotationMeanDeg',
    title: 'Rotation',
    definition: 'Mean angle between the leading subspaces of the base and of this step.',
    unit: 'degrees',
    format: metricCatalogue.rotationMeanDeg.format,
    kind: 'log',
    of: (point) => point.rotationMeanDeg,
    words: endsOf('geometry'),
    threshold: rotationMeanDeg,
  },
  {
    id: 'stepKl',
    metric: 'klNatsPerToken',
    title: 'Logged KL',
    definition: 'Last logged KL to the reference up to this step, nats per token.',
    unit: 'number',
    format: metricCatalogue.kl.format,
    kind: 'log',
    of: (point) => point.kl,
    words: null,
    threshold: { holds: klNatsPerToken, broken: klNatsPerToken },
  },
];

export function stepCharts(trajectory: Trajectory): ChartSlot[] {
  return numbers.map((number) => stepChart(trajectory, number));
}

function stepChart({ points, settled, label }: Trajectory, number: StepNumber): ChartSlot {
  const { id, title, definition, unit, format, kind, of } = number;
  const positions = positionsOf(points);
  const values = points.map(of);
  const known = values.filter((value) => value !== null);
  if (known.length === 0) {
    const reason =
      id === 'stepKl' ? 'No training log beside these checkpoints has a KL.' : 'Not measured at any step.';
    return absent(id, title, reason);
  }
  const references = [...limitsOf(number, known), ...settlesAt(settled, points, positions)];
  const onAxis = references.flatMap(({ axis, value }) => (axis === 'y' ? [value] : []));
  const ends =
    kind === 'log' ? logEnds([...known.filter((value) => value > 0), ...onAxis]) : { min: 0, max: 1 };
  const [first, last] = [Math.min(...positions), Math.max(...positions)];
  const margin = last === first ? 1 : (last - first) * 0.03;
  const model: ChartModel = {
    id,
    title,
    definition,
    description: points
      .map(
        (point, at) => `${point.label} ${values[at] === null ? 'not measured' : format(values[at] ?? null)}`,
      )
      .join(', '),
    x: {
      label: points.every(({ step }) => step !== null) ? 'step' : 'checkpoint',
      kind: 'linear',
      unit: 'index',
      // Room for the dots at both ends.
      min: first - margin,
      max: last + margin,
    },
    y: { label: '', kind, unit, ...ends },
    horizontal: false,
    series: [
      {
        mark: 'line',
        label,
        color: 'changed',
        marked: true,
        points: positions.map((position, at) => {
          const value = values[at] ?? null;
          // Nothing can be drawn for zero on a logarithmic axis.
          return [position, value !== null && (kind === 'linear' || value > 0) ? value : null];
        }),
      },
    ],
    references,
    densityRange: null,
    table: {
      columns: ['step', 'checkpoint', title],
      rows: points.map((point, at) => [point.step, point.label, values[at] ?? null]),
    },
  };
  return { model, reason: null };
}

/** By step where every checkpoint has one, else in order. */
function positionsOf(points: readonly TrajectoryPoint[]): number[] {
  const steps = points.flatMap(({ step }) => step ?? []);
  return steps.length === points.length ? steps : points.map((_, at) => at + 1);
}

/** A limit far from the values would squeeze them into a line: within a factor of thirty it is drawn. */
function limitsOf(
  { threshold, words, kind, metric }: StepNumber,
  values: readonly number[],
): ChartReference[] {
  if (threshold === null) return [];
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  const low = values.reduce((least, value) => (value > 0 ? Math.min(least, value) : least), high);
  const near = (limit: number): boolean => kind === 'linear' || (limit < high * 30 && limit > low / 30);
  const limits: [string, number][] =
    words === null
      ? [[`${gateCatalogue.anchor.words.middle} above`, threshold.holds]]
      : [
          [words[0], threshold.holds],
          [words[1], threshold.broken],
        ];
  return limits.flatMap(([word, value]) =>
    near(value) ? [{ axis: 'y', value, label: `${word} ${formatLimit(metric, value)}` } as const] : [],
  );
}

function settlesAt(
  settled: Trajectory['settled'],
  points: readonly TrajectoryPoint[],
  positions: readonly number[],
): ChartReference[] {
  const at = points.findIndex(({ label }) => label === settled.value?.label);
  const value = positions[at];
  return value === undefined ? [] : [{ axis: 'x', value, label: 'settles' }];
}
