// Has the missing shards of a folder done again, as `three-gate retry` does, and says what came of it.
import { join } from 'node:path';
import * as vscode from 'vscode';
import { shardScriptName } from '../../node/cluster/scripts.ts';
import { submitMissing, type Submitted } from '../../node/cluster/submit.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { ranges } from '../../shared/text/ranges.ts';

/** Rejects with `usage` in Restricted Mode, `scheduler` where Slurm takes no job, and `not-found` where the folder has no script. */
export async function submitFolder(directory: string): Promise<void> {
  requireTrust();
  await tellSubmitted(directory, await submitMissing(directory, process.env));
}

/** Throws `usage` in Restricted Mode. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  const message = vscode.l10n.t(
    'Submitting runs the script that lies in the folder, which needs a trusted workspace.',
  );
  throw new ThreeGateError('usage', message);
}

/** Says what came of a submission. @param note what else is to know of it */
export async function tellSubmitted(
  directory: string,
  submitted: Submitted,
  note: string | null = null,
): Promise<void> {
  if (submitted.kind === 'nothing') {
    void vscode.window.showInformationMessage(vscode.l10n.t('Every shard is done or in the queue already.'));
  } else if (submitted.kind === 'no-scheduler') {
    await offerScript(directory);
  } else {
    const { job, mergeRefused } = submitted;
    const told = vscode.l10n.t('Slurm job {0}: shards {1}.', job.array, ranges(job.shards));
    const refused = mergeRefused && vscode.l10n.t('The merge was not submitted: {0}', mergeRefused);
    const more = [refused, note].filter((each) => each !== null);
    if (more.length === 0) void vscode.window.showInformationMessage(told);
    else void vscode.window.showWarningMessage([told, ...more].join(' '));
  }
}

async function offerScript(directory: string): Promise<void> {
  const open = vscode.l10n.t('Open the Script');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'There is no sbatch on this machine, so nothing was submitted. The script is in the folder: where there is Slurm, "three-gate retry {0}" submits it.',
      directory,
    ),
    open,
  );
  if (chosen === open) await showScript(directory);
}

async function showScript(directory: string): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(join(directory, shardScriptName)), { preview: true });
}
