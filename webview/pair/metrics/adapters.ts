// What the report says of a PEFT adapter, as named numbers: of one tensor, and of all that the adapter changes. Pure.
import { formatNumber, formatShare } from '../../../src/shared/text/format.ts';
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { AdapterAlignment, TensorAdapter } from '../../../src/shared/report/report.ts';

interface AdapterFact {
  label: string;
  text: string;
  /** For hover; the first line is the heading. */
  lines: readonly string[];
}

const absorbedLines = [
  'Absorbed on merge',
  'Share of weights where base plus update rounds to the same bf16 value as the base: what merging into bf16 would lose.',
];

export function adapterFacts(adapter: TensorAdapter): AdapterFact[] {
  const { method, rank, scaling, correction, absorbedOnMerge, alignment } = adapter;
  const plain = scaling === null ? 'given as they are' : 'bias';
  const shape = rank === null ? plain : `rank ${rank}, scaling ${formatNumber(scaling)}`;
  return [
    {
      label: 'Adapter',
      text: `${method}, ${shape}`,
      lines: [
        'Adapter',
        'The tuned weights are not stored: they follow from the base and ΔW = s·B·A.',
        ...(correction === null
          ? []
          : [`The part that its initialisation took out of the base: ${correction}.`]),
      ],
    },
    { label: absorbedLines[0] ?? '', text: formatShare(absorbedOnMerge), lines: absorbedLines },
    ...(alignment === null ? [] : alignmentFacts(alignment)),
  ];
}

function alignmentFacts(alignment: AdapterAlignment): AdapterFact[] {
  const { rowEnergy, rowEnergyExpected, columnEnergy, columnEnergyExpected } = alignment;
  const beside = (energy: number, expected: number): string =>
    `${formatShare(energy)}, by chance ${formatShare(expected)}`;
  return [
    {
      label: 'Base energy where A reads',
      text: beside(rowEnergy, rowEnergyExpected),
      lines: [
        'Base energy where A reads',
        "Share of the base's energy on the directions that the rows of A span: far above chance is the leading subspace, far below the trailing one.",
      ],
    },
    {
      label: 'Base energy where B writes',
      text: beside(columnEnergy, columnEnergyExpected),
      lines: [
        'Base energy where B writes',
        "Share of the base's energy on the directions that the columns of B span: far above chance is the leading subspace, far below the trailing one.",
      ],
    },
  ];
}

/** Of a whole report: which adapter, on how many tensors, and what a merge would lose; null where there is none. */
export function adapterSummary(
  tensors: readonly Pick<PanelTensor, 'adapter' | 'elements'>[],
): { name: AdapterFact; absorbed: AdapterFact } | null {
  const methods = new Set<string>();
  const ranks = new Set<number>();
  let [count, absorbed, elements] = [0, 0, 0];
  for (const { adapter, elements: size } of tensors) {
    if (adapter === undefined) continue;
    count += 1;
    methods.add(adapter.method);
    if (adapter.rank !== null) ranks.add(adapter.rank);
    const reached = adapter.reached ?? size;
    absorbed += adapter.absorbedOnMerge * reached;
    elements += reached;
  }
  if (count === 0) return null;
  const [low, high] = [Math.min(...ranks), Math.max(...ranks)];
  const rank = ranks.size === 0 ? '' : ` rank ${low === high ? low : `${low}–${high}`}`;
  const text = `${[...methods].join(' + ')}${rank}`;
  return {
    name: {
      label: 'Adapter',
      text,
      lines: ['Adapter', `${text} on ${count} tensors; the tuned side is the base with its update added.`],
    },
    absorbed: {
      label: absorbedLines[0] ?? '',
      text: formatShare(absorbed / elements),
      lines: [...absorbedLines, `Over the ${count} tensors that the adapter changes.`],
    },
  };
}
