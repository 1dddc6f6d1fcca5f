// A Slurm of one machine in a short directory of its own: controller, node and authentication as processes of this test, with
// nothing outside that directory. Debian's packages slurmctld, slurmd, slurm-client and munge.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export interface RunningSlurm {
  /** Short: the sockets of munge allow no long paths. */
  directory: string;
  environment: NodeJS.ProcessEnv;
  /** Stops one daemon, or starts it again. */
  stopController(): Promise<void>;
  startController(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when the node takes jobs. */
export async function startSlurm(): Promise<RunningSlurm> {
  const directory = mkdtempSync('/tmp/tgs');
  for (const name of ['state', 'spool', 'log', 'run']) mkdirSync(join(directory, name), { mode: 0o755 });
  writeFileSync(join(directory, 'munge.key'), randomBytes(128), { mode: 0o600 });
  const configuration = join(directory, 'slurm.conf');
  writeFileSync(configuration, settings(directory, await freePort(), await freePort()));
  execFileSync('chmod', ['755', directory]);
  const environment = { ...process.env, SLURM_CONF: configuration };
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const at = (name: string): string => join(directory, 'run', name);
  run(
    'munged',
    ...[
      `--key-file=${join(directory, 'munge.key')}`,
      `--socket=${at('munge.socket')}`,
      `--pid-file=${at('munged.pid')}`,
      `--log-file=${join(directory, 'log/munged.log')}`,
      `--seed-file=${at('munged.seed')}`,
    ],
  );
  const startController = async (): Promise<void> => {
    run('slurmctld');
    await until('the node to be idle', () => {
      const { stdout } = spawnSync('sinfo', ['-h', '-o', '%T'], { env: environment, encoding: 'utf8' });
      return /idle|mixed|allocated/u.test(stdout);
    });
  };
  const stopDaemon = async (name: string): Promise<void> => {
    const pid = Number(readFileSync(at(`${name}.pid`), 'utf8'));
    process.kill(pid);
    await until(`${name} to end`, () => !isAlive(pid));
  };
  run('slurmd');
  await startController();
  return {
    directory,
    environment,
    startController,
    stopController: () => stopDaemon('slurmctld'),
    async stop() {
      spawnSync('scancel', ['--me'], { env: environment });
      await until('the queue to be empty', () => run('squeue', '-h') === '');
      for (const name of ['slurmd', 'slurmctld', 'munged']) await stopDaemon(name);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A port of this machine that is free now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function settings(directory: string, controllerPort: number, nodePort: number): string {
  const host = hostname().split('.')[0] ?? 'localhost';
  const { username } = userInfo();
  return `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=${username}
SlurmdUser=${username}
AuthType=auth/munge
AuthInfo=socket=${directory}/run/munge.socket
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmctldPidFile=${directory}/run/slurmctld.pid
SlurmdPidFile=${directory}/run/slurmd.pid
SlurmctldLogFile=${directory}/log/slurmctld.log
SlurmdLogFile=${directory}/log/slurmd.log
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=2
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`;
}
