// What `three-gate watch` prints: a row per step as it comes, in columns of a fixed width, and what changed in lines below it.
import type { FollowEvent } from '../node/follow/followLive.ts';
import type { FollowedStep } from '../shared/report/followedStep.ts';
import { regimeCatalogue } from '../shared/text/regimeText.ts';
import { gateCatalogue } from '../shared/text/gates.ts';
import { stepName } from '../shared/text/followText.ts';
import { brokenSentence } from '../shared/text/limitsTables.ts';
import { settledSentence, trajectoryCells, trajectoryHead } from '../shared/text/runsTables.ts';
import { settledAt } from '../engine/runs/trajectoryPoints.ts';
import { gateNames } from '../shared/options/options.ts';
import { pad, printable, textWidth } from './columns.ts';
import { exitStatus } from './exitStatus.ts';
import { styleFor, type Style } from './style.ts';
import type { Terminal } from './terminal.ts';

type Shown = Exclude<FollowEvent, { kind: 'analysis' }>;

export class FollowPrinter {
  private readonly style: Style;
  private readonly widths = columnWidths();
  private rows = 0;
  private partly = false;
  /** The first limit that a step of this call broke, in a sentence. */
  private broken: string | null = null;

  constructor(
    private readonly terminal: Terminal,
    private readonly quiet: boolean,
  ) {
    this.style = styleFor(terminal.stdout, terminal.environment);
  }

  show(event: Shown): void {
    switch (event.kind) {
      case 'step':
        this.row(event.step, event.news);
        if (!event.isKnown) this.judge(event.step);
        return;
      case 'waiting':
        this.aside(`${event.label} is not complete, and is waited for: ${event.reason}`);
        return;
      case 'lost':
        this.aside(`${event.label} went or changed while it was read; what lies there next is analysed.`);
    }
  }

  /** When there is nothing more to wait for. */
  end(steps: readonly FollowedStep[]): void {
    if (this.quiet) {
      if (this.broken !== null) this.terminal.stderr.write(`three-gate: ${printable(this.broken)}\n`);
      return;
    }
    const points = steps.map(({ point }) => point);
    const said =
      points.length === 0
        ? 'No complete checkpoint is there yet.'
        : settledSentence({ points, settled: settledAt(points) });
    this.line(points.length === 0 ? [`  ${said}`] : ['', `  ${said}`]);
  }

  /** Of the steps that this call analysed. */
  get status(): number {
    if (this.broken !== null) return exitStatus.broken;
    return this.partly ? exitStatus.partly : exitStatus.analysed;
  }

  private judge({ limits, point }: FollowedStep): void {
    if (point.problem !== null) this.partly = true;
    if (limits !== null && limits.broken > 0) {
      this.broken ??= `${stepName(point)}: ${brokenSentence(limits)}`;
    }
  }

  private row({ point }: FollowedStep, news: readonly string[]): void {
    if (this.quiet) return;
    if (this.rows === 0) this.line(['', this.columns(trajectoryHead().map(this.style.dim))]);
    this.rows += 1;
    const { style } = this;
    this.line([
      this.columns(trajectoryCells(point)),
      ...news.map((text) => style.bold(`    ${stepName(point)}: ${text}`)),
    ]);
  }

  private columns(cells: readonly string[]): string {
    return `  ${cells
      .map((cell, at) => pad(cell, this.widths[at] ?? 0, at === 0 || at > lastNumber ? 'left' : 'right'))
      .join('  ')
      .trimEnd()}`;
  }

  private aside(text: string): void {
    if (!this.quiet) this.terminal.stderr.write(`${printable(text)}\n`);
  }

  private line(lines: readonly string[]): void {
    this.terminal.stdout.write(`${lines.map(printable).join('\n')}\n`);
  }
}

/** The column of the last number: words follow it. */
const lastNumber = 5;

/** Room for what each column can hold, as no row knows those that come after it. */
function columnWidths(): number[] {
  const widest = (texts: readonly string[]): number => Math.max(...texts.map(textWidth));
  const head = trajectoryHead().map(textWidth);
  const titles = Object.values(regimeCatalogue).map(({ title }) => title);
  const words = gateNames.map((gate) => widest(Object.values(gateCatalogue[gate].words)));
  const content = [6, 7, 7, 7, 7, 7, widest(titles), ...words];
  return content.map((width, at) => Math.max(width, head[at] ?? 0));
}
