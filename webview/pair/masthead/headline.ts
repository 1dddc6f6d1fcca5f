// What the panel says first, in three lines. Pure.
import { lowerFirst } from '../../../src/shared/text/format.ts';
import { soFarHead, soFarSentence } from '../../../src/shared/text/soFarText.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import type { PanelDocument } from '../../../src/shared/protocol/panelProtocol.ts';

/** The footprint; what is left of it beyond size, or the footprint in full; what config or log say. Empty where there is nothing. */
export function headline(
  document: PanelDocument | null,
): [footprint: string, beyond: string, evidence: string] {
  const alone = (text: string): [string, string, string] => [text, '', ''];
  if (document === null) return alone('Opening…');
  const { report, run } = document;
  if (report === null) {
    if (run.kind === 'running') return alone('Reading both checkpoints…');
    const shards = document.stored?.shards ?? null;
    if (shards !== null && run.kind === 'complete') return alone(shards.lead);
    if (run.kind === 'failed')
      return alone(document.stored === undefined ? 'The analysis failed' : 'The report cannot be shown');
    return alone(run.kind === 'cancelled' ? 'Cancelled before anything was measured' : 'Not analysed yet');
  }
  const { headline: head, sentence, beyondSize, evidence } = report.summary.regime;
  const partial = report.status === 'running' || run.kind === 'running';
  const { preliminary } = report;
  if (partial && preliminary !== undefined) return [soFarHead(preliminary), soFarSentence(preliminary), ''];
  return [partial ? `So far: ${lowerFirst(head)}` : head, beyondSize ?? sentence, evidence ?? ''];
}

/** The footprint in full, where the masthead says what is left of it beyond size. */
export function footprintLines(report: PanelReport | null): string[] {
  if (report === null) return [];
  const { headline: head, sentence, beyondSize } = report.summary.regime;
  if (beyondSize === null) return [];
  return [head, sentence, 'The footprint says in whose range the numbers lie, never how the run was made.'];
}
