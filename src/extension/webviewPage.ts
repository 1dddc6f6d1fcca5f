// The HTML of a webview: one script, one stylesheet, a policy that allows nothing else, and no data. Content comes by message.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

interface Page {
  /** File name in dist/webview without its ending. */
  name: 'main' | 'header' | 'runs' | 'compare';
  title: string;
}

/** Fills a webview with one of the built pages. */
export function showPage(webview: vscode.Webview, extensionUri: vscode.Uri, page: Page): void {
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const script = webview.asWebviewUri(vscode.Uri.joinPath(folder, `${page.name}.js`));
  const style = webview.asWebviewUri(vscode.Uri.joinPath(folder, `${page.name}.css`));
  const nonce = randomBytes(16).toString('base64');
  // Charts and lists set sizes through the CSSOM, which no policy restricts; `unsafe-inline` is for no one.
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data: blob:`,
  ].join('; ');
  webview.html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style.toString()}">
<title>${page.title}</title>
</head>
<body><div id="app"></div><script nonce="${nonce}" src="${script.toString()}"></script></body>
</html>`;
}
