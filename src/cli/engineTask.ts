// What every command that works through the engine does around its work: a process for it, a progress line, an
// interruption that leaves nothing behind, and a result as JSON or as text.
import { EngineClient } from '../node/engine/engineClient.ts';
import { writeWhole } from '../node/disk/writeWhole.ts';
import { ThreeGateError } from '../shared/errors.ts';
import type { Progress } from '../shared/protocol/runEvents.ts';
import { ProgressLine } from './progress.ts';
import { styleFor, type Style } from './style.ts';
import { textColumns, type Terminal } from './terminal.ts';

/** The work's result; null when the user interrupted it, of which stderr is told in `nothing`'s words. */
export async function runEngineTask<Result>(
  terminal: Terminal,
  quiet: boolean,
  nothing: string,
  work: (client: EngineClient, onProgress: (progress: Progress) => void) => Promise<Result>,
): Promise<Result | null> {
  const progress = new ProgressLine(terminal.stderr, quiet);
  const client = new EngineClient({ enginePath: terminal.enginePath });
  try {
    return await work(client, progress.show.bind(progress));
  } catch (error) {
    if (!(error instanceof ThreeGateError) || error.problem.code !== 'cancelled') throw error;
    progress.clear();
    terminal.stderr.write(`Interrupted: ${nothing}\n`);
    return null;
  } finally {
    progress.clear();
    client.dispose();
  }
}

/** To stdout alone for `--json -`; else to the JSON file that was named, and as text unless quiet. */
export async function printResult<Result>(
  terminal: Terminal,
  { json, quiet }: { json?: string; quiet?: boolean },
  result: Result,
  text: (result: Result, style: Style, columns: number) => string,
): Promise<void> {
  const whole = `${JSON.stringify(result, null, 2)}\n`;
  if (json === '-') {
    terminal.stdout.write(whole);
    return;
  }
  if (json !== undefined) await writeWhole(json, whole);
  if (quiet === true) return;
  const style = styleFor(terminal.stdout, terminal.environment);
  terminal.stdout.write(text(result, style, textColumns(terminal.stdout)));
}
