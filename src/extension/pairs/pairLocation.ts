// Where a pair lives: a `*.threegate` file, or an ad-hoc comparison whose address holds the whole pair, so that it
// survives a restart without a file anywhere. No vscode here: addresses are parts of a URI.
import { posix } from 'node:path';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { formatPair, type Pair } from '../../shared/pairFile.ts';

export const adHocScheme = 'threegate';

interface AdHocAddress {
  scheme: typeof adHocScheme;
  /** `/<title>.threegate`: what a tab shows. */
  path: string;
  /** The pair as JSON. */
  query: string;
}

/** `base → grpo/checkpoint-100` */
export function pairTitle(base: string, tuned: string): string {
  return `${checkpointLabel(base)} → ${checkpointLabel(tuned)}`;
}

/** The address of a comparison of absolute paths. */
export function adHocAddress(pair: Pair): AdHocAddress {
  // A path segment cannot hold a slash, and labels do.
  const name = pairTitle(pair.base, pair.tuned).replaceAll(/[/\\]/g, '∕');
  return { scheme: adHocScheme, path: posix.join('/', `${name}.threegate`), query: formatPair(pair).trim() };
}
