// Checkpoints, pair files and reports to one report of all of them, under a progress notification that cancels it. A pair that is
// remembered or shown in an editor is not analysed again.
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { ended } from '../../node/runs/ended.ts';
import { reportsOfSides, sidesOf, type GivenSide } from '../../node/runs/sides.ts';
import { version } from '../../node/engine/version.ts';
import { asProblem } from '../../shared/errors.ts';
import { parsePair } from '../../shared/pairFile.ts';
import type { SideBySideChoice } from '../../shared/protocol/sideBySideProtocol.ts';
import { putSideBySide, type SourcedReport } from '../../shared/report/putSideBySide.ts';
import type { SideBySideReport } from '../../shared/report/sideBySide.ts';
import { shareDone } from '../../shared/text/progressText.ts';
import type { CommandServices } from '../commands/commandServices.ts';
import { pairRequest } from '../pairs/pairRequest.ts';

/** Undefined when the user cancelled. Throws as `sidesOf` and `putSideBySide`. */
export async function analyseSides(
  services: CommandServices,
  { paths }: SideBySideChoice,
): Promise<SideBySideReport | undefined> {
  const started = performance.now();
  const requests = {
    cacheDirectory: services.cacheDirectory,
    requireRemote: (asked: readonly string[]) => services.remote.consent.require(asked),
  };
  const sides = await sidesOf(paths, {
    ofPair: (base, tuned) =>
      pairRequest({ base, tuned, config: null, options: {} }, vscode.Uri.file(base), requests),
    ofPairFile: async (path) =>
      pairRequest(parsePair(await readFile(path, 'utf8'), path), vscode.Uri.file(path), requests),
  });
  const sources = await underProgress(services, sides);
  return sources && putSideBySide(sources, { version, elapsedMs: performance.now() - started });
}

async function underProgress(
  { runs, reports }: CommandServices,
  sides: readonly GivenSide[],
): Promise<SourcedReport[] | undefined> {
  const title = vscode.l10n.t('Compare Side by Side');
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
    const controller = new AbortController();
    token.onCancellationRequested(() => {
      controller.abort();
    });
    let done = 0;
    let shown = 0;
    try {
      return await reportsOfSides(sides, {
        storeOf: () => reports,
        analyse: async (request) => {
          const hold = runs.hold(request, null);
          try {
            return await ended(hold.run, {
              signal: controller.signal,
              onProgress: (each) => {
                const percent = (100 * (done + shareDone(each))) / sides.length;
                progress.report({ increment: Math.max(0, percent - shown), message: each.current ?? '' });
                shown = Math.max(shown, percent);
              },
            });
          } finally {
            done += 1;
            hold.release();
          }
        },
      });
    } catch (error) {
      if (asProblem(error).code === 'cancelled') return undefined;
      throw error;
    }
  });
}
