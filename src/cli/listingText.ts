// What `three-gate inspect` prints: a checkpoint's facts, files, tensors, metadata and problems.
import type { CheckpointListing, TensorEntry } from '../shared/protocol/engineProtocol.ts';
import { formatBytes, formatCount, formatShape, formatWhole } from '../shared/text/format.ts';
import { printable, tabulate } from './columns.ts';
import type { Style } from './style.ts';

export function listingText({ info, tensors, metadata, problems }: CheckpointListing, style: Style): string {
  const dtypes = Object.entries(info.dtypes).map(([dtype, count]) => `${dtype} ${formatCount(count)}`);
  const facts: [string, string][] = [
    ['checkpoint', style.bold(info.path)],
    ['format', [info.format, info.architecture, info.modelType].filter((part) => part !== null).join(' · ')],
    [
      'parameters',
      `${formatCount(info.parameters)} in ${formatWhole(tensors.length)} tensors (${dtypes.join(', ')})`,
    ],
    [
      'size',
      `${formatBytes(info.bytes)} in ${info.files.length === 1 ? '1 file' : `${info.files.length} files`}`,
    ],
    ...(info.step === null ? [] : [['step', info.step.toString()] as [string, string]]),
    ...(info.namedBase === null
      ? []
      : [['base model', `${info.namedBase.name} (${info.namedBase.from})`] as [string, string]]),
  ];
  const lines = [
    '',
    ...tabulate(
      facts.map(([name, value]) => [`  ${name}`, value]),
      ['left'],
    ),
    '',
    ...(info.files.length > 1 ? [...shards(info.files, tensors, style), ''] : []),
    ...tensorTable(tensors, info.files.length > 1, style),
    ...section(
      'Metadata',
      Object.entries(metadata).map(([key, value]) => `${key} = ${value}`),
      style,
    ),
    ...section(
      'Problems',
      problems.map(({ message }) => style.red(message)),
      style,
    ),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function shards(files: readonly string[], tensors: readonly TensorEntry[], style: Style): string[] {
  const rows = files.map((file) => {
    const inside = tensors.filter((tensor) => tensor.file === file);
    const bytes = inside.reduce((sum, tensor) => sum + tensor.bytes, 0);
    return [`    ${file}`, `${inside.length} tensors`, formatBytes(bytes)];
  });
  return [`  ${style.bold('Files')}`, ...tabulate(rows, ['left', 'right'])];
}

function tensorTable(tensors: readonly TensorEntry[], sharded: boolean, style: Style): string[] {
  const rows = tensors.map(({ name, dtype, shape, elements, bytes, file }) => [
    `    ${name}`,
    dtype,
    formatShape(shape),
    formatCount(elements),
    formatBytes(bytes),
    ...(sharded ? [style.dim(file)] : []),
  ]);
  return [
    `  ${style.bold('Tensors')}`,
    ...tabulate(rows, ['left', 'left', 'left', 'right', 'right', 'left']),
  ];
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  if (lines.length === 0) return [];
  return ['', `  ${style.bold(title)}`, ...lines.map((line) => `    ${line}`)];
}
