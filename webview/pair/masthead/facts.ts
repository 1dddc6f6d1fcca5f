// What the masthead says of the two checkpoints: how much was compared and by what. Pure.
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatWhole,
} from '../../../src/shared/text/format.ts';
import type { PanelReport } from '../../../src/shared/protocol/panelReport.ts';
import type { CheckpointInfo } from '../../../src/shared/report/report.ts';
import { adapterSummary } from '../metrics/adapters.ts';

export interface MastheadFact {
  text: string;
  lines: readonly string[];
  warning?: boolean;
}

export function factsOf({ pair, coverage, engine, timings, tensors, summary }: PanelReport): MastheadFact[] {
  const dtypes = (info: CheckpointInfo): string => Object.keys(info.dtypes).join(' + ').toLowerCase();
  const [from, to] = [dtypes(pair.base), dtypes(pair.tuned)];
  const fact = (text: string, lines: readonly string[]): MastheadFact => ({ text, lines });
  const adapter = adapterSummary(tensors);
  const gemm = { native: 'native engine', wasm: 'WebAssembly engine', none: 'no matrix engine' }[engine.gemm];
  return [
    fact(`${formatCount(pair.tuned.parameters)} parameters`, sideLines('Tuned', pair.tuned)),
    fact(from === to ? from : `${from} → ${to}`, [
      'Number formats',
      'As stored in the files; several where a checkpoint mixes them.',
    ]),
    ...(adapter === null ? [] : [fact(adapter.name.text, adapter.name.lines)]),
    fact(`${formatShare(coverage.share)} compared`, [
      'Coverage',
      `${formatWhole(coverage.compared)} of ${formatWhole(coverage.elements)} parameters of both checkpoints together.`,
      ...coverage.notes,
    ]),
    ...nonFiniteFact(summary),
    fact(gemm, [
      engine.gemmLibrary,
      ...(engine.fallbackReason === null ? [] : [engine.fallbackReason]),
      `${engine.threads} threads, up to ${formatBytes(engine.memoryBytes)}, version ${engine.version}`,
    ]),
    fact(formatDuration(timings.elapsedMs), [
      'Elapsed time',
      `${formatBytes(timings.bytesRead)} read; weights ${formatDuration(timings.streamMs)}, matrices ${formatDuration(timings.geometryMs)}.`,
    ]),
  ];
}

/** What was left out of every metric is said beside how much was compared. */
function nonFiniteFact({ precision }: PanelReport['summary']): MastheadFact[] {
  const count = precision.value?.counts.nonFinite ?? 0;
  if (count === 0) return [];
  const lines = [
    'NaN or infinite',
    'Elements where a side is not a number; they are left out of every metric.',
  ];
  return [{ text: `${formatWhole(count)} NaN or infinite`, lines, warning: true }];
}

export function sideLines(side: string, info: CheckpointInfo): string[] {
  return [
    `${side}: ${info.label}`,
    info.path,
    [info.architecture, info.format, `${formatWhole(info.tensors)} tensors`, formatBytes(info.bytes)]
      .filter(Boolean)
      .join(' · '),
    ...(info.step === null ? [] : [`Training step ${info.step}`]),
    ...(info.namedBase === null
      ? []
      : [`Names ${info.namedBase.name} as its base, in ${info.namedBase.from}`]),
  ];
}
