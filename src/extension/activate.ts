// Composition root of the extension: what exists, and who is given what. No behaviour lives here.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { askingInChat, type Asking } from './chat/askInChat.ts';
import { chatFeatures, type Registration } from './chat/chatFeatures.ts';
import { ChatServices } from './chat/chatServices.ts';
import { chatTool } from './chat/chatTool.ts';
import { registerChat } from './chat/registerChat.ts';
import { ExplorerCommands } from './commands/explorerCommands.ts';
import type { CommandServices } from './commands/commandServices.ts';
import { registerCommands } from './commands/registerCommands.ts';
import { runComparison } from './commands/compareRuns.ts';
import { knownFolders } from './explorer/knownFolders.ts';
import { ResultBadges } from './explorer/resultBadges.ts';
import { registerDiagnostics } from './diagnostics/registerDiagnostics.ts';
import { LimitDiagnostics } from './diagnostics/limitDiagnostics.ts';
import { HeaderEditorProvider } from './headerEditor/headerEditorProvider.ts';
import { registerHovers } from './hovers/registerHovers.ts';
import {
  headerViewType,
  pairViewType,
  reportViewType,
  runsViewType,
  shardsViewType,
  sideBySideViewType,
} from './ids.ts';
import { revealLocation, savePng } from './pairEditor/pageRequests.ts';
import { PairActions } from './pairEditor/pairActions.ts';
import { PairEditorProvider } from './pairEditor/pairEditorProvider.ts';
import { SessionRegistry } from './pairEditor/sessionRegistry.ts';
import { AdHocFileSystem } from './pairs/adHocFileSystem.ts';
import { keepResults } from './pairs/keepResults.ts';
import { adHocScheme } from './pairs/pairLocation.ts';
import { serveJsonInPairs } from './pairs/pairLanguage.ts';
import { cacheDirectory } from '../node/disk/cacheDirectory.ts';
import { remoteServices } from './remote/remoteServices.ts';
import { ReportEditorProvider } from './reportEditor/reportEditorProvider.ts';
import { ReportFiles } from './reportEditor/reportFile.ts';
import { ShardEditorProvider } from './shardFolder/shardEditorProvider.ts';
import { setSlurmKey } from './shardFolder/slurmKey.ts';
import { submitFolder } from './shardFolder/submitMissing.ts';
import { ReportStore } from '../node/runs/reportStore.ts';
import { RunService } from '../node/runs/runService.ts';
import { liveRun } from './runsPanel/liveRun.ts';
import { RunsPanels } from './runsPanel/runsPanels.ts';
import { analyseSides } from './sideBySide/analyseSides.ts';
import { SideBySidePanels } from './sideBySide/sideBySidePanels.ts';
import type { ToolName } from '../tools/answers.ts';
import { settingsSection } from './settings/optionsOfSettings.ts';
import { RunStatus } from './statusBar.ts';

export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, globalStorageUri } = context;
  const log = vscode.window.createOutputChannel('Three-Gate', { log: true });
  const engineCache = cacheDirectory(process.env);
  const reports = new ReportStore(join(globalStorageUri.fsPath, 'reports'));
  const { createEngine, createConfinedEngine, remote } = remoteServices(context, log);
  const runs = new RunService({ createEngine, onComplete: keepResults(reports, log) });
  const requireRemote = (paths: readonly string[]): Promise<void> => remote.consent.require(paths);
  const chatNeeds = { createConfinedEngine, reports, cacheDirectory: engineCache, requireRemote, log };
  const chat = new ChatServices(chatNeeds);
  const asking = askingInChat(chat);
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
      requireRemote,
      asking,
    },
    sessions,
  );
  const services = { extensionUri, log, createEngine, runs, reports, cacheDirectory: engineCache, remote };
  const panels = panelsOf(services);
  void setSlurmKey();
  const badges = new ResultBadges(reports);
  context.subscriptions.push(
    log,
    runs,
    new RunStatus(runs),
    knownFolders(log),
    serveJsonInPairs(),
    badges,
    vscode.window.registerFileDecorationProvider(badges),
    ...registerEditors(services, pairEditor, asking),
    ...chatTools(chat, extensionUri),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration(settingsSection)) return;
      badges.refresh();
      void sessions.reloadAll();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void sessions.reloadAll()),
    ...registerHovers(reports),
    ...registerDiagnostics(reports, log),
    new LimitDiagnostics(sessions),
    ...restoredPanels(panels),
    registerCommands(services, sessions, actions, new ExplorerCommands(remote.reader), panels),
  );
}

/** Those that show several checkpoints, or one run that is followed. */
function panelsOf(services: CommandServices): { runs: RunsPanels; sideBySide: SideBySidePanels } {
  const { extensionUri } = services;
  return {
    runs: new RunsPanels(
      extensionUri,
      (choice) => runComparison(services, choice),
      (choice, page, signal) => liveRun(services, choice, page, signal),
    ),
    sideBySide: new SideBySidePanels(extensionUri, (choice) => analyseSides(services, choice)),
  };
}

function restoredPanels({ runs, sideBySide }: ReturnType<typeof panelsOf>): vscode.Disposable[] {
  return [
    vscode.window.registerWebviewPanelSerializer(runsViewType, runs),
    vscode.window.registerWebviewPanelSerializer(sideBySideViewType, sideBySide),
  ];
}

/** What the chat may ask for. */
function chatTools(chat: ChatServices, { fsPath }: vscode.Uri): Registration[] {
  const toolOf = (name: ToolName): vscode.LanguageModelTool<object> => chatTool(name, () => chat.current());
  return [chat, ...registerChat(chatFeatures(vscode), fsPath, toolOf)];
}

/** The editors of pairs, of reports, of shards and of headers, and the file system behind those that no file is. */
function registerEditors(
  { extensionUri, log, createEngine, remote }: CommandServices,
  pairEditor: PairEditorProvider,
  asking: Asking,
): vscode.Disposable[] {
  const files = new ReportFiles(join(extensionUri.fsPath, 'dist', 'report.schema.json'));
  const page = { extensionUri, files, log, asking };
  return [
    vscode.workspace.registerFileSystemProvider(adHocScheme, new AdHocFileSystem(), {
      isReadonly: true,
      isCaseSensitive: true,
    }),
    vscode.window.registerCustomEditorProvider(pairViewType, pairEditor, {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerCustomEditorProvider(reportViewType, new ReportEditorProvider(page), {
      supportsMultipleEditorsPerDocument: true,
    }),
    vscode.window.registerCustomEditorProvider(
      shardsViewType,
      new ShardEditorProvider({
        ...page,
        createEngine,
        requireRemote: (paths) => remote.consent.require(paths),
        submitMissing: submitFolder,
      }),
      { supportsMultipleEditorsPerDocument: true },
    ),
    vscode.window.registerCustomEditorProvider(
      headerViewType,
      new HeaderEditorProvider(extensionUri, remote.reader),
      {
        supportsMultipleEditorsPerDocument: true,
      },
    ),
  ];
}
