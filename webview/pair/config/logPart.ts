// The training log: each series with its last number, and the KL to the reference in more room than the others.
import { formatNumber } from '../../../src/shared/text/format.ts';
import type { LogSeries } from '../../../src/shared/report/training.ts';
import { element } from '../../parts/dom/dom.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import { fileName } from './fileName.ts';
import { sparkline } from './sparkline.ts';

const signalTitles: Record<LogSeries['signal'], string> = {
  klReference: 'KL to the reference',
  klStep: 'KL of one step (old policy to new), not the anchor',
  klMismatch: 'KL between sampler and trainer, not the anchor',
  entropy: 'Entropy',
  reward: 'Reward',
  responseLength: 'Mean response length in tokens',
  learningRate: 'Learning rate',
  gradNorm: 'Gradient norm',
  loss: 'Loss',
};

export function logPart(logs: readonly LogSeries[], klLimit: number): HTMLElement[] {
  if (logs.length === 0) return [];
  const order = Object.keys(signalTitles);
  const sorted = [...logs].sort((one, other) => order.indexOf(one.signal) - order.indexOf(other.signal));
  return [
    element('h3', {}, 'Training log'),
    element('div', { class: 'logs' }, ...sorted.map((each) => logRow(each, klLimit))),
  ];
}

function logRow(series: LogSeries, klLimit: number): HTMLElement {
  const anchor = series.signal === 'klReference';
  const row = element(
    'div',
    { class: `log${anchor ? ' anchor' : ''}` },
    element(
      'div',
      { class: 'log-line' },
      element('span', {}, signalTitles[series.signal]),
      element(
        'span',
        { class: 'number' },
        `${formatNumber(series.last)}${series.unit === null ? '' : ` ${series.unit}`}`,
      ),
    ),
    sparkline(series, anchor ? 44 : 22),
    anchor
      ? element(
          'p',
          { class: 'dim' },
          `mean ${formatNumber(series.mean)} · peak ${formatNumber(series.peak)} · loose above ${formatNumber(klLimit)}${series.estimator === null ? '' : ` · ${series.estimator} estimator`}`,
        )
      : null,
  );
  tip(row, () => [
    signalTitles[series.signal],
    `${series.key} in ${fileName(series.file)}, ${series.count} values`,
    `mean ${formatNumber(series.mean)}, peak ${formatNumber(series.peak)}`,
  ]);
  return row;
}
