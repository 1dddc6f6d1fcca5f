// What a metric of the panel is: its names, unit, definition, source, axis, how it is pooled, and what a random update of the
// same size would show. The catalog lists them.
import type { GateName } from '../../../src/shared/options/options.ts';
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { Expectation, PoolNumbers } from './expected.ts';
import type { Scale } from '../../parts/model/scale.ts';

export type MetricId =
  | 'sparsityBf16'
  | 'oneStepShare'
  | 'hiddenByBf16'
  | 'unchangedAbs1e5'
  | 'absorbedShare'
  | 'relativeDrift'
  | 'topPercentEnergy'
  | 'spectralDriftTopK'
  | 'rotationMeanDeg'
  | 'principalLift'
  | 'lowMagnitudeLift'
  | 'principalEnergy';

/** Readings of Gate II that are shown as multiples of their null, too; those that say most of an update's direction first. */
export const beyondMetrics = [
  'rotationMeanDeg',
  'spectralDriftTopK',
  'principalEnergy',
  'principalLift',
  'lowMagnitudeLift',
] as const satisfies readonly MetricId[];

export type BeyondMetricId = (typeof beyondMetrics)[number];

export type BeyondId = `${BeyondMetricId}Beyond`;

export interface MetricDefinition {
  id: MetricId | BeyondId;
  gate: GateName;
  /** For headings: "Unchanged in bf16". */
  label: string;
  /** For a table column. */
  short: string;
  unit: string;
  /** One line. */
  definition: string;
  source: string;
  scale: Scale;
  format: (value: number | null) => string;
  /** Addends that make this metric of a pool; null where the tensor has nothing to add. */
  parts: (tensor: PanelTensor) => readonly number[] | null;
  /** The metric of summed addends; null where it is not defined. */
  finish: (sums: readonly number[]) => number | null;
  /** Addends of the bound on its error, pooled by `finish` too; absent where a metric has none. */
  errorParts?: (tensor: PanelTensor) => readonly number[] | null;
  /** The metric as the engine pooled it. */
  ofPool: (pool: PoolNumbers) => number | null;
  /** Its size-matched null; absent where a metric has none. */
  expected?: Expectation;
}
