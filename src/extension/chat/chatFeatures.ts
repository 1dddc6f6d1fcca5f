// What of the editor's chat may be missing. Versions and forks of VS Code have no chat, or no tools in it, or no servers; what
// came after the version that package.json asks for is typed here and nowhere else.
import type * as vscode from 'vscode';

interface ServerProvider {
  provideMcpServerDefinitions: () => object[];
}

/** Of VS Code 1.101. */
type ServerDefinition = new (
  label: string,
  command: string,
  args: string[],
  environment: Record<string, string>,
  version: string,
) => object;

/** As the editor's own disposables are. */
export interface Registration {
  dispose: () => unknown;
}

export interface ChatFeatures {
  lm?: {
    registerTool?: (name: string, tool: vscode.LanguageModelTool<object>) => Registration;
    registerMcpServerDefinitionProvider?: (id: string, provider: ServerProvider) => Registration;
  };
  McpStdioServerDefinition?: ServerDefinition;
}

/** What this editor has of it. */
export function chatFeatures(editor: object): ChatFeatures {
  return editor;
}
