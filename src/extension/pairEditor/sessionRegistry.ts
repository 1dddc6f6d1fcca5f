// The open pair editors, which of them is in front, and the context keys that enable commands for it.
import * as vscode from 'vscode';
import type { PanelSession } from './panelSession.ts';

/** Context keys below `threeGate.`; package.json uses them in `when` and `enablement`. */
type ContextKey = 'pairActive' | 'pairRunning' | 'pairHasReport' | 'pairUnsaved';

export class SessionRegistry {
  private readonly sessions = new Map<PanelSession, vscode.Disposable>();
  private readonly shown = new Map<ContextKey, boolean>();
  private readonly changed = new vscode.EventEmitter<void>();
  /** A session came, went, or changed. */
  readonly onDidChange = this.changed.event;

  get all(): readonly PanelSession[] {
    return [...this.sessions.keys()];
  }

  /** The pair editor in front; null when another editor is. */
  get active(): PanelSession | null {
    return [...this.sessions.keys()].find(({ panel }) => panel.active) ?? null;
  }

  add(session: PanelSession): void {
    const refresh = (): void => {
      this.refresh();
    };
    this.sessions.set(
      session,
      vscode.Disposable.from(session.onDidChange(refresh), session.panel.onDidChangeViewState(refresh)),
    );
    this.refresh();
  }

  remove(session: PanelSession): void {
    this.sessions.get(session)?.dispose();
    this.sessions.delete(session);
    this.refresh();
  }

  /** The editor that shows a run with this base and tuned, if one is open. */
  find(basePath: string, tunedPath: string): PanelSession | null {
    return (
      [...this.sessions.keys()].find(
        ({ currentRequest }) =>
          currentRequest?.basePath === basePath && currentRequest.tunedPath === tunedPath,
      ) ?? null
    );
  }

  /** Reads every open pair again, after settings changed. */
  async reloadAll(): Promise<void> {
    await Promise.all([...this.sessions.keys()].map((session) => session.reload()));
  }

  private refresh(): void {
    const { active } = this;
    this.set('pairActive', active !== null);
    this.set('pairRunning', active?.state.kind === 'running');
    this.set('pairHasReport', (active?.report ?? null) !== null);
    this.set('pairUnsaved', active?.isAdHoc ?? false);
    this.changed.fire();
  }

  private set(key: ContextKey, value: boolean): void {
    if (this.shown.get(key) === value) return;
    this.shown.set(key, value);
    void vscode.commands.executeCommand('setContext', `threeGate.${key}`, value);
  }
}
