// What sending an update takes, in words: one table for the terminal, Markdown and the panel.
import type { SyncCost, SyncFormat } from '../report/syncCost.ts';
import { formatBytes, formatShare } from './format.ts';

const formatTitles: Readonly<Record<SyncFormat, string>> = {
  dense: 'dense',
  indices: 'indices and values',
  gaps: 'gaps of 16 bits and values',
  varints: 'gaps as varints and values',
  bitmap: 'bitmap and values',
};

export const syncTitle = 'To send the update';

/** What the formats are, and who sends like that. */
export const syncNote =
  'Elements whose bits differ, sent as flat indices of 32 bits (slime, TRL, vLLM), as gaps between them of 16 bits or of variable length (slime, TRL, NeMo-RL; arXiv 2602.03839), or under a bitmap; tensors whose dtype changed are sent whole.';

interface SyncRow {
  title: string;
  bytes: string;
  /** Of a dense transfer. */
  share: string;
}

/** Dense first, then the formats in the order of the catalogue. */
export function syncRows(cost: SyncCost): SyncRow[] {
  return (Object.keys(formatTitles) as SyncFormat[]).map((format) => ({
    title: formatTitles[format],
    bytes: formatBytes(cost[format]),
    share: ofDense(cost[format], cost.dense),
  }));
}

/** "61.3 %", and "165 %" of what takes more than a dense transfer; empty where that is nothing. */
export function ofDense(bytes: number, dense: number): string {
  if (dense === 0) return '';
  return bytes > dense ? `${Math.ceil((100 * bytes) / dense)} %` : formatShare(bytes / dense);
}

/** The format that takes least; dense where none takes less. */
export function smallestSync(cost: SyncCost): { title: string; bytes: number } {
  const formats = Object.keys(formatTitles) as SyncFormat[];
  const best = formats.reduce((least, format) => (cost[format] < cost[least] ? format : least), 'dense');
  return { title: formatTitles[best], bytes: cost[best] };
}

/** "1.2 MB of 3.1 MB (gaps as varints and values)". */
export function syncSentence(cost: SyncCost): string {
  const { title, bytes } = smallestSync(cost);
  if (title === formatTitles.dense)
    return `${formatBytes(cost.dense)}: no sparse format takes less than a dense transfer`;
  return `${formatBytes(bytes)} of ${formatBytes(cost.dense)} (${title})`;
}
