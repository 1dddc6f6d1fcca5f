// The built panel in a real browser without an editor: the page and policy that the extension host serves, a stand-in
// for its API that answers with a given document, and the real variables of four themes.
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findBrowser } from '../../.ci/editor.mjs';
import { panelMessages, tensorCurves, type TensorCurves } from '../../src/shared/protocol/panelReport.ts';
import type { PanelDocument } from '../../src/shared/protocol/panelProtocol.ts';
import type { PackedDocument } from '../../src/shared/protocol/headerProtocol.ts';
import type { RunsDocument } from '../../src/shared/protocol/runsProtocol.ts';
import type { SideBySideDocument } from '../../src/shared/protocol/sideBySideProtocol.ts';
import type { TensorReport } from '../../src/shared/report/report.ts';
import type { AnalysisEvent } from '../../src/shared/protocol/analysisEvents.ts';
import { wholeOf } from './reports.ts';

export const themeNames = [
  'dark-modern',
  'light-modern',
  'dark-high-contrast',
  'light-high-contrast',
] as const;
type ThemeName = (typeof themeNames)[number];
/** All but that in which a page opens. */
export const otherThemes = themeNames.filter((name) => name !== 'dark-modern');

interface ThemeFile {
  theme: string;
  bodyClass: string;
  variables: Record<string, string>;
}

export interface PanelWishes {
  theme?: ThemeName;
  width?: number;
  height?: number;
  /** What the editor kept of an earlier panel. */
  kept?: object;
  /** Device pixels per CSS pixel. */
  scale?: number;
  /** The built page: the pair's, that of several runs, that of checkpoints side by side, or that of a file's header. */
  page?: 'main' | 'runs' | 'compare' | 'header';
}

type AnyDocument = PanelDocument | RunsDocument | SideBySideDocument | PackedDocument;

const origin = 'http://panel.invalid';
const nonce = 'panel-test-nonce';
/** The hash of an empty style element: the toolkit makes one to learn whether `:focus-visible` is known. */
const emptyStyle = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
/** As the extension host sends it; `cspSource` is the page's own origin here. */
const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin} ${emptyStyle}; font-src ${origin}; img-src ${origin} data:`;
const html = (
  name: string,
): string => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Three-Gate</title>
<link rel="stylesheet" href="${origin}/${name}.css"></head>
<body><div id="app"></div><script nonce="${nonce}" src="${origin}/${name}.js"></script></body></html>`;

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: findBrowser(),
    args: '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync'.split(
      ' ',
    ),
  });
}

export interface PanelPage {
  page: Page;
  /** Everything the page complained about: console errors, policy violations, uncaught errors. */
  complaints: string[];
  /** Messages that the panel sent, oldest first. */
  sent(): Promise<{ method: string; params: unknown }[]>;
  /** Events of a run, in the messages that the host makes of them; their curves can then be asked for. */
  stream(events: readonly AnalysisEvent[]): Promise<void>;
  /** From now on the host has these tensors' curves. */
  know(tensors: readonly TensorReport[]): Promise<void>;
  /** An event from the host. */
  emit(event: 'document' | 'run' | 'events', payload: unknown): Promise<void>;
  kept(): Promise<unknown>;
  /** Shows it in another theme, drawn. */
  setTheme(theme: ThemeName): Promise<void>;
  /** Makes the window so many CSS pixels wide, and waits until the page is drawn. */
  setWidth(width: number): Promise<void>;
  /** Waits until nothing is left to draw. */
  settle(): Promise<void>;
}

/** Opens the panel on a document; null leaves it waiting for the host. */
export async function openPanel(
  browser: Browser,
  document: AnyDocument | null,
  wishes: PanelWishes = {},
): Promise<PanelPage> {
  const { theme = 'dark-modern', width = 1280, height = 900, kept = null, scale = 1 } = wishes;
  const built = wishes.page ?? 'main';
  const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale });
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.route(`${origin}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === `${built}.js` || name === `${built}.css`)
      return route.fulfill({ path: `dist/webview/${name}` });
    if (name === 'favicon.ico') return route.fulfill({ status: 204 });
    return route.fulfill({
      body: html(built),
      contentType: 'text/html',
      headers: { 'content-security-policy': policy },
    });
  });
  await page.addInitScript({ content: stand(themeFile(theme), document, kept) });
  const report = document !== null && 'report' in document ? document.report : null;
  const whole = report !== null && 'tensors' in report ? wholeOf(report) : null;
  await page.addInitScript({
    content: `globalThis.panelHost.curves = ${JSON.stringify(curvesOf(whole?.tensors ?? []))}`,
  });
  await page.goto(`${origin}/`);
  const panel: PanelPage = {
    page,
    complaints,
    sent: () => page.evaluate('globalThis.panelHost.sent'),
    emit: (event, payload) =>
      page.evaluate(`globalThis.panelHost.emit(${JSON.stringify(event)}, ${JSON.stringify(payload)})`),
    stream: async (events) => {
      const changed = events.flatMap((event) =>
        event.kind === 'tensors'
          ? event.changed.map(({ tensor }) => tensor)
          : 'report' in event
            ? event.report.tensors
            : [],
      );
      await panel.know(changed);
      for (const message of panelMessages(events)) await panel.emit('events', message);
    },
    know: (tensors) =>
      page.evaluate(`void Object.assign(globalThis.panelHost.curves, ${JSON.stringify(curvesOf(tensors))})`),
    kept: () => page.evaluate('globalThis.panelHost.kept'),
    setTheme: async (name) => {
      await page.evaluate(`globalThis.panelHost.setTheme(${JSON.stringify(themeFile(name))})`);
      await panel.settle();
    },
    setWidth: async (width) => {
      await page.setViewportSize({ width, height });
      await panel.settle();
    },
    // Charts are drawn one per frame, so a few frames pass before a panel is whole.
    settle: () =>
      page.evaluate(`new Promise((resolve) => {
        let frames = 24;
        const next = () => (frames-- > 0 ? requestAnimationFrame(next) : resolve());
        next();
      })`),
  };
  await panel.settle();
  return panel;
}

function curvesOf(tensors: readonly TensorReport[]): Record<string, TensorCurves> {
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, tensorCurves(tensor)]));
}

/** The themes were read where the system has hardly a font; these are as wide as those that people have. */
const fonts = {
  '--vscode-font-family': '"Liberation Sans", system-ui, sans-serif',
  '--vscode-editor-font-family': '"Liberation Mono", monospace',
};

function themeFile(name: ThemeName): ThemeFile {
  const file = JSON.parse(readFileSync(new URL(`themes/${name}.json`, import.meta.url), 'utf8')) as ThemeFile;
  return { ...file, variables: { ...file.variables, ...fonts } };
}

/** Runs in the page before anything of its own: the editor's side of the conversation. */
function stand(theme: ThemeFile, document: AnyDocument | null, kept: object | null): string {
  return `{
    const setTheme = ({ bodyClass, variables }) => {
      const root = document.documentElement;
      root.removeAttribute('style');
      for (const [name, value] of Object.entries(variables)) root.style.setProperty(name, value);
      if (document.body) document.body.className = bodyClass;
    };
    const answer = ${JSON.stringify(document)};
    const host = { sent: [], curves: {}, kept: ${JSON.stringify(kept)}, setTheme,
      emit: (event, payload) => window.postMessage({ kind: 'event', event, payload }, '*') };
    globalThis.panelHost = host;
    const results = { ready: () => answer, curves: ({ name }) => host.curves[name] ?? null, act: () => null, openPair: () => null, reveal: () => null, copy: () => null,
      savePng: ({ name }) => ({ path: '/pictures/' + name }) };
    globalThis.acquireVsCodeApi = () => ({
      getState: () => host.kept,
      setState: (state) => { host.kept = structuredClone(state); },
      postMessage: (message) => {
        if (message.kind !== 'request') return;
        host.sent.push({ method: message.method, params: message.params });
        if (message.method === 'ready' && answer === null) return;
        const result = results[message.method](message.params);
        setTimeout(() => window.postMessage({ kind: 'reply', id: message.id, result }, '*'));
      },
    });
    const theme = ${JSON.stringify(theme)};
    const whenRoot = () => document.documentElement ? setTheme(theme) : setTimeout(whenRoot);
    whenRoot();
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      observer.disconnect();
      setTheme(theme);
    }).observe(document, { childList: true, subtree: true });
  }`;
}
