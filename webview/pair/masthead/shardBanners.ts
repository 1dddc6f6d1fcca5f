// How far the shards are whose report is shown, what failed with the end of its log, and the way to have it done again.
import type { PanelShards } from '../../../src/shared/protocol/panelProtocol.ts';
import { element } from '../../parts/dom/dom.ts';
import type { Tools } from '../section.ts';
import { act, banner, buttons } from './banner.ts';

export function shardBanners(tools: Tools, { line, failures, notes, canSubmit }: PanelShards): HTMLElement[] {
  if (line === '') return [];
  const next = canSubmit ? [buttons(act(tools, 'Submit what is missing', 'submitMissing', 'primary'))] : [];
  const details = failures.map(({ title, message, log }) =>
    element(
      'div',
      { class: 'shard-failure' },
      `${title}: ${message}`,
      ...(log.length === 0 ? [] : [element('pre', {}, log.join('\n'))]),
    ),
  );
  return [
    banner('info', line, ...next),
    ...details.map((detail) => banner('warning', '', detail)),
    ...notes.map((note) => banner('warning', note)),
  ];
}
