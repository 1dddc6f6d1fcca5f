// Entry of the page that shows several runs, or one over time: puts the sections together, draws at most once a frame,
// and keeps what the user chose together with what was compared.
import { registerToolkit } from '../toolkit.ts';
import { createAnnouncer } from '../view/announcer.ts';
import { element } from '../view/dom.ts';
import { onThemeChange, readTheme } from '../view/theme.ts';
import { installTooltip } from '../view/tooltip.ts';
import { openRunsBridge } from './bridge.ts';
import { createConsensus } from './consensusView.ts';
import { createRunsHeader } from './header.ts';
import { createOverlapHeat } from './heatView.ts';
import { createMatrix } from './matrixView.ts';
import type { RunsSection, RunsTools } from './section.ts';
import { restoreView, type RunsState } from './state.ts';
import { createOverlapTable } from './tableView.ts';
import { createTrajectories } from './trajectoryView.ts';
import './runs.css';

registerToolkit();

const app = document.getElementById('app') ?? document.body.appendChild(element('div', { id: 'app' }));
const bridge = openRunsBridge();
const announcer = createAnnouncer();
let theme = readTheme();
let sections: RunsSection[] = [];
let state: RunsState = { document: null, notice: null, view: restoreView(bridge.kept()) };
let drawn: RunsState | null = null;
let scheduled = false;

function change(next: Partial<RunsState>): void {
  state = { ...state, ...next };
  // Only with a document: before, nothing is known of what was compared, and what is kept must not be lost.
  if (state.document !== null) bridge.keep({ choice: state.document.choice, view: state.view });
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(draw);
}

function draw(): void {
  scheduled = false;
  const previous = drawn;
  drawn = state;
  for (const section of sections) section.update(state, previous);
}

const tools: RunsTools = {
  host: bridge.host,
  theme: () => theme,
  look(choice) {
    change({ view: { ...state.view, ...choice } });
  },
  announce: announcer.announce,
};

const header = createRunsHeader(tools);
sections = [
  header,
  createMatrix(tools),
  createOverlapHeat(tools),
  createConsensus(tools),
  createOverlapTable(tools),
  createTrajectories(tools),
];
const [, ...parts] = sections;
app.append(
  header.root,
  element('main', { class: 'runs-main' }, ...parts.map(({ root }) => root)),
  announcer.root,
  installTooltip(app),
);
draw();

onThemeChange(() => {
  theme = readTheme();
  for (const section of sections) section.themeChanged?.();
});
bridge.start(
  (document) => {
    change({ document, notice: null });
  },
  (notice) => {
    change({ notice });
  },
);
