// What every command that works through the engine does around its work: a process for it that survives a crash of the native
// matrix library, a progress line, and a result as JSON or as text.
import { EngineClient } from '../node/engine/engineClient.ts';
import type { EngineApi } from '../node/engine/engineApi.ts';
import { surviving } from '../node/engine/surviving.ts';
import { writeWhole } from '../node/disk/writeWhole.ts';
import type { AnalysisEvent } from '../shared/protocol/analysisEvents.ts';
import { ProgressLine } from './progress.ts';
import { styleFor, type Style } from './style.ts';
import { textColumns, type Terminal } from './terminal.ts';

/**
 * The work's result; what the engine has to say meanwhile goes to stderr, unless quiet.
 * @param work may `clear` the progress line, for what it prints itself
 */
export async function runEngineTask<Result>(
  terminal: Terminal,
  quiet: boolean | undefined,
  work: (engine: EngineApi, onEvent: (event: AnalysisEvent) => void, clear: () => void) => Promise<Result>,
): Promise<Result> {
  const progress = new ProgressLine(terminal.stderr, quiet === true);
  const engine = surviving(
    new EngineClient({
      enginePath: terminal.enginePath,
      onLog: ({ message }) => {
        progress.clear();
        if (quiet !== true) terminal.stderr.write(`${message}\n`);
      },
    }),
  );
  try {
    return await work(
      engine,
      (event) => {
        if (event.kind === 'progress') progress.show(event.progress);
        if (event.kind === 'aggregates' && event.preliminary !== undefined) progress.soFar(event.preliminary);
      },
      () => {
        progress.clear();
      },
    );
  } finally {
    progress.clear();
    engine.dispose();
  }
}

/** How a result is written. */
interface Printed<Result> {
  json: (result: Result) => string;
  text: (result: Result, style: Style, columns: number) => string;
}

/** To stdout alone for `--json -`; else to the JSON file that was named, and as text unless quiet. */
export async function printResult<Result>(
  terminal: Terminal,
  { json, quiet }: { json?: string; quiet?: boolean },
  result: Result,
  printed: Printed<Result>,
): Promise<void> {
  if (json === '-') {
    terminal.stdout.write(printed.json(result));
    return;
  }
  if (json !== undefined) await writeWhole(json, printed.json(result));
  if (quiet === true) return;
  const style = styleFor(terminal.stdout, terminal.environment);
  terminal.stdout.write(printed.text(result, style, textColumns(terminal.stdout)));
}

export function plainJson(result: unknown): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}
