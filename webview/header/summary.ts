// What stands above the tensors: what the checkpoint is, what is wrong with it, and its metadata.
import type { CheckpointListing } from '../../src/shared/protocol/engineProtocol.ts';
import { formatBytes, formatCount, formatWhole } from '../../src/shared/text/format.ts';
import { element } from '../parts/dom/dom.ts';

/** Problems beyond this many are counted, not listed: a broken file may have one for each tensor. */
const shownProblems = 50;

export function drawSummary(
  { info, metadata, problems, tensors }: CheckpointListing,
  onCompare: () => void,
): HTMLElement {
  const dtypes = Object.entries(info.dtypes).map(([dtype, count]) => `${dtype} ${formatCount(count)}`);
  const facts = [
    `${formatCount(info.parameters)} parameters`,
    `${formatWhole(tensors.length)} tensors`,
    dtypes.join(', '),
    formatBytes(info.bytes),
    ...(info.architecture === null ? [] : [info.architecture]),
    ...(info.step === null ? [] : [`step ${info.step}`]),
    ...(/^[a-z\d]+:\/\//.test(info.path) ? [info.path] : []),
    ...(info.namedBase === null ? [] : [`base ${info.namedBase.name} (${info.namedBase.from})`]),
  ];
  const compare = element('button', { class: 'compare', type: 'button' }, 'Compare with…');
  compare.addEventListener('click', onCompare);
  const heading = element('div', { class: 'heading' }, element('h1', {}, info.label), compare);
  const summary = element('header', {}, heading, element('p', { class: 'facts' }, facts.join('  ·  ')));
  if (problems.length > 0) summary.append(drawProblems(problems.map(({ message }) => message)));
  const entries = Object.entries(metadata);
  if (entries.length > 0) summary.append(drawMetadata(entries));
  return summary;
}

export function drawProblems(messages: readonly string[]): HTMLElement {
  const items = messages.slice(0, shownProblems).map((message) => element('li', {}, message));
  if (messages.length > shownProblems) {
    items.push(element('li', {}, `and ${formatWhole(messages.length - shownProblems)} more`));
  }
  return element('ul', { class: 'problems', role: 'alert' }, ...items);
}

function drawMetadata(entries: readonly [string, string][]): HTMLElement {
  const rows = entries.flatMap(([key, value]) => [element('dt', {}, key), element('dd', {}, value)]);
  const count = entries.length === 1 ? '1 entry' : `${formatWhole(entries.length)} entries`;
  return element(
    'details',
    { class: 'metadata', ...(entries.length <= 3 ? { open: '' } : {}) },
    element('summary', {}, `Metadata, ${count}`),
    element('dl', {}, ...rows),
  );
}
