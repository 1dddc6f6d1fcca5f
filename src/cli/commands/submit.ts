// `three-gate submit BASE TUNED`: plans an analysis in shards and gives them to a cluster; `three-gate retry DIR` gives it what is
// missing again. The scripts stay in the folder, where a person can read and change them.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { kubernetesJob } from '../../node/cluster/kubernetes.ts';
import { shardScriptName, type ClusterJob, type SlurmWishes } from '../../node/cluster/scripts.ts';
import { submitMissing, writeScripts, type Submitted } from '../../node/cluster/submit.ts';
import { checkpointPath } from '../../node/disk/checkpointPath.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { argumentsOf } from '../../shared/options/analysisArguments.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { NumberRule } from '../../shared/options/rule.ts';
import { formatShare, formatWhole } from '../../shared/text/format.ts';
import { ranges } from '../../shared/text/ranges.ts';
import { defineCommand } from '../command.ts';
import { runEngineTask } from '../engineTask.ts';
import { exitStatus } from '../exitStatus.ts';
import { baseArgument, configOption, measureOptions, tunedArgument } from '../sharedOptions.ts';
import type { Terminal } from '../terminal.ts';
import { numberParser } from '../values.ts';
import { optionsOf, type MeasureFlags } from './analyze.ts';

interface SubmitFlags extends MeasureFlags {
  out: string;
  tasks: number;
  slurm?: boolean;
  kubernetes?: boolean;
  partition?: string;
  time?: string;
  cpus?: number;
  mem?: string;
  image: string;
  claim: string;
  mount: string;
  cacheDir?: string;
  config?: string[];
}

const count: NumberRule = { kind: 'integer', noun: 'whole number', least: 1 };

export const submit = defineCommand<[base: string, tuned: string], SubmitFlags>({
  name: 'submit',
  description: 'measure a pair in shards on a cluster: a Slurm job array and its merge, or a Kubernetes Job',
  operands: [baseArgument, tunedArgument],
  options: [
    new Option('--tasks <n>', 'how many shards').makeOptionMandatory().argParser(numberParser(count)),
    new Option('--out <folder>', 'where they go: a path that all machines share').makeOptionMandatory(),
    new Option('--slurm', 'as a Slurm job array (default)').conflicts('kubernetes'),
    new Option('--partition <name>', 'of Slurm'),
    new Option('--time <limit>', 'of one shard, as Slurm writes it'),
    new Option('--cpus <n>', 'processor cores of one shard').argParser(numberParser(count)),
    new Option('--mem <size>', 'memory of one shard, such as 64G (Slurm) or 64Gi (Kubernetes)'),
    new Option('--kubernetes', 'print an Indexed Job instead, for kubectl apply -f -'),
    new Option('--image <name>', 'container with three-gate').default('three-gate:latest'),
    new Option('--claim <name>', 'persistent volume claim with the checkpoints and the folder').default(
      'shared',
    ),
    new Option('--mount <path>', 'where the containers have it').default('/data'),
    configOption,
    ...measureOptions,
    new Option('--cache-dir <folder>', 'where all shards remember results; a path that all machines share'),
  ],
  interrupted: 'Interrupted: nothing was submitted.',
  async run([base, tuned], flags, terminal) {
    const options = optionsOf(flags);
    if (flags.kubernetes === true) {
      const job = { ...jobOf(base, tuned, flags, options), directory: flags.out, program: ['three-gate'] };
      const { image, claim, mount, cpus = null, mem: memory = null } = flags;
      terminal.stdout.write(kubernetesJob(job, { image, claim, mount, cpus, memory }));
      return exitStatus.analysed;
    }
    const [basePath, tunedPath] = [await checkpointPath(base), await checkpointPath(tuned)];
    const job = jobOf(absolute(basePath), absolute(tunedPath), flags, options);
    const { directory, shards } = job;
    const wishes = wishesOf(flags);
    const submitted = await submitMissing(directory, terminal.environment, async () => {
      const plan = await runEngineTask(terminal, true, (engine) =>
        engine.planShards({ basePath, tunedPath, options, shards, directory }, terminal.interrupted),
      );
      await writeScripts(job, wishes);
      const imbalance = formatShare(plan.imbalance);
      terminal.stdout.write(
        `${formatWhole(plan.tensors)} tensors in ${shards} shards; the longest is ${imbalance} above the mean.\n`,
      );
    });
    return await tell(terminal, directory, submitted);
  },
});

export const retry = defineCommand<[directory: string], object>({
  name: 'retry',
  description: 'submit the shards of a folder that are neither done nor in the queue',
  operands: [['<folder>', 'where three-gate submit put them']],
  options: [],
  interrupted: 'Interrupted: three-gate status says what was submitted.',
  async run([folder], _, terminal) {
    const directory = resolve(folder);
    return await tell(terminal, directory, await submitMissing(directory, terminal.environment));
  },
});

function jobOf(
  basePath: string,
  tunedPath: string,
  flags: SubmitFlags,
  options: AnalysisOptions,
): ClusterJob {
  const { out, tasks, cacheDir, config = [] } = flags;
  const cache = cacheDir === undefined ? [] : ['--cache-dir', absolute(cacheDir)];
  return {
    directory: resolve(out),
    basePath,
    tunedPath,
    shards: tasks,
    program: [process.execPath, process.argv[1] ?? 'three-gate'],
    analyzeArguments: [...argumentsOf(options), ...cache],
    mergeArguments: config.length === 0 ? [] : ['--config', ...config.map((path) => resolve(path))],
  };
}

function absolute(path: string): string {
  return isRemote(path) ? path : resolve(path);
}

function wishesOf({ partition, time, cpus, mem }: SubmitFlags): SlurmWishes {
  return { partition: partition ?? null, time: time ?? null, cpus: cpus ?? null, memory: mem ?? null };
}

async function tell(terminal: Terminal, directory: string, submitted: Submitted): Promise<number> {
  const { stdout } = terminal;
  if (submitted.kind === 'nothing') {
    stdout.write(`Every shard is done or in the queue already: three-gate status ${directory}\n`);
    return exitStatus.analysed;
  }
  if (submitted.kind === 'no-scheduler') {
    const script = join(directory, shardScriptName);
    stdout.write(`${await readFile(script, 'utf8')}\n`);
    const message = `There is no sbatch on this machine, so nothing was submitted. The script above is ${script}: where there is Slurm, three-gate retry ${directory} submits it.`;
    throw new ThreeGateError('scheduler', message);
  }
  const { job, mergeRefused } = submitted;
  stdout.write(
    `Slurm job ${job.array}: shards ${ranges(job.shards)}. How far they are: three-gate status ${directory}\n`,
  );
  if (mergeRefused === null) {
    stdout.write(`Slurm job ${job.merge ?? ''} merges them into ${join(directory, 'report.json')}\n`);
    return exitStatus.analysed;
  }
  throw new ThreeGateError(
    'scheduler',
    `The shards were submitted, the merge was not: ${mergeRefused} When they are done: three-gate merge ${directory}`,
  );
}
