// What a report says of an adapter, as text: how its update was had, what a merge into bf16 would swallow, and where its
// factors lie among the base's singular vectors. The same in the terminal and in Markdown.
import { formatLift, formatShare } from './format.ts';
import { moduleKinds } from '../report/moduleKinds.ts';
import type { AdapterAlignment, Report, TensorReport } from '../report/report.ts';
import { moduleTitle } from './reportTables.ts';

type Adapted = TensorReport & Required<Pick<TensorReport, 'adapter'>>;

interface AdapterSummary {
  /** In sentences. */
  lines: string[];
  /** First row is the head; one row a module kind. */
  table: string[][];
}

/** Null where the tuned side is no adapter. */
export function adapterSummary({ tensors }: Pick<Report, 'tensors'>): AdapterSummary | null {
  const adapted = tensors.filter((tensor): tensor is Adapted => tensor.adapter !== undefined);
  if (adapted.length === 0) return null;
  const share = formatShare(absorbed(adapted));
  const corrected = adapted.filter(({ adapter }) => adapter.correction !== null).length;
  const how =
    corrected === 0
      ? []
      : [
          `In ${corrected} of them its initialisation had taken a part out of the base, which was put right: ${listed(adapted.map(({ adapter }) => adapter.correction))}.`,
        ];
  return {
    lines: [
      `${listed(adapted.map(({ adapter }) => adapter.method))} on ${adapted.length} tensors: rank ${listed(adapted.map(({ adapter }) => adapter.rank?.toString() ?? null))}, scaling ${listed(adapted.map(({ adapter: { scaling } }) => (scaling === null ? null : String(Number(scaling.toPrecision(4))))))}.`,
      ...how,
      `Merged into bf16 weights, ${share} of them would not move: there the update is lost.`,
    ],
    table: [
      ['', 'tensors', 'lost on merge', 'A leading', 'A trailing', 'B leading', 'B trailing'],
      ...moduleKinds.flatMap((module) => {
        const own = adapted.filter((tensor) => tensor.module === module);
        return own.length === 0 ? [] : [row(moduleTitle({ module }), own)];
      }),
      row('All', adapted),
    ],
  };
}

/** What the table's numbers mean. */
export const adapterNote =
  'A and B on the leading and trailing singular vectors of the base, as many as the rank: ×1 is what random factors give.';

/** Share of the elements that a merge into bf16 leaves as they are. */
export function absorbed(adapted: readonly Adapted[]): number | null {
  const reached = ({ adapter, elements }: Adapted): number => adapter.reached ?? elements;
  const elements = adapted.reduce((sum, tensor) => sum + reached(tensor), 0);
  const lost = adapted.reduce((sum, tensor) => sum + tensor.adapter.absorbedOnMerge * reached(tensor), 0);
  return elements === 0 ? null : lost / elements;
}

function row(title: string, own: readonly Adapted[]): string[] {
  const lift = (part: Share, expected: Expected): string => formatLift(pooledLift(own, part, expected));
  return [
    title,
    own.length.toString(),
    formatShare(absorbed(own)),
    lift('rowLeading', 'rowSubspaceExpected'),
    lift('rowTrailing', 'rowSubspaceExpected'),
    lift('columnLeading', 'columnSubspaceExpected'),
    lift('columnTrailing', 'columnSubspaceExpected'),
  ];
}

type Share = 'rowLeading' | 'rowTrailing' | 'columnLeading' | 'columnTrailing';
type Expected = 'rowSubspaceExpected' | 'columnSubspaceExpected';

/** Shares added and then divided by what is expected of the same tensors. */
function pooledLift(own: readonly Adapted[], part: Share, expected: Expected): number | null {
  const known = own.flatMap(({ adapter: { alignment } }): [AdapterAlignment, number][] => {
    const share = alignment?.[part] ?? null;
    return alignment === null || share === null ? [] : [[alignment, share]];
  });
  const chance = known.reduce((sum, [alignment]) => sum + alignment[expected], 0);
  return chance === 0 ? null : known.reduce((sum, [, share]) => sum + share, 0) / chance;
}

function listed(values: readonly (string | null)[]): string {
  return [...new Set(values.filter((value) => value !== null))].join(', ');
}
