// Hovers on the keys of a training config: what the key means to the gates, and what was measured there.
import * as vscode from 'vscode';
import { formatDegrees, formatLift, formatNumber, formatShare } from '../../shared/text/format.ts';
import { escapeMarkdown } from '../../shared/text/markdownText.ts';
import type { GateName } from '../../shared/options/options.ts';
import type { Report } from '../../shared/report/report.ts';
import { gateHeading } from '../../shared/text/gates.ts';
import type { ConfigEntry } from '../../shared/report/training.ts';
import { readFlag } from '../settings/readOptions.ts';
import type { AdvisedDocuments } from './advisedDocuments.ts';
import { rangeOf } from './configDiagnostics.ts';

export class ConfigHover implements vscode.HoverProvider {
  private readonly advised: AdvisedDocuments;

  constructor(advised: AdvisedDocuments) {
    this.advised = advised;
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | null {
    const advice = this.advised.of(document);
    if (advice?.version !== document.version || !readFlag('hovers')) return null;
    const entry = advice.evidence.config?.entries.find(
      ({ location }) =>
        location?.file === document.fileName && rangeOf(document, location).contains(position),
    );
    if (entry === undefined) return null;
    return new vscode.Hover(hoverText(entry, advice.report), rangeOf(document, entry.location));
  }
}

function hoverText(entry: ConfigEntry, report: Report | null): vscode.MarkdownString {
  const lines = [
    entry.gate === null ? null : `**${gateHeading(entry.gate)}** · ${wordsOf(entry.concept)}`,
    entry.gate === null ? wordsOf(entry.concept) : null,
    entry.defaultNote === null ? null : escapeMarkdown(entry.defaultNote),
    entry.gate === null || report === null ? null : measured(entry.gate, report),
  ];
  return new vscode.MarkdownString(lines.filter((line) => line !== null).join('\n\n'));
}

/** `learningRate` → "learning rate" */
function wordsOf(concept: string): string {
  return concept
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^kl/, 'KL')
    .replace(/^peft/, 'adapter');
}

function measured(gate: GateName, { summary }: Report): string {
  const { verdict } = summary.gates[gate];
  const numbers: Record<GateName, readonly (readonly [string, string | null])[]> = {
    anchor: [
      ['drift', shown(summary.anchor.value?.relativeDrift, formatShare)],
      ['KL', shown(summary.kl.value?.last, formatNumber)],
    ],
    geometry: [
      ['rotation', shown(summary.geometry.value?.rotationMeanDeg, formatDegrees)],
      ['principal lift', shown(summary.geometry.value?.principalLift, formatLift)],
    ],
    precision: [
      ['unchanged in bf16', shown(summary.precision.value?.sparsityBf16, formatShare)],
      ['cannot move by one step in bf16', shown(summary.precision.value?.absorbedShare, formatShare)],
    ],
  };
  const said = numbers[gate].flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  return escapeMarkdown(`Measured: ${[verdict, ...said].join(', ')}`);
}

function shown(value: number | null | undefined, format: (value: number) => string): string | null {
  return value === null || value === undefined ? null : format(value);
}
