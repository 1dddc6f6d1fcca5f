// What lies under an address that a person named: its files, and what they were when they were listed.
import type { RangeSource } from '../../engine/files/rangeSource.ts';
import type { RemoteOrigin } from '../../shared/report/report.ts';

export interface Mount {
  /** By address. */
  files: ReadonlyMap<string, RangeSource>;
  origin: RemoteOrigin;
}
