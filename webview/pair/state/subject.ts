// What the detail is about: the whole model, a layer, a module kind, a few tensors, or one tensor, behind one shape.
// Pure. Numbers of a few tensors are pooled here by the same addends as everywhere; the rest the engine pooled.
import { formatCount, formatShape, formatWhole } from '../../../src/shared/text/format.ts';
import type { BeyondReading } from '../../../src/shared/report/verdicts.ts';
import { addMaskCounts } from '../../../src/shared/report/addMaskCounts.ts';
import { layerKey, sameLayer } from '../../../src/shared/report/layers.ts';
import type {
  MaskCounts,
  NullRange,
  PrecisionCounts,
  UlpHistogram,
} from '../../../src/shared/report/metrics.ts';
import type { PanelReport, PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { Aggregate } from '../../../src/shared/report/report.ts';
import { moduleNames, type Selection } from '../../parts/model/selection.ts';
import { beyondReading } from '../metrics/beside.ts';
import type { MetricDefinition } from '../metrics/metric.ts';
import { pooledError, pooledExpected, pooledMetric } from '../metrics/pooled.ts';
import { addAll, addExpectedBins } from './addRecords.ts';
import { curvesFor } from './curves.ts';
import type { KnownCurves } from './state.ts';

export interface Subject {
  /** Same subject, same key; the numbers under it may still grow. */
  key: string;
  title: string;
  /** What a question in the chat calls it; null for what has no name of its own. */
  about: string | null;
  /** Shape, dtype, number of tensors. */
  note: string;
  /** The report's own object behind it: a change of identity means changed numbers. */
  source: object;
  /** Null where several tensors are pooled here, which no verdict was given for. */
  verdicts: PanelTensor['verdicts'] | null;
  /** Set for one tensor alone. */
  tensor: PanelTensor | null;
  /** Of that tensor; null while they have not come. */
  curves: KnownCurves | null;
  ulp: UlpHistogram | null;
  /** The same of a random update of this size. */
  ulpExpected: UlpHistogram | null;
  counts: PrecisionCounts | null;
  masks: MaskCounts | null;
  /** Why there is no geometry; null where there is. */
  geometryReason: string | null;
  precisionReason: string | null;
  value: (metric: MetricDefinition) => number | null;
  /** Bound on its error, where there is one. */
  error: (metric: MetricDefinition) => number | null;
  /** What a random update of this size would show. */
  expected: (metric: MetricDefinition) => NullRange | null;
  /** The engine's word for it beside that; null where no verdict was given. */
  beyond: (metric: MetricDefinition) => BeyondReading | null;
}

/** Null when the report has no such thing. */
export function subjectOf(
  report: PanelReport,
  selection: Selection,
  curves: KnownCurves | null = null,
): Subject | null {
  switch (selection.kind) {
    case 'model': {
      const { summary } = report;
      const pool = { ...summary, verdicts: summary.gates };
      return ofPool(named('model', 'Whole model'), pool, summary);
    }
    case 'layer': {
      const layer = report.layers.find((each) => sameLayer(each, selection));
      return layer === undefined
        ? null
        : ofPool(named(`layer ${layerKey(layer)}`, layer.label), layer, layer);
    }
    case 'module': {
      const found = report.modules.find(({ module }) => module === selection.module);
      return found === undefined
        ? null
        : ofPool(named(`module ${found.module}`, `All ${moduleNames[found.module]}`), found, found);
    }
    case 'cell': {
      const { module } = selection;
      const tensors = report.tensors.filter((each) => sameLayer(each, selection) && each.module === module);
      const label = report.layers.find((each) => sameLayer(each, selection))?.label ?? '';
      return tensors.length === 0
        ? null
        : ofTensors(`${label} · ${moduleNames[module]}`, tensors, report, curves);
    }
    case 'tensor': {
      const tensor = report.tensors.find(({ name }) => name === selection.name);
      return tensor === undefined ? null : ofTensor(tensor, curves);
    }
  }
}

function ofTensor(tensor: PanelTensor, curves: KnownCurves | null): Subject {
  const { name, shape, dtypes, elements, precision, geometry } = tensor;
  const dtype = dtypes[0] === dtypes[1] ? dtypes[0] : `${dtypes[0]} → ${dtypes[1]}`;
  return {
    key: `tensor ${name}`,
    title: name,
    about: name,
    note: `${formatShape(shape)} · ${dtype} · ${formatCount(elements)} parameters`,
    source: tensor,
    verdicts: tensor.verdicts,
    tensor,
    curves: curvesFor(tensor, curves),
    ulp: precision.value?.ulpHistogram ?? null,
    ulpExpected: precision.value?.ulpHistogramExpected ?? null,
    counts: precision.value?.counts ?? null,
    masks: geometry.value?.maskCounts ?? null,
    geometryReason: geometry.reason,
    precisionReason: precision.reason,
    value: (metric) => pooledMetric(metric, [tensor]),
    error: (metric) => pooledError(metric, [tensor]),
    expected: (metric) => pooledExpected(metric, [tensor]),
    beyond: (metric) => beyondReading(tensor.verdicts, metric.id),
  };
}

function ofPool(name: Pick<Subject, 'key' | 'title' | 'about'>, pool: Aggregate, source: object): Subject {
  return {
    ...name,
    note: sizeNote(pool.tensors, pool.elements),
    source,
    verdicts: pool.verdicts,
    tensor: null,
    curves: null,
    ulp: pool.precision.value?.ulpHistogram ?? null,
    ulpExpected: pool.precision.value?.ulpHistogramExpected ?? null,
    counts: pool.precision.value?.counts ?? null,
    masks: pool.geometry.value?.maskCounts ?? null,
    geometryReason: pool.geometry.reason,
    precisionReason: pool.precision.reason,
    value: (metric) => metric.ofPool(pool),
    error: () => null,
    expected: (metric) => metric.expected?.ofPool(pool) ?? null,
    beyond: (metric) => beyondReading(pool.verdicts, metric.id),
  };
}

function ofTensors(
  title: string,
  tensors: readonly PanelTensor[],
  report: PanelReport,
  curves: KnownCurves | null,
): Subject {
  const [only] = tensors;
  if (tensors.length === 1 && only !== undefined) return ofTensor(only, curves);
  const precision = tensors.flatMap((tensor) => tensor.precision.value ?? []);
  const geometry = tensors.flatMap((tensor) => tensor.geometry.value ?? []);
  const elements = tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
  return {
    key: `cell ${title}`,
    title,
    about: null,
    note: sizeNote(tensors.length, elements),
    source: report.tensors,
    verdicts: null,
    tensor: null,
    curves: null,
    ulp: precision.length === 0 ? null : addAll(precision.map(({ ulpHistogram }) => ulpHistogram)),
    ulpExpected: addExpectedBins(precision),
    counts: precision.length === 0 ? null : addCounts(precision.map(({ counts }) => counts)),
    masks: geometry.length === 0 ? null : addMaskCounts(geometry.map(({ maskCounts }) => maskCounts)),
    geometryReason:
      geometry.length > 0 ? null : (tensors.find((each) => each.geometry.reason)?.geometry.reason ?? null),
    precisionReason:
      precision.length > 0 ? null : (tensors.find((each) => each.precision.reason)?.precision.reason ?? null),
    value: (metric) => pooledMetric(metric, tensors),
    error: (metric) => pooledError(metric, tensors),
    expected: (metric) => pooledExpected(metric, tensors),
    beyond: () => null,
  };
}

/** Of what the chat calls by its key. */
function named(key: string, title: string): Pick<Subject, 'key' | 'title' | 'about'> {
  return { key, title, about: key };
}

function sizeNote(tensors: number, elements: number): string {
  return `${formatWhole(tensors)} ${tensors === 1 ? 'tensor' : 'tensors'} · ${formatCount(elements)} parameters`;
}

function addCounts(all: readonly PrecisionCounts[]): PrecisionCounts {
  const absorbed = all.every((each) => each.absorbed !== null)
    ? all.reduce((sum, each) => sum + (each.absorbed ?? 0), 0)
    : null;
  return { ...addAll(all.map((each) => ({ ...each, absorbed: 0 }))), absorbed };
}
