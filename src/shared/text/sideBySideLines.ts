// What is said of every checkpoint that stands side by side, once: a row in the terminal and in Markdown, a column on the page and in
// CSV. First what differs in the weights, then what differs in the configs.
import { gateNames, type GateName } from '../options/options.ts';
import type { SideBySideReport, SideBySideRun } from '../report/sideBySide.ts';
import { beyondCell, beyondLegend, rowsBesideNull } from './besideNull.ts';
import { configLines } from './configLines.ts';
import { formatNumber, formatShare } from './format.ts';
import { gateCatalogue, gateHeading } from './gates.ts';
import { metricCatalogue, metricWords } from './metrics.ts';
import { regimeCatalogue } from './regimeText.ts';
import type { SideBySideCell, SideBySideLine } from './sideBySideLine.ts';
import { ofDense, smallestSync } from './syncText.ts';

export function sideBySideLines(report: Pick<SideBySideReport, 'runs' | 'configs'>): SideBySideLine[] {
  return [...weightLines(report.runs), ...configLines(report)];
}

function weightLines(runs: readonly SideBySideRun[]): SideBySideLine[] {
  return [
    ...(runs.some(({ tuned }) => tuned.step !== null) ? [stepLine(runs)] : []),
    {
      ...{ id: 'regime', title: 'verdict', group: 'verdict' },
      definition: 'In whose published range the footprint lies; never how the run was made.',
      cells: runs.map(({ regime: { name } }) => ({ text: regimeCatalogue[name].title, value: name })),
    },
    {
      ...{ id: 'beyondSize', title: 'beyond size', group: 'verdict' },
      definition: beyondLegend,
      cells: runs.map(({ gates }) => same(beyondCell(gates))),
    },
    ...gateNames.flatMap((gate) => [
      wordLine(runs, gate),
      ...readingLines(runs, gate),
      ...(gate === 'anchor' ? klLine(runs) : []),
    ]),
    {
      ...{ id: 'coverage', title: 'compared', group: 'run' },
      definition: 'Share of the parameters that were compared.',
      cells: runs.map(({ coverage }) => ({ text: formatShare(coverage), value: coverage })),
    },
    syncLine(runs),
  ];
}

function same(text: string): SideBySideCell {
  return { text, value: text };
}

function stepLine(runs: readonly SideBySideRun[]): SideBySideLine {
  return {
    ...{ id: 'step', title: 'step', group: 'run' },
    definition: 'Training step of the checkpoint, from its folder or trainer_state.json.',
    cells: runs.map(({ tuned: { step } }) => ({ text: step?.toString() ?? formatNumber(null), value: step })),
  };
}

function wordLine(runs: readonly SideBySideRun[], gate: GateName): SideBySideLine {
  return {
    ...{ id: gate, title: gateHeading(gate), group: gate, definition: gateCatalogue[gate].question },
    cells: runs.map(({ gates }) => {
      const { verdict, standing } = gates[gate];
      return { ...same(verdict), standing };
    }),
  };
}

/** What counts for the verdict of some run, then what is only held against the null. */
function readingLines(runs: readonly SideBySideRun[], gate: GateName): SideBySideLine[] {
  const read = runs.map(({ gates, geometryNull }) => rowsBesideNull(gates[gate], geometryNull));
  const metrics = [...new Set(read.flatMap((rows) => rows.map(({ metric }) => metric)))];
  return metrics
    .filter((metric) => metric !== 'kl')
    .map((metric) => ({
      ...{ id: metric, title: metricWords(metric)?.title ?? metric, group: gate, isReading: true },
      definition: metricWords(metric)?.explanation ?? '',
      cells: runs.map(({ gates }, run): SideBySideCell => {
        const row = read[run]?.find((each) => each.metric === metric);
        if (row === undefined) return { text: formatNumber(null), value: null };
        const beside = gates[gate].beyondSize?.readings.find((each) => each.metric === metric);
        const value = row.reading?.value ?? beside?.value ?? null;
        if (beside === undefined) return { text: row.measured, value };
        const { expected, word } = beside;
        return { text: row.measured, value, beyond: { expected, word, random: row.random, words: row.word } };
      }),
    }));
}

/** Where some run has a log: that another has none is no number of its weights. */
function klLine(runs: readonly SideBySideRun[]): SideBySideLine[] {
  const { title, explanation, format } = metricCatalogue.kl;
  if (runs.every(({ kl }) => kl.value === null)) return [];
  return [
    {
      ...{ id: 'kl', title, group: 'anchor', isReading: true, definition: explanation },
      cells: runs.map(({ kl }) => ({ text: format(kl.value?.last ?? null), value: kl.value?.last ?? null })),
    },
  ];
}

function syncLine(runs: readonly SideBySideRun[]): SideBySideLine {
  return {
    ...{ id: 'syncSmallest', title: 'smallest to send', group: 'run' },
    definition: 'The update in the sparse format that takes least, of a dense transfer.',
    cells: runs.map(({ sync }) => {
      const cost = sync?.value ?? null;
      if (cost === null || cost.dense === 0) return { text: formatNumber(null), value: null };
      const { bytes } = smallestSync(cost);
      return { text: ofDense(bytes, cost.dense), value: bytes / cost.dense };
    }),
  };
}
