// Composition root of the extension: what exists, and who is given what. No behaviour lives here.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ExplorerCommands } from './commands/explorerCommands.ts';
import { registerCommands } from './commands/registerCommands.ts';
import { runComparison } from './commands/compareRuns.ts';
import { engineFactory } from './engine.ts';
import { CheckpointFolders } from './explorer/checkpointFolders.ts';
import { ResultBadges } from './explorer/resultBadges.ts';
import { registerDiagnostics } from './diagnostics/registerDiagnostics.ts';
import { HeaderEditorProvider } from './headerEditor/headerEditorProvider.ts';
import { registerHovers } from './hovers/registerHovers.ts';
import { headerViewType, pairViewType, reportViewType, runsViewType } from './ids.ts';
import { revealLocation, savePng } from './pairEditor/pageRequests.ts';
import { PairActions } from './pairEditor/pairActions.ts';
import { PairEditorProvider } from './pairEditor/pairEditorProvider.ts';
import { SessionRegistry } from './pairEditor/sessionRegistry.ts';
import { AdHocFileSystem } from './pairs/adHocFileSystem.ts';
import { adHocScheme } from './pairs/pairLocation.ts';
import { cacheDirectory } from '../node/disk/cacheDirectory.ts';
import { remoteConsent } from './remote/remoteConsent.ts';
import { ReportEditorProvider } from './reportEditor/reportEditorProvider.ts';
import { ReportFiles } from './reportEditor/reportFile.ts';
import { ReportStore } from './runs/reportStore.ts';
import { RunService } from './runs/runService.ts';
import { RunsPanels } from './runsPanel/runsPanels.ts';
import { settingsSection } from './settings/optionsOfSettings.ts';
import { RunStatus } from './statusBar.ts';

export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, globalStorageUri } = context;
  const log = vscode.window.createOutputChannel('Three-Gate', { log: true });
  const engineCache = cacheDirectory(process.env);
  const reports = new ReportStore(join(globalStorageUri.fsPath, 'reports'));
  const createEngine = engineFactory(join(extensionUri.fsPath, 'dist', 'engine.cjs'), log);
  const runs = new RunService({
    createEngine,
    onComplete: (request, report) => {
      reports.remember(request, report).catch((error: unknown) => {
        log.warn(`The result could not be kept: ${String(error)}`);
      });
    },
  });
  const sessions = new SessionRegistry();
  const actions = new PairActions(log);
  const pairEditor = new PairEditorProvider(
    extensionUri,
    {
      runs,
      reports,
      cacheDirectory: engineCache,
      savePng,
      act: (session, action) => actions.act(session, action),
      reveal: revealLocation,
      requireRemote: remoteConsent(context.globalState),
    },
    sessions,
  );
  const services = { extensionUri, log, createEngine, runs, reports, cacheDirectory: engineCache };
  const runsPanels = new RunsPanels(extensionUri, (choice) => runComparison(services, choice));
  const badges = new ResultBadges(reports);
  context.subscriptions.push(
    log,
    runs,
    new RunStatus(runs),
    new CheckpointFolders(log),
    badges,
    vscode.window.registerFileDecorationProvider(badges),
    vscode.workspace.registerFileSystemProvider(adHocScheme, new AdHocFileSystem(), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
    vscode.window.registerCustomEditorProvider(pairViewType, pairEditor, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerCustomEditorProvider(
      reportViewType,
      new ReportEditorProvider(
        extensionUri,
        new ReportFiles(join(extensionUri.fsPath, 'dist', 'report.schema.json')),
        log,
      ),
      { supportsMultipleEditorsPerDocument: true },
    ),
    vscode.window.registerCustomEditorProvider(headerViewType, new HeaderEditorProvider(extensionUri), {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(settingsSection)) return;
      badges.refresh();
      void sessions.reloadAll();
    }),
    ...registerHovers(reports),
    ...registerDiagnostics(reports, log),
    vscode.window.registerWebviewPanelSerializer(runsViewType, runsPanels),
    registerCommands(services, sessions, actions, new ExplorerCommands(), runsPanels),
  );
}
