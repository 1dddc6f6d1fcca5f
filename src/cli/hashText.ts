// Hashes of a checkpoint, and what two checkpoints differ in bit by bit, as a terminal shows them.
import type { HashReport, IdentityReport } from '../shared/report/hashReport.ts';
import { formatBytes, formatShape, formatWhole } from '../shared/text/format.ts';
import { printable, tabulate } from './columns.ts';
import type { Style } from './style.ts';

/** How many tensors are named; the JSON names all. */
const namedTensors = 20;

/** One line a tensor, as `sha256sum` writes them with dtype and shape between, and the whole last. */
export function hashText({ tensors, sha256, unreadable }: HashReport, style: Style): string {
  const rows = tensors.map(({ name, dtype, shape, sha256: own }) => [own, dtype, formatShape(shape), name]);
  const whole =
    sha256 === null
      ? style.red(`${'-'.repeat(64)}  the whole has no hash: ${unreadable.length} tensors could not be read`)
      : `${style.bold(sha256)}  the whole, ${formatWhole(tensors.length)} tensors`;
  const lines = [
    ...tabulate(rows, ['left']),
    ...unreadable.map(({ reason }) => style.red(`! ${reason.message}`)),
    whole,
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

export function identityText(report: IdentityReport, style: Style): string {
  const { different, equalTensors, equalBytes, unreadable } = report;
  const all = different.length + equalTensors + unreadable.length;
  const equal = `${equalTensors} of ${all} tensors are equal bit by bit (${formatBytes(equalBytes)})`;
  const more = different.length - namedTensors;
  const lines = [
    '',
    `  ${style.bold('Identical')}  ${different.length === 0 ? equal : style.red(`no: ${different.length} of ${all} tensors differ`)}`,
    ...different.slice(0, namedTensors).map(({ words }) => `    ${words}`),
    ...(more > 0 ? [`    … and ${more} more; --json names them all`] : []),
    ...(different.length === 0 ? [] : [`    ${equal}`]),
    ...unreadable.map(({ reason }) => style.red(`    ! ${reason.message}`)),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
