// A report as one page that anybody can open: the pair's page with its charts, its style and the report, in one file. Its policy lets
// run what it holds and nothing else, and nothing is fetched. What comes from a checkpoint is data in it, never markup.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../shared/report/report.ts';

/** The toolkit makes an empty style element to learn whether `:focus-visible` is known. */
const emptyStyle = '';

/** @param pages folder of the built pages, `dist/webview` */
export async function reportHtml(report: Report, pages: string): Promise<string> {
  const [script, style] = await Promise.all(
    ['alone.js', 'alone.css'].map(async (name) => inlined(await readFile(join(pages, name), 'utf8'))),
  );
  // Of JSON, `<` stands in strings only.
  const data = JSON.stringify(report).replaceAll('<', '\\u003c');
  return page({ script: script ?? '', style: style ?? '', data });
}

/** The map of a source lies elsewhere. */
function inlined(text: string): string {
  return text.replace(/\n(?:\/\/|\/\*)# sourceMappingURL=[^\n]*\n?$/u, '');
}

function page({ script, style, data }: Record<'script' | 'style' | 'data', string>): string {
  const policy = [
    "default-src 'none'",
    `script-src ${source(script)}`,
    `style-src ${source(style)} ${source(emptyStyle)}`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Three-Gate report</title>
<style>${style}</style>
</head>
<body><div id="app"></div>
<script type="application/json" id="report">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** As a policy names what is allowed by its content. */
function source(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
