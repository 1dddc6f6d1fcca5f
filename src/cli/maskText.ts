// What `three-gate mask` prints: the mask, its density by module kind, what of an update it holds, and what has none.
import { fallbackSentence } from '../shared/text/fallbackText.ts';
import { formatBytes, formatCount, formatDuration, formatLift, formatShare } from '../shared/text/format.ts';
import {
  presetSettings,
  type MaskPool,
  type MaskPreset,
  type MaskReport,
} from '../shared/report/maskReport.ts';
import { moduleTitle } from '../shared/text/reportTables.ts';
import { tabulate, wrapText } from './columns.ts';
import type { Style } from './style.ts';

/** How many tensors without a mask are named; the JSON names all. */
const namedLimit = 8;

export function maskText(report: MaskReport, style: Style, width: number): string {
  const { definition, base, whole, modules, leftOut, problems, engine } = report;
  const head = ['', 'tensors', 'weights', 'trainable'];
  const isHeld = report.tuned !== null && report.kind !== 'update';
  const overlapHead = isHeld ? ['of the update', 'if random', 'lift'] : [];
  const rows: [string, MaskPool][] = [
    ...modules.map((module): [string, MaskPool] => [moduleTitle(module), module]),
    ['All', whole],
  ];
  const aligns = ['left', ...head.slice(1), ...overlapHead].map((_, column) =>
    column === 0 ? 'left' : 'right',
  );
  const table = tabulate(
    [[...head, ...overlapHead].map(style.dim), ...rows.map(([title, pool]) => cells(title, pool, isHeld))],
    aligns,
  );
  const said = (text: string): string[] => wrapText(text, width - 4).map((line) => `    ${line}`);
  const more = leftOut.length - namedLimit;
  const lines = [
    '',
    ...tabulate(
      [
        ['  base', style.bold(base.label)],
        ['  mask', style.bold(definition), style.dim(madeBy(report))],
        ['  file', report.file, style.dim(formatBytes(report.bytes))],
      ],
      ['left'],
    ),
    '',
    ...table.map((line) => `  ${line}`),
    ...(report.preset === null ? [] : ['', ...said(presetSentence(report.preset, report))]),
    ...(isHeld ? ['', ...said(overlapSentence(report))] : []),
    ...(problems.length === 0 ? [] : ['', ...problems.flatMap(({ message }) => said(message))]),
    ...(leftOut.length === 0 ? [] : ['', `  ${style.bold('Without a mask')}`]),
    ...leftOut.slice(0, namedLimit).flatMap(({ reason }) => said(reason.message)),
    ...(more > 0 ? [`    … and ${more} more; --json names them all`] : []),
    ...passedOver(report),
    '',
    style.dim(
      `  Three-Gate ${engine.version} · ${engine.gemm === 'none' ? 'no matrix engine' : `${engine.gemmLibrary} (${engine.gemm})`} · ${formatDuration(report.elapsedMs)}`,
    ),
    ...(engine.fallbackReason === null
      ? []
      : wrapText(fallbackSentence(engine.fallbackReason), width - 2).map((line) => style.dim(`  ${line}`))),
  ];
  return `${lines.join('\n')}\n`;
}

/** Budgets and rank, or what it follows. */
function madeBy({ alphaPrincipal, alphaLow, rank, preset, seed, like, tuned, kind }: MaskReport): string {
  if (kind === 'update') return `what ${tuned?.label ?? ''} changed in the bf16 view`;
  if (like !== null) {
    const whose = like.what === 'mask' ? 'the mask' : 'the update of';
    return `as dense as ${whose} ${like.checkpoint.label}, seed ${seed}`;
  }
  const same = alphaPrincipal === alphaLow && alphaLow !== null ? `α ${alphaLow}` : null;
  const apart = [
    ...(alphaPrincipal === null ? [] : [`α principal ${alphaPrincipal}`]),
    ...(alphaLow === null ? [] : [`α low ${alphaLow}`]),
  ];
  const budgets = same === null ? apart : [same];
  return [
    ...(preset === null ? [] : [`preset ${preset}`]),
    ...budgets,
    ...(rank === null ? [] : [`rank ${rank}`]),
  ].join(', ');
}

function presetSentence(preset: MaskPreset, { kind, whole }: MaskReport): string {
  const { source, unionPublished } = presetSettings[preset];
  const published = `Budgets and scope as published (${source})`;
  if (kind !== 'rlvr') return `${published}.`;
  return `${published}; the union holds ${formatShare(whole.trainable / whole.elements)} of these weights, there ${formatShare(unionPublished)}.`;
}

function passedOver({ match, exclude, notMatched }: MaskReport): string[] {
  if (notMatched === 0) return [];
  const why = [
    ...(match === null ? [] : [`do not match /${match}/`]),
    ...(exclude.length === 0 ? [] : [`belong to ${exclude.join(' or ')}`]),
  ].join(' or ');
  return ['', `  ${notMatched} tensors ${why} and were left out.`];
}

function cells(
  title: string,
  { tensors, elements, trainable, overlap }: MaskPool,
  withOverlap: boolean,
): string[] {
  const { share, expected, lift } = overlap.value ?? { share: null, expected: null, lift: null };
  return [
    title,
    tensors.toString(),
    formatCount(elements),
    formatShare(trainable / elements),
    ...(withOverlap ? [formatShare(share), formatShare(expected), formatLift(lift)] : []),
  ];
}

function overlapSentence({ tuned, whole: { overlap } }: MaskReport): string {
  if (overlap.value === null) return overlap.reason;
  const { share, expected, lift, changed } = overlap.value;
  const name = tuned?.label ?? '';
  if (share === null)
    return `${name} changed nothing in the bf16 view, so there is no update to hold against the mask.`;
  return `${formatShare(share)} of the ${formatCount(changed)} weights that ${name} changed lie in the mask, ${formatShare(expected)} if they lay at random: ${formatLift(lift)}.`;
}
