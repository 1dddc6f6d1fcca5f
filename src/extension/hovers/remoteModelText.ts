// What a hover says of a model that is not on this machine: its name and two ways on. Nothing is read for it.
import * as vscode from 'vscode';
import { escapeMarkdown } from '../../shared/text/markdownText.ts';
import { commandLink } from './commandLink.ts';

/** @param address as `hf://org/model@main` */
export function remoteModelText(name: string, address: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: ['threeGate.openHeader', 'threeGate.compareWith'] };
  const links = [
    commandLink(vscode.l10n.t('Open header (remote)'), 'threeGate.openHeader', [address]),
    commandLink(vscode.l10n.t('Compare with…'), 'threeGate.compareWith', [address, 'base']),
  ];
  text.appendMarkdown(
    `**${escapeMarkdown(name)}** · ${escapeMarkdown(vscode.l10n.t('not on this machine'))}\n\n${links.join(' · ')}`,
  );
  return text;
}
