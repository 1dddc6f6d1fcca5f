// Wires every command to what does it; the type of the table makes a missing one a compile error.
import * as vscode from 'vscode';
import { asProblem } from '../../shared/errors.ts';
import type { PanelAction } from '../../shared/protocol/panelProtocol.ts';
import { disableFinding } from '../diagnostics/disabledFindings.ts';
import { explainFinding } from '../diagnostics/explainFinding.ts';
import { exportReport } from '../export/exportReport.ts';
import { openHeader } from '../headerEditor/openHeader.ts';
import type { PairActions } from '../pairEditor/pairActions.ts';
import type { SessionRegistry } from '../pairEditor/sessionRegistry.ts';
import { openAdHocPair } from '../pairs/openPair.ts';
import { pickPair } from '../picker/pickPair.ts';
import { manageRemotePlaces } from '../remote/managePlaces.ts';
import type { RunsPanels } from '../runsPanel/runsPanels.ts';
import type { SideBySidePanels } from '../sideBySide/sideBySidePanels.ts';
import { openShardFolder } from '../shardFolder/openShardFolder.ts';
import { commandIds, type CommandId } from './commandIds.ts';
import { clearCache } from './clearCache.ts';
import { compareRuns } from './compareRuns.ts';
import { compareSideBySide, openDemoSideBySide } from './compareSideBySide.ts';
import type { ExplorerCommands } from './explorerCommands.ts';
import { exportMask } from './exportMask.ts';
import { followRun } from './followRun.ts';
import { showRuns } from './showRuns.ts';
import { submitToSlurm } from './submitToSlurm.ts';
import type { CommandServices } from './commandServices.ts';
import { openDemo } from './openDemo.ts';

export function registerCommands(
  services: CommandServices,
  sessions: SessionRegistry,
  actions: PairActions,
  explorer: ExplorerCommands,
  panels: { runs: RunsPanels; sideBySide: SideBySidePanels },
): vscode.Disposable {
  const onActive = (action: PanelAction) => async (): Promise<void> => {
    const session = sessions.active;
    if (session !== null) await actions.act(session, action);
  };
  const handlers: Record<CommandId, (...args: unknown[]) => unknown> = {
    analyzePair: async () => {
      const picked = await pickPair(services.remote.reader);
      if (picked !== undefined) await openAdHocPair({ ...picked, config: null, options: {} });
    },
    compareSelected: (clicked, selected) => explorer.compareSelected(clicked, selected),
    selectBase: (clicked) => explorer.selectBase(clicked),
    compareWithBase: (clicked) => explorer.compareWithBase(clicked),
    compareWith: (clicked, role) => explorer.compareWith(clicked, role),
    openComparison: (base, tuned) => explorer.openComparison(base, tuned),
    rerun: onActive('run'),
    cancel: () => {
      if (sessions.active?.state.kind === 'running') sessions.active.cancel();
      else for (const run of services.runs.running()) run.cancel();
    },
    swap: onActive('swap'),
    saveComparison: onActive('save'),
    chooseConfig: onActive('chooseConfig'),
    exportReport: () => exportReport(sessions.active?.report ?? null),
    openAsJson: onActive('openAsText'),
    showRuns: () => showRuns(services.runs, sessions),
    clearCache: () => clearCache(services),
    showLog: () => {
      services.log.show();
    },
    exportMask: () => exportMask(services),
    compareRuns: () => compareRuns(services, panels.runs),
    followRun: (clicked) => followRun(panels.runs, clicked),
    compareSideBySide: (_clicked, selected) => compareSideBySide(panels.sideBySide, selected),
    openShardFolder: (clicked) => openShardFolder(clicked),
    submitToSlurm: (clicked) => submitToSlurm(services, sessions, clicked),
    openDemo: () => openDemo(services.extensionUri),
    openDemoSideBySide: () => openDemoSideBySide(panels.sideBySide, services.extensionUri),
    explainFinding: (id) => explainFinding(id),
    disableFinding: (id) => disableFinding(id),
    openHeader: (named) => openHeader(services.remote.reader, named),
    setToken: () => services.remote.token.set(),
    removeToken: () => services.remote.token.remove(),
    manageRemotePlaces: () => manageRemotePlaces(services.remote.consent),
  };
  return vscode.Disposable.from(
    ...commandIds.map((id) =>
      vscode.commands.registerCommand(`threeGate.${id}`, guarded(handlers[id], services.log)),
    ),
  );
}

/** What a command throws is said in one sentence and logged whole. */
function guarded(handler: (...args: unknown[]) => unknown, log: vscode.LogOutputChannel) {
  return async (...args: unknown[]): Promise<void> => {
    try {
      await handler(...args);
    } catch (error) {
      log.error(error instanceof Error ? error : String(error));
      void explain(error);
    }
  };
}

/** The sentence, with the next step where a command takes it. */
async function explain(error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const isDenied = asProblem(error).code === 'remote-denied';
  const setToken = vscode.l10n.t('Set Token…');
  const chosen = await vscode.window.showErrorMessage(message, ...(isDenied ? [setToken] : []));
  if (chosen === setToken) await vscode.commands.executeCommand('threeGate.setToken');
}
