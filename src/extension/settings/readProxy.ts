// The editor's own settings of the way to the network.
import * as vscode from 'vscode';

/** Empty where there is no proxy, or extensions are to use none. */
export function readProxy(): { proxy: string; noProxy: readonly string[] } {
  const http = vscode.workspace.getConfiguration('http');
  if (http.get<string>('proxySupport') === 'off') return { proxy: '', noProxy: [] };
  return { proxy: http.get<string>('proxy') ?? '', noProxy: http.get<string[]>('noProxy') ?? [] };
}
