// The tools for assistants in this editor's chat, and the server of the same tools: as far as the editor has either.
import type * as vscode from 'vscode';
import { toolNames } from '../../tools/toolCatalogue.ts';
import type { ToolName } from '../../tools/answers.ts';
import type { ChatFeatures, Registration } from './chatFeatures.ts';
import { contributedName } from './contributedNames.ts';
import { registerMcpServer } from './mcpServer.ts';

/** @param folder of the extension */
export function registerChat(
  features: ChatFeatures,
  folder: string,
  toolOf: (name: ToolName) => vscode.LanguageModelTool<object>,
): Registration[] {
  const { lm } = features;
  // As methods: an editor may look for `this`.
  const tools = toolNames.flatMap((name) => lm?.registerTool?.(contributedName(name), toolOf(name)) ?? []);
  return [...tools, ...registerMcpServer(features, folder)];
}
