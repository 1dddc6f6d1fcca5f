// What the metrics have in common: their words, their axes, and how addends become a number. Pure.
import type { PanelGeometry, PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { AnchorMetrics, PrecisionMetrics } from '../../../src/shared/report/metrics.ts';
import { metricCatalogue } from '../../../src/shared/text/metrics.ts';
import type { Scale } from '../../parts/model/scale.ts';
import type { MetricDefinition, MetricId } from './metric.ts';

export const share: Scale = { kind: 'linear', min: 0, max: 1 };

type Parts = MetricDefinition['parts'];

/** What the catalogue of metrics says of one. */
export function named(
  id: MetricId,
): Pick<MetricDefinition, 'id' | 'gate' | 'label' | 'short' | 'unit' | 'definition' | 'source' | 'format'> {
  const { gate, title, short, unit, explanation, source, format } = metricCatalogue[id];
  return { id, gate, label: title, short, unit, definition: explanation, source, format };
}

export function ratio([top = 0, bottom = 0]: readonly number[]): number | null {
  return bottom > 0 ? top / bottom : null;
}

export function rootRatio(sums: readonly number[]): number | null {
  const squared = ratio(sums);
  return squared === null ? null : Math.sqrt(squared);
}

export function ofPrecision(parts: (precision: PrecisionMetrics) => number[] | null): Parts {
  return ({ precision }: PanelTensor) => precision.value && parts(precision.value);
}

export function ofAnchor(parts: (anchor: AnchorMetrics) => number[] | null): Parts {
  return ({ anchor }: PanelTensor) => anchor.value && parts(anchor.value);
}

export function ofGeometry(parts: (geometry: PanelGeometry) => number[] | null): Parts {
  return ({ geometry }: PanelTensor) => geometry.value && parts(geometry.value);
}
