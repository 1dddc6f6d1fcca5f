// `three-gate check --identical BASE TUNED`: whether two checkpoints hold the same bits; exit status 4 where they do not.
import { compareBits } from '../engine/hashing/compareBits.ts';
import { version } from '../node/engine/version.ts';
import { ThreeGateError } from '../shared/errors.ts';
import { hashSchemaVersion, type IdentityReport } from '../shared/report/hashReport.ts';
import { withContents, type ContentFlags } from './contentTask.ts';
import { plainJson, printResult } from './engineTask.ts';
import { exitStatus, statusFor } from './exitStatus.ts';
import { printable } from './columns.ts';
import { identityText } from './hashText.ts';
import type { Terminal } from './terminal.ts';

export async function checkIdentical(
  what: readonly string[],
  flags: ContentFlags & { json?: string },
  terminal: Terminal,
): Promise<number> {
  if (what.length !== 2) throw new ThreeGateError('usage', '--identical compares BASE with TUNED.');
  const report = await withContents(what, flags, terminal, async ([base, tuned], ports) => {
    if (base === undefined || tuned === undefined) throw new RangeError('no checkpoint was opened');
    const paths = { base: base.info.path, tuned: tuned.info.path };
    const compared = await compareBits(base, tuned, ports);
    return { schemaVersion: hashSchemaVersion, version, ...paths, ...compared } satisfies IdentityReport;
  });
  await printResult(terminal, flags, report, { json: plainJson, text: identityText });
  const [first] = report.different;
  if (first !== undefined) {
    if (flags.quiet === true) terminal.stderr.write(`three-gate: ${printable(first.words)}\n`);
    return exitStatus.broken;
  }
  return statusFor(
    terminal,
    flags.quiet,
    report.unreadable.map(({ reason }) => reason),
  );
}
