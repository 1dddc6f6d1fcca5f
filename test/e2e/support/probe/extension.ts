// An extension of the tests: a command that does what `.probe/request.json` of the workspace says and writes `.probe/answer.json`.
// A request calls a tool that some extension offers to the chat, as a chat would.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Asked, Told } from '../probe.ts';

export function activate({ subscriptions }: vscode.ExtensionContext): void {
  subscriptions.push(vscode.commands.registerCommand('probe.call', answer));
}

async function answer(): Promise<void> {
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', '.probe');
  const request = JSON.parse(readFileSync(join(folder, 'request.json'), 'utf8')) as Asked;
  const told = await called(request).catch((thrown: unknown) => {
    const { message, name } = thrown as Error;
    return { error: message, name };
  });
  // Whole, or not there yet.
  writeFileSync(join(folder, 'answer.part'), JSON.stringify(told));
  renameSync(join(folder, 'answer.part'), join(folder, 'answer.json'));
}

async function called({ tool, input, cancelAfterMs }: Asked): Promise<Told> {
  if (tool === null) return { tools: vscode.lm.tools.map(({ name }) => name) };
  const source = new vscode.CancellationTokenSource();
  if (cancelAfterMs !== null) {
    setTimeout(() => {
      source.cancel();
    }, cancelAfterMs);
  }
  const options = { toolInvocationToken: undefined, input };
  const { content } = await vscode.lm.invokeTool(tool, options, source.token);
  return { text: content.map((part) => (part as vscode.LanguageModelTextPart).value).join('\n') };
}
