// The explorer's ways in: two checkpoints selected, or a base chosen first and compared with later.
import * as vscode from 'vscode';
import { checkpointLabel } from '../../engine/checkpoint/checkpointLabel.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { remoteHeaderOf } from '../headerEditor/headerLocation.ts';
import { openAdHocPair } from '../pairs/openPair.ts';
import { pickOther } from '../picker/pickPair.ts';
import type { RemoteReader } from '../remote/remoteReader.ts';

export class ExplorerCommands {
  /** Absolute path of the chosen base. */
  private base: string | null = null;

  constructor(private readonly reader: RemoteReader) {}

  /** First selected = base. */
  async compareSelected(_clicked: unknown, selected: unknown): Promise<void> {
    const [base, tuned] = Array.isArray(selected) ? selected.map(pathOf) : [];
    if (base === undefined || tuned === undefined) {
      throw new ThreeGateError(
        'usage',
        vscode.l10n.t('Select two checkpoints in the explorer: the base first.'),
      );
    }
    await this.open(base, tuned);
  }

  async selectBase(clicked: unknown): Promise<void> {
    this.base = pathOf(clicked);
    await vscode.commands.executeCommand('setContext', 'threeGate.hasBase', true);
    vscode.window.setStatusBarMessage(
      vscode.l10n.t('Three-Gate base: {0}', checkpointLabel(this.base)),
      5000,
    );
  }

  async compareWithBase(clicked: unknown): Promise<void> {
    if (this.base === null) {
      throw new ThreeGateError(
        'usage',
        vscode.l10n.t('Choose "Select as Three-Gate Base" on a checkpoint first.'),
      );
    }
    await this.open(this.base, pathOf(clicked));
  }

  /** The checkpoint at hand is the tuned one, unless it is said to be the base; the other side is picked. */
  async compareWith(clicked: unknown, role: unknown): Promise<void> {
    const path = pathOf(clicked ?? activeResource());
    const other = await pickOther(path, role === 'base' ? 'tuned' : 'base', this.reader);
    if (other === undefined) return;
    await (role === 'base' ? this.open(path, other) : this.open(other, path));
  }

  /** For links, with absolute paths. */
  async openComparison(base: unknown, tuned: unknown): Promise<void> {
    if (typeof base !== 'string' || typeof tuned !== 'string') {
      throw new ThreeGateError('usage', vscode.l10n.t('A comparison needs the paths of two checkpoints.'));
    }
    await this.open(base, tuned);
  }

  private async open(base: string, tuned: string): Promise<void> {
    if (base === tuned) {
      throw new ThreeGateError(
        'usage',
        vscode.l10n.t('{0} cannot be compared with itself.', checkpointLabel(base)),
      );
    }
    await openAdHocPair({ base, tuned, config: null, options: {} });
  }
}

function activeResource(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom ? input.uri : undefined;
}

/** A link can only pass text, the explorer passes addresses. */
function pathOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  if (!(resource instanceof vscode.Uri)) {
    throw new ThreeGateError('usage', vscode.l10n.t('Use this on a checkpoint in the explorer.'));
  }
  const remote = remoteHeaderOf(resource);
  if (remote !== null) return remote;
  if (resource.scheme !== 'file') {
    const message = vscode.l10n.t(
      'Three-Gate reads weights from disks, and {0} is not on one.',
      resource.toString(true),
    );
    throw new ThreeGateError('usage', message);
  }
  return resource.fsPath;
}
