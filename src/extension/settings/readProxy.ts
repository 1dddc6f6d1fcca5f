// The editor's own settings of the way to the network.
import * as vscode from 'vscode';

export function readProxy(): { proxy: string; noProxy: readonly string[] } {
  const http = vscode.workspace.getConfiguration('http');
  return { proxy: http.get<string>('proxy') ?? '', noProxy: http.get<string[]>('noProxy') ?? [] };
}
