// Hovers over weight names in *.safetensors.index.json: shape, dtype and shard, and the weight's own verdicts.
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { listCheckpoint } from '../../engine/opening/listCheckpoint.ts';
import { nodeFileSystem } from '../../node/disk/nodeFileSystem.ts';
import type { TensorEntry } from '../../shared/protocol/engineProtocol.ts';
import {
  formatBytes,
  formatDegrees,
  formatNumber,
  formatShape,
  formatShare,
} from '../../shared/text/format.ts';
import { escapeMarkdown } from '../../shared/text/markdownText.ts';
import { checkpointStamp } from '../../node/runs/checkpointStamp.ts';
import type { ReportStore, RememberedVerdict } from '../../node/runs/reportStore.ts';
import { readFlag } from '../settings/readOptions.ts';
import { tokenAt } from './tokenAt.ts';
import { withinBudget } from './withinBudget.ts';

const mapEntry = /^\s*"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"/;

export class WeightNameHover implements vscode.HoverProvider {
  private readonly reports: ReportStore;
  /** Tensors of the shard that was hovered last. */
  private shard: { key: string; tensors: Promise<Map<string, TensorEntry>> } | null = null;

  constructor(reports: ReportStore) {
    this.reports = reports;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    if (!readFlag('hovers')) return null;
    const line = document.lineAt(position.line).text;
    const entry = mapEntry.exec(line);
    const token = tokenAt(line, position.character, false);
    const name = entry?.[1];
    const file = entry?.[2];
    if (name === undefined || file === undefined || token?.text !== name) return null;
    const content = await withinBudget(this.describe(document.uri.fsPath, name, file));
    if (content === null) return null;
    return new vscode.Hover(content, new vscode.Range(position.line, token.start, position.line, token.end));
  }

  private async describe(index: string, name: string, file: string): Promise<vscode.MarkdownString> {
    const folder = dirname(index);
    const tensor = (await this.tensorsOf(join(folder, file))).get(name);
    const text = new vscode.MarkdownString();
    if (tensor === undefined) {
      text.appendMarkdown(vscode.l10n.t('{0} is not in {1}.', escapeMarkdown(name), escapeMarkdown(file)));
      return text;
    }
    text.appendMarkdown(
      `\`${formatShape(tensor.shape)}\` ${tensor.dtype} · ${formatBytes(tensor.bytes)} · ${escapeMarkdown(file)}`,
    );
    const result = (await this.reports.findByTuned(folder)) ?? (await this.reports.findByTuned(index));
    const verdict = result === null ? undefined : (await this.reports.tensorVerdicts(result.key)).get(name);
    if (verdict !== undefined) text.appendMarkdown(`\n\n${verdictText(verdict)}`);
    return text;
  }

  private async tensorsOf(path: string): Promise<Map<string, TensorEntry>> {
    const key = `${(await checkpointStamp(path)) ?? ''} ${path}`;
    if (this.shard?.key !== key) {
      const tensors = listCheckpoint(nodeFileSystem, path).then(
        (listing) => new Map(listing.tensors.map((tensor) => [tensor.name, tensor])),
      );
      this.shard = { key, tensors };
    }
    return this.shard.tensors;
  }
}

/** Each number beside what a random update of the same size would show, where that is known, and what is left beyond it. */
function verdictText({
  anchor,
  geometry,
  precision,
  relativeDrift,
  rotationDeg,
  rotationExpectedDeg,
  sparsityBf16,
  sparsityBf16Expected,
  beyondSize,
}: RememberedVerdict): string {
  const random = (expected: string | null): string => (expected === null ? '' : `, random ${expected}`);
  const rotation = rotationExpectedDeg === null ? null : formatDegrees(rotationExpectedDeg);
  const unchanged = sparsityBf16Expected === null ? null : formatShare(sparsityBf16Expected);
  const gates = [
    `I **${anchor}** (drift ${formatNumber(relativeDrift)})`,
    `II **${geometry}** (rotation ${formatDegrees(rotationDeg)}${random(rotation)})`,
    `III **${precision}** (${formatShare(sparsityBf16)} unchanged${random(unchanged)})`,
  ].join(' · ');
  return beyondSize === null
    ? gates
    : `${gates}\n\n${vscode.l10n.t('Beyond size: {0}', escapeMarkdown(beyondSize))}`;
}
