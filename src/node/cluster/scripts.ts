// The batch scripts that a folder keeps: one for any of its shards, one for the merge. A person can read, change and submit them.
import { join } from 'node:path';
import { logPath } from '../shards/folderState.ts';

/** What a task asks of Slurm; null leaves it to Slurm. */
export interface SlurmWishes {
  partition: string | null;
  time: string | null;
  cpus: number | null;
  memory: string | null;
}

export interface ClusterJob {
  directory: string;
  basePath: string;
  tunedPath: string;
  shards: number;
  /** How `three-gate` is started: a command and what stands before its own arguments. */
  program: readonly string[];
  /** Further arguments of `three-gate analyze`, and of `three-gate merge`. */
  analyzeArguments: readonly string[];
  mergeArguments: readonly string[];
}

export const shardScriptName = 'shard.sh';
export const mergeScriptName = 'merge.sh';

const programNote =
  '# Three-Gate as it was started when this was written: by paths that the nodes share. Another of the same version does as well.';

export function shardScript(job: ClusterJob, wishes: SlurmWishes): string {
  const { directory, basePath, tunedPath, shards, program, analyzeArguments } = job;
  const command = [...program, 'analyze', basePath, tunedPath].map(quoted).join(' ');
  return [
    '#!/bin/bash',
    ...directives('three-gate', logPath(pattern(directory), '%a'), wishes),
    '#SBATCH --requeue',
    `# One of ${shards} shards: the index of the array is its number. By hand: sbatch --array=1-${shards} ${shardScriptName}`,
    programNote,
    `exec ${command} \\`,
    `  --shard "$SLURM_ARRAY_TASK_ID/${shards}" --out ${quoted(directory)} \\`,
    `  ${[...analyzeArguments, '--yes'].map(quoted).join(' ')}`,
    '',
  ].join('\n');
}

export function mergeScript({ directory, program, mergeArguments }: ClusterJob, wishes: SlurmWishes): string {
  const { partition, time } = wishes;
  const report = (ending: string): string => quoted(join(directory, `report.${ending}`));
  const own = { partition, time, cpus: null, memory: null };
  return [
    '#!/bin/bash',
    ...directives('three-gate-merge', join(pattern(directory), 'logs', 'merge.log'), own),
    '# The report of all shards that are there when the array is through.',
    programNote,
    `exec ${[...program, 'merge', directory].map(quoted).join(' ')} \\`,
    `  --json ${report('json')} --markdown ${report('md')} ${mergeArguments.map(quoted).join(' ')}`.trimEnd(),
    '',
  ].join('\n');
}

function directives(name: string, log: string, { partition, time, cpus, memory }: SlurmWishes): string[] {
  return [
    `--job-name=${name}`,
    `--output=${directiveValue(log)}`,
    '--open-mode=append',
    ...(partition === null ? [] : [`--partition=${directiveValue(partition)}`]),
    ...(time === null ? [] : [`--time=${directiveValue(time)}`]),
    ...(cpus === null ? [] : [`--cpus-per-task=${cpus}`]),
    ...(memory === null ? [] : [`--mem=${directiveValue(memory)}`]),
  ].map((directive) => `#SBATCH ${directive}`);
}

/** A path as part of a file name pattern of Slurm. */
function pattern(path: string): string {
  return path.replaceAll('%', '%%');
}

/** A word of a line that sbatch reads itself. */
function directiveValue(text: string): string {
  return /^[\w./:=+,%@-]*$/u.test(text) ? text : `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
}

/** A word of a shell's command line. */
export function quoted(text: string): string {
  return /^[\w./:=+,%@-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
