// The editor's own settings of the way to the network.
import * as vscode from 'vscode';

/** Empty where there is no proxy, or extensions are to use none. */
export function readProxy(): { proxy: string; noProxy: readonly string[]; strictSsl: boolean } {
  const http = vscode.workspace.getConfiguration('http');
  if (http.get<string>('proxySupport') === 'off') return { proxy: '', noProxy: [], strictSsl: true };
  return {
    proxy: http.get<string>('proxy') ?? '',
    noProxy: http.get<string[]>('noProxy') ?? [],
    strictSsl: http.get<boolean>('proxyStrictSSL') ?? true,
  };
}
