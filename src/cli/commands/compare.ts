// `three-gate compare BASE TUNED TUNED…`: several tuned checkpoints of one base as one table, what differs in their configs beside
// what differs in their weights. A pair that was analysed before is not analysed again.
import { join } from 'node:path';
import { Option } from 'commander';
import { writeWhole } from '../../node/disk/writeWhole.ts';
import { version } from '../../node/engine/version.ts';
import { ReportStore } from '../../node/runs/reportStore.ts';
import { reportsOfSides, sidesOf, type GivenSide } from '../../node/runs/sides.ts';
import type { RunRequest } from '../../node/runs/pairRun.ts';
import { problem, ThreeGateError } from '../../shared/errors.ts';
import { putSideBySide, type SourcedReport } from '../../shared/report/putSideBySide.ts';
import { sideBySideCsv } from '../../shared/text/sideBySideCsv.ts';
import { sideBySideMarkdown } from '../../shared/text/sideBySideMarkdown.ts';
import { defineCommand } from '../command.ts';
import { plainJson, printResult, runEngineTask } from '../engineTask.ts';
import { statusFor, unreadIn } from '../exitStatus.ts';
import { readPairFile } from '../pairFileInput.ts';
import { catalogueOption, jsonOption, measureOptions, quietOption, yesOption } from '../sharedOptions.ts';
import { sideBySideText } from '../sideBySideText.ts';
import type { Terminal } from '../terminal.ts';
import { optionsOf, requestOf, type MeasureFlags } from './analyze.ts';

interface CompareFlags extends MeasureFlags {
  json?: string;
  markdown?: string;
  csv?: string;
  cacheDir?: string;
  yes?: boolean;
  quiet?: boolean;
}

export const compare = defineCommand<[sides: string[]], CompareFlags>({
  name: 'compare',
  description: 'put several tuned checkpoints of one base side by side, with what differs in their configs',
  operands: [
    [
      '<sides...>',
      'a base and checkpoints tuned from it; also reports of `analyze --json`, and pairs (*.threegate)',
    ],
  ],
  options: [
    jsonOption('the table with every reading'),
    new Option('--markdown <file>', 'write the table as Markdown'),
    new Option('--csv <file>', 'write one row per checkpoint as CSV'),
    ...measureOptions,
    catalogueOption('threads'),
    new Option('--cache-dir <folder>', 'where to remember results, instead of the folder of this user'),
    yesOption,
    quietOption,
  ],
  interrupted: 'Interrupted: nothing was written.',
  async run([given], flags, terminal) {
    const started = performance.now();
    const options = optionsOf(flags);
    const sides = await sidesOf(given, {
      ofPair: (base, tuned) => requestOf(base, tuned, { flags, options }, terminal),
      ofPairFile: async (path) => {
        const { base, tuned, config, options: own } = await readPairFile(path, options);
        return requestOf(
          base,
          tuned,
          { flags: { ...flags, ...(config && { config }) }, options: own },
          terminal,
        );
      },
    });
    const sources = await analysed(sides, flags, terminal);
    const elapsedMs = performance.now() - started;
    const report = putSideBySide(sources, { version, elapsedMs });
    await printResult(terminal, flags, report, { json: plainJson, text: sideBySideText });
    if (flags.markdown !== undefined) await writeWhole(flags.markdown, sideBySideMarkdown(report));
    if (flags.csv !== undefined) await writeWhole(flags.csv, sideBySideCsv(report));
    return statusFor(
      terminal,
      flags.quiet,
      sources.flatMap((source) => unreadIn(source.report)),
    );
  },
});

/** One engine for all that is not remembered. */
async function analysed(
  sides: readonly GivenSide[],
  { quiet }: CompareFlags,
  terminal: Terminal,
): Promise<SourcedReport[]> {
  return runEngineTask(terminal, quiet, (engine, onEvent) =>
    reportsOfSides(sides, {
      storeOf,
      analyse: async (request) => {
        const report = await engine.analyze(request, onEvent, terminal.interrupted);
        if (report.status === 'cancelled')
          throw ThreeGateError.from(problem('cancelled', 'The analysis was cancelled.'));
        await storeOf(request)?.remember(request, report);
        return report;
      },
    }),
  );
}

/** Beside the results per tensor, as the tools for assistants have it; null where nothing is remembered. */
function storeOf({ cacheDirectory }: RunRequest): ReportStore | null {
  return cacheDirectory === null ? null : new ReportStore(join(cacheDirectory, 'reports'));
}
