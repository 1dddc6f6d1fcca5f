// What stands in for the editor where the page is a file of its own: the report is in the page, and what is taken away is downloaded.
// Nothing is sent anywhere; the page's policy would not let it.
import type {
  HostMethods,
  PanelAction,
  PanelDocument,
  PanelEvents,
} from '../../src/shared/protocol/panelProtocol.ts';
import { panelReport, tensorCurves } from '../../src/shared/protocol/panelReport.ts';
import { Endpoint, type None } from '../../src/shared/protocol/rpc.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { exportName } from '../../src/shared/text/exportName.ts';
import { reportCsv } from '../../src/shared/text/reportCsv.ts';
import { reportJson } from '../../src/shared/text/reportJson.ts';
import { reportMarkdown } from '../../src/shared/text/reportMarkdown.ts';
import { verdictMarkdown } from '../../src/shared/text/verdictMarkdown.ts';
import { element } from '../parts/dom/dom.ts';
import { followSystemTheme } from './systemTheme.ts';

const report = JSON.parse(document.getElementById('report')?.textContent ?? '') as Report;
const title = `${report.pair.base.label} → ${report.pair.tuned.label}`;

/** Of the page, by the stand-in. */
let toHost: (message: unknown) => void = () => undefined;
let kept: unknown;

document.title = `Three-Gate: ${title}`;
document.body.dataset['alone'] = '';
followSystemTheme();
Object.assign(globalThis, {
  acquireVsCodeApi: () => ({
    postMessage: (message: unknown) => {
      toHost(message);
    },
    getState: () => kept,
    setState: (state: unknown) => {
      kept = state;
    },
  }),
});

const endpoint = new Endpoint<None, PanelEvents, HostMethods, None>({
  post: (data) => {
    window.dispatchEvent(new MessageEvent('message', { data }));
  },
  listen: (onMessage) => {
    toHost = onMessage;
  },
});
endpoint.serve('ready', shownDocument);
endpoint.serve('curves', ({ name }) => {
  const tensor = report.tensors.find((each) => each.name === name);
  return tensor === undefined ? null : tensorCurves(tensor);
});
endpoint.serve('act', ({ action }) => {
  takeAway(action);
  return null;
});
endpoint.serve('copy', async ({ text }) => {
  await navigator.clipboard.writeText(text);
  return null;
});
endpoint.serve('savePng', ({ name, base64 }) => {
  download(name, `data:image/png;base64,${base64}`);
  return { path: name };
});

function shownDocument(): PanelDocument {
  return {
    title,
    basePath: '',
    tunedPath: '',
    unsaved: false,
    canAsk: false,
    report: panelReport(report),
    run: { kind: 'complete' },
    stored: { compared: null, shards: null },
  };
}

/** What needs an editor is not offered here. */
function takeAway(action: PanelAction): void {
  switch (action) {
    case 'copyMarkdown':
      void navigator.clipboard.writeText(verdictMarkdown(report));
      break;
    case 'exportJson':
      downloadText('threegate.json', reportJson(report));
      break;
    case 'exportMarkdown':
      downloadText('md', reportMarkdown(report));
      break;
    case 'exportCsv':
      downloadText('csv', reportCsv(report));
      break;
    default:
  }
}

function downloadText(ending: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  download(exportName(report, ending), url);
  URL.revokeObjectURL(url);
}

function download(name: string, href: string): void {
  element('a', { href, download: name }).click();
}
