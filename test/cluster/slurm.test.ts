// Shards over a real Slurm: an array with a task that is killed and requeued, a step killed from outside, two submissions at
// once, a controller that is down, tasks that are cancelled while they wait and jobs that are forgotten; and always the report of
// one machine.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { SubmittedJob } from '../../src/node/cluster/submission.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { cli, nano, Scratch } from '../unit/shards/commandLine.ts';
import { startSlurm, type RunningSlurm } from './startSlurm.ts';
import { until } from './until.ts';

const scratch = new Scratch();
let slurm: RunningSlurm;

before(async () => {
  slurm = await startSlurm();
});
after(async () => {
  await slurm.stop();
  scratch.remove();
});

function threeGate(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return scratch.run(args, slurm.environment);
}

function tool(name: string, ...args: string[]): string {
  return spawnSync(name, args, { env: slurm.environment, encoding: 'utf8' }).stdout.trim();
}

function submit(folder: string, ...more: string[]): ReturnType<typeof threeGate> {
  return threeGate(
    'submit',
    ...nano,
    '--slurm',
    '--tasks',
    '8',
    '--no-cache',
    '--out',
    scratch.at(folder),
    ...more,
  );
}

function jobs(folder: string): SubmittedJob[] {
  return JSON.parse(scratch.read(folder, 'jobs.json').toString()) as SubmittedJob[];
}

function lastJob(folder: string): SubmittedJob {
  const last = jobs(folder).at(-1);
  assert.ok(last, 'nothing was submitted');
  return last;
}

function status(folder: string): string {
  return threeGate('status', scratch.at(folder)).stdout;
}

/** Jobs in the queue; null where Slurm does not say. */
function queued(): string[] | null {
  const { status, stdout } = spawnSync('squeue', ['-h', '-r', '-o', '%F'], {
    env: slurm.environment,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim().split('\n') : null;
}

async function untilMerged(folder: string): Promise<void> {
  const { array, merge } = lastJob(folder);
  assert.ok(merge !== null);
  await until('the queue to be through', () => {
    const left = queued();
    return left !== null && !left.includes(array) && !left.includes(merge);
  });
}

/** What may differ is how much of a machine was used, and time. */
function assertAsOne(folder: string): void {
  const merged = JSON.parse(scratch.read(folder, 'report.json').toString()) as Report;
  const whole = scratch.whole(nano, '--no-cache');
  const comparable = (report: Report): object => ({
    ...report,
    timings: null,
    engine: { ...report.engine, threads: 0, memoryBytes: 0 },
  });
  assert.deepEqual(comparable(merged), comparable(whole));
}

describe('shards on Slurm', () => {
  it('are the report of one machine, with a task requeued and one killed on their way', async () => {
    const { stdout, stderr } = submit('first', '--time', '10', '--cpus', '1');
    assert.match(stdout, /39 tensors in 8 shards; the longest is .* % above the mean/u, stderr);
    const { array } = lastJob('first');
    assert.match(status('first'), /of 8 shards done.* waiting/u);
    await until('the first task to run', () => existsSync(scratch.at('first/shard-1-of-8.json')));
    tool('scontrol', 'requeue', `${array}_1`);
    await until('the fourth task to run', () => existsSync(scratch.at('first/shard-4-of-8.json')));
    tool('scancel', '--signal=KILL', '--full', `${array}_4`);
    await until('the requeued task to be done', () => {
      // Slurm holds what it requeues back for two minutes.
      tool('scontrol', 'update', `JobId=${array}_1`, 'StartTime=now');
      return existsSync(scratch.at('first/shard-1-of-8.results'));
    });
    await untilMerged('first');
    if (!existsSync(scratch.at('first/shard-4-of-8.results'))) {
      assert.match(status('first'), /7 of 8 shards done · 1 failed[\s\S]*4 failed: [\s\S]*Missing: 4\./u);
      assert.match(threeGate('retry', scratch.at('first')).stdout, /shards 4\./u);
      await untilMerged('first');
    }
    assert.match(status('first'), /8 of 8 shards done/u);
    assertAsOne('first');
  });

  it('that two submit at once are measured all the same', async () => {
    const args = ['submit', ...nano, '--tasks', '8', '--no-cache', '--out', scratch.at('twice')];
    const both = [1, 2].map(() =>
      spawn(process.execPath, [cli, ...args], { env: slurm.environment, stdio: 'ignore' }),
    );
    const statuses = await Promise.all(
      both.map((child) => new Promise<number | null>((resolve) => child.once('exit', resolve))),
    );
    assert.ok(statuses.includes(0));
    assert.equal(jobs('twice').length, 1, 'one array, whoever was first');
    await untilMerged('twice');
    assertAsOne('twice');
    assert.match(
      threeGate('retry', scratch.at('twice')).stdout,
      /Every shard is done or in the queue already/u,
    );
  });

  it('that are cancelled while they wait, or lost when they are done, come again by one compact array', async () => {
    submit('lost');
    const { array, merge } = lastJob('lost');
    tool('scancel', `${array}_[5-7]`);
    await until(
      'the cancelled ones to be gone',
      () => !tool('squeue', '-h', '-r', '-o', '%i').includes(`${array}_6`),
    );
    await untilMerged('lost');
    // Jobs are forgotten after MinJobAge, and with them what became of a task.
    await until('Slurm to forget', () => tool('scontrol', 'show', 'job', merge ?? '') === '');
    rmSync(scratch.at('lost/shard-2-of-8.results'));
    assert.match(status('lost'), /4 of 8 shards done · 4 failed/u);
    assert.match(
      status('lost'),
      /6 failed: Slurm job \d+_6 is over and has written nothing: it was cancelled or killed/u,
    );
    const partly = JSON.parse(scratch.read('lost/report.json').toString()) as Report;
    assert.ok(partly.coverage.share < 1, 'the merge ran, and says what it lacks');
    assert.match(threeGate('retry', scratch.at('lost')).stdout, /Slurm job \d+: shards 2,5-7\./u);
    await untilMerged('lost');
    assertAsOne('lost');
  });

  it('are told from their files where the controller is down', async () => {
    await slurm.stopController();
    const told = status('lost');
    assert.match(told, /8 of 8 shards done/u);
    assert.match(
      told,
      /Slurm did not say what waits in its queue: .*What is said here is from the files alone/u,
    );
    assert.match(threeGate('retry', scratch.at('lost')).stdout, /Every shard is done/u);
    await slurm.startController();
  });

  it('are refused by name where there are too many of them or no such partition', () => {
    const args = ['submit', ...nano, '--tasks', '2000', '--out', scratch.at('many')];
    const { status: code, stderr } = threeGate(...args);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /Slurm allows array tasks up to 1000 here \(MaxArraySize\), and 2000 were asked for: say --tasks 1000/u,
    );
    assert.match(
      submit('nowhere', '--partition', 'none').stderr,
      /Slurm did not take .*shard\.sh: .*partition/iu,
    );
  });
});
