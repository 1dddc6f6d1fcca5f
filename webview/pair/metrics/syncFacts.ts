// What sending the update takes: the format that takes least, with all of them in its hover.
import type { Measured } from '../../../src/shared/report/report.ts';
import type { SyncCost } from '../../../src/shared/report/syncCost.ts';
import { formatBytes } from '../../../src/shared/text/format.ts';
import { smallestSync, syncNote, syncRows, syncTitle } from '../../../src/shared/text/syncText.ts';
import type { Fact } from '../../parts/dom/factList.ts';

/** Empty where the report knows nothing of it. */
export function syncFacts(sync: Measured<SyncCost> | undefined): Fact[] {
  if (sync === undefined) return [];
  if (sync.value === null) {
    const { reason } = sync;
    return [{ label: syncTitle, text: 'not measured', lines: () => [syncTitle, reason] }];
  }
  const { value } = sync;
  const { title, bytes } = smallestSync(value);
  const rows = syncRows(value);
  const lines = (): string[] => [
    `${syncTitle}: least with ${title}`,
    ...rows.map((row) => `${row.title}: ${row.bytes}${row.share === '' ? '' : ` (${row.share})`}`),
    syncNote,
  ];
  return [
    {
      label: syncTitle,
      text: formatBytes(bytes),
      note: `of ${formatBytes(value.dense)}`,
      lines,
    },
  ];
}
