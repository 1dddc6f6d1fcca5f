// What the metrics have in common: their axes and sources, and how addends become a number. Pure.
import type { PanelGeometry, PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { AnchorMetrics, PrecisionMetrics } from '../../../src/shared/report/metrics.ts';
import type { Scale } from '../../parts/model/scale.ts';
import type { MetricDefinition } from './metric.ts';

export const paper = 'Zhu et al., arXiv 2511.08567';
export const share: Scale = { kind: 'linear', min: 0, max: 1 };

type Parts = MetricDefinition['parts'];

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
