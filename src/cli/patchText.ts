// A patch that was written, and one that was applied, as a terminal shows them.
import type { AppliedReport, PatchReport, TensorWay } from '../shared/report/patchReport.ts';
import { formatBytes, formatCount, formatShare } from '../shared/text/format.ts';
import { quoteList } from '../engine/files/naming.ts';
import { printable, tabulate, wrapText } from './columns.ts';
import type { Style } from './style.ts';

const ways: Readonly<Record<TensorWay, string>> = {
  equal: 'equal to the base',
  sparse: 'by indices and values',
  whole: 'whole',
};

export function patchText(report: PatchReport, style: Style, width: number): string {
  const { tensors, bytes, denseBytes, notIncluded, restores } = report;
  const rows = (Object.keys(ways) as TensorWay[]).map((way) => {
    const own = tensors.filter((tensor) => tensor.way === way);
    const changed = own.reduce((sum, tensor) => sum + (tensor.changed ?? 0), 0);
    const taken = own.reduce((sum, tensor) => sum + tensor.bytes, 0);
    return [ways[way], formatCount(own.length), formatCount(changed), formatBytes(taken)];
  });
  const share =
    denseBytes === 0
      ? ''
      : `, ${formatShare(bytes / denseBytes)} of the ${formatBytes(denseBytes)} of a dense transfer`;
  const said = (text: string): string[] => wrapText(text, width - 2).map((line) => `  ${line}`);
  const lines = [
    '',
    `  ${style.bold('Patch')}  ${report.file}`,
    ...said(`${formatBytes(bytes)}${share}.`),
    '',
    ...tabulate([['', 'tensors', 'changed', 'bytes'].map(style.dim), ...rows], ['left', 'right']).map(
      (line) => `  ${line}`,
    ),
    '',
    ...said(
      restores === 'files'
        ? 'It restores the safetensors files of the tuned side byte by byte.'
        : 'It restores the tensors of the tuned side bit by bit, in one safetensors file.',
    ),
    ...(notIncluded.length === 0
      ? []
      : said(`What lies beside the weights is not in it: ${quoteList(notIncluded)}.`)),
    style.dim(`  SHA-256 of the result  ${report.sha256}`),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

export function appliedText({ files, folder, sha256, tensors }: AppliedReport, style: Style): string {
  const lines = [
    '',
    `  ${style.bold('Applied')}  ${formatCount(tensors)} tensors, in ${folder}`,
    ...tabulate(
      files.map(({ path, bytes }) => [path, formatBytes(bytes)]),
      ['left', 'right'],
    ).map((line) => `    ${line}`),
    style.dim(`  SHA-256 of the whole, as promised  ${sha256}`),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
