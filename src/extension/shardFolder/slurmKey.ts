// The context key that shows Submit to Slurm… only where there is an `sbatch`.
import * as vscode from 'vscode';
import { hasScheduler } from '../../node/cluster/scheduler.ts';

export async function setSlurmKey(): Promise<void> {
  const has = await hasScheduler(process.env);
  await vscode.commands.executeCommand('setContext', 'threeGate.hasSlurm', has);
}
