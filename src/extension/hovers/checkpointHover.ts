// Hovers over checkpoint paths and model ids in configs and scripts: what it is and, if analysed, in whose range its footprint
// lies, what of it is left beyond its size, and its three verdicts.
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { gateNames } from '../../shared/options/options.ts';
import type { CheckpointInfo } from '../../shared/report/report.ts';
import { summarizeCheckpoint } from '../../node/disk/knownCheckpoints.ts';
import { escapeMarkdown } from '../../shared/text/markdownText.ts';
import { rowsBesideNull } from '../../shared/text/besideNull.ts';
import { regimeLines } from '../../shared/text/regimeText.ts';
import { gateHeading } from '../../shared/text/gates.ts';
import { metricTitle } from '../../shared/text/metrics.ts';
import type { GateVerdict } from '../../shared/report/verdicts.ts';
import { asPath, cachedModel } from '../../node/disk/checkpointPath.ts';
import type { RememberedResult, ReportStore } from '../../node/runs/reportStore.ts';
import { readFlag } from '../settings/readOptions.ts';
import { hubModelOf, remoteOf } from '../remote/remotePlaces.ts';
import { checkpointStamp } from '../../node/runs/checkpointStamp.ts';
import type { CheckpointFacts } from './checkpointFacts.ts';
import { commandLink } from './commandLink.ts';
import { namesModel } from './modelKeys.ts';
import { remoteModelText } from './remoteModelText.ts';
import { withinBudget } from './withinBudget.ts';
import { tokenAt } from './tokenAt.ts';

export const hoverLanguages = ['yaml', 'threegate', 'json', 'jsonc', 'toml', 'shellscript'];
/** Where a value may stand without quotes. */
const bareLanguages = new Set(['yaml', 'shellscript', 'markdown']);

/** Lines of a model card that may belong to its front matter. */
const farthestLine = 1000;

export class CheckpointHover implements vscode.HoverProvider {
  private readonly facts: CheckpointFacts;
  private readonly reports: ReportStore;

  constructor(facts: CheckpointFacts, reports: ReportStore) {
    this.facts = facts;
    this.reports = reports;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    if (!readFlag('hovers')) return null;
    if (document.languageId === 'markdown' && !inFrontMatter(document, position.line)) return null;
    const line = document.lineAt(position.line).text;
    const token = tokenAt(line, position.character, bareLanguages.has(document.languageId));
    if (token === null) return null;
    const isNamed =
      isRemote(token.text) || namesModel((at) => document.lineAt(at).text, position.line, token.start);
    const content = await withinBudget(this.describe(token.text, document, isNamed));
    if (content === null) return null;
    return new vscode.Hover(content, new vscode.Range(position.line, token.start, position.line, token.end));
  }

  /** @param isNamed whether the text stands where a model is named */
  private async describe(
    text: string,
    document: vscode.TextDocument,
    isNamed: boolean,
  ): Promise<vscode.MarkdownString | null> {
    let isHere = false;
    for (const path of isRemote(text) ? [] : await this.candidates(text, document)) {
      const info = await this.facts.read(path);
      if (info !== null) return checkpointText(info, await this.reports.findByTuned(path));
      isHere ||= (await checkpointStamp(path)) !== null;
    }
    const address = isHere || !isNamed ? null : isRemote(text) ? remoteOf(text) : hubModelOf(text);
    return address === null ? null : remoteModelText(text, address);
  }

  /** Where the text may lead: from the file's folder, from the workspace, from the Hugging Face cache. */
  private async candidates(text: string, document: vscode.TextDocument): Promise<string[]> {
    const directories = [
      dirname(document.uri.fsPath),
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    ];
    const paths = directories.map((directory) => asPath(text, directory));
    const cached = await cachedModel(text);
    return [...new Set([...paths, ...(cached === null ? [] : [cached])])];
  }
}

/** What a checkpoint is, its verdicts if it was analysed, and the ways on. */
function checkpointText(info: CheckpointInfo, result: RememberedResult | null): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: ['threeGate.openComparison', 'threeGate.compareWith'] };
  const architecture = info.architecture === null ? '' : `${escapeMarkdown(info.architecture)} · `;
  text.appendMarkdown(
    `**${escapeMarkdown(info.label)}** · ${architecture}${escapeMarkdown(summarizeCheckpoint(info))}\n\n`,
  );
  if (result === null) {
    text.appendMarkdown(commandLink(vscode.l10n.t('Compare with…'), 'threeGate.compareWith', [info.path]));
    return text;
  }
  text.appendMarkdown(`**${escapeMarkdown(result.regime.headline)}**\n\n`);
  for (const line of regimeLines(result.regime)) text.appendMarkdown(`${escapeMarkdown(line)}\n\n`);
  for (const gate of gateNames) {
    text.appendMarkdown(`- ${gateHeading(gate)}: ${verdictText(result.gates[gate])}\n`);
  }
  const title = vscode.l10n.t('Open the comparison with {0}', result.baseLabel);
  text.appendMarkdown(
    `\n${commandLink(title, 'threeGate.openComparison', [result.basePath, result.tunedPath])}`,
  );
  return text;
}

/** The word, and the numbers that it rests on beside what a random update would show; without any, why there are none. */
function verdictText(gate: GateVerdict): string {
  const numbers = rowsBesideNull(gate, null)
    .filter(({ reading }) => reading?.value !== null)
    .map(({ metric, measured, word, random }) => {
      const beside = word === '' || word === 'not known' ? '' : ` (${word}; random ${random})`;
      return `${metricTitle(metric)} ${measured}${beside}`;
    });
  return `**${gate.verdict}** · ${escapeMarkdown(numbers.length > 0 ? numbers.join(', ') : gate.rule)}`;
}

/** Between the first line of a model card, which is `---`, and the next such line. */
function inFrontMatter(document: vscode.TextDocument, line: number): boolean {
  const isFence = (at: number): boolean => document.lineAt(at).text.trimEnd() === '---';
  if (line === 0 || line > farthestLine || !isFence(0)) return false;
  for (let at = 1; at <= line; at += 1) if (isFence(at)) return false;
  return true;
}
