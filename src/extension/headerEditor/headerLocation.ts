// Where a header lies: a file of this machine, or what lies elsewhere, whose address is the query of a URI of our own, so
// that it survives a restart. No vscode here: addresses are parts of a URI.
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { adHocScheme } from '../pairs/pairLocation.ts';

interface HeaderAddress {
  scheme: string;
  path: string;
  query: string;
}

/** The URI of a header that lies elsewhere. */
export function remoteHeaderAddress(address: string): HeaderAddress {
  // A path segment cannot hold a slash, and labels do.
  const name = checkpointLabel(address).replaceAll('/', '∕');
  return { scheme: adHocScheme, path: `/${name}`, query: address };
}

/** The address behind a header's URI; null for a file of this machine. */
export function remoteHeaderOf({ scheme, query }: { scheme: string; query: string }): string | null {
  return scheme === adHocScheme && isRemote(query) ? query : null;
}
