// Pair files opened as text: VS Code's own JSON features check them against the schema and complete their keys.
import * as vscode from 'vscode';

const pairLanguage = 'threegate';
const jsonFeatures = 'vscode.json-language-features';

/** The JSON features take part in the language of pair files, but start by themselves only where JSON is opened. */
export function serveJsonInPairs(): vscode.Disposable {
  const serve = ({ languageId }: vscode.TextDocument): void => {
    if (languageId === pairLanguage) void vscode.extensions.getExtension(jsonFeatures)?.activate();
  };
  for (const document of vscode.workspace.textDocuments) serve(document);
  return vscode.workspace.onDidOpenTextDocument(serve);
}
