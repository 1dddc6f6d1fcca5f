// The Job that is printed for Kubernetes follows the published schema of batch/v1, and its containers take the shards that a
// Slurm array takes.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Job } from 'kubernetes-models/batch/v1';
import { parse } from 'yaml';
import { chooseShard } from '../../../src/cli/shardChoice.ts';
import { Scratch } from './commandLine.ts';

const scratch = new Scratch();
after(() => {
  scratch.remove();
});

type Manifest = ConstructorParameters<typeof Job>[0] & object;

function manifest(...more: string[]): { text: string; job: Manifest } {
  const args = [
    'submit',
    '/data/base',
    '/data/my tuned',
    '--kubernetes',
    '--tasks',
    '16',
    '--out',
    '/data/shards',
  ];
  const { stdout: text, status, stderr } = scratch.run([...args, ...more]);
  assert.equal(status, 0, stderr);
  return { text, job: parse(text) as Manifest };
}

describe('the Job for Kubernetes', () => {
  it('follows the published schema, with and without wishes', () => {
    for (const more of [
      [],
      ['--cpus', '8', '--mem', '64Gi', '--image', 'registry/three-gate:1', '--rank', '64'],
    ]) {
      const { job } = manifest(...more);
      new Job(job).validate();
      assert.equal(job.spec?.completionMode, 'Indexed');
      assert.equal(job.spec.completions, 16);
    }
  });

  it('would be refused where it is none', () => {
    const { job } = manifest();
    const broken = { ...job, spec: { ...job.spec, completions: 'many' } } as unknown as Manifest;
    assert.throws(() => {
      new Job(broken).validate();
    }, /completions/u);
  });

  it('measures every shard once, by the index from 0 that its container is given', () => {
    const { job, text } = manifest('--cpus', '4');
    const [container] = job.spec?.template.spec?.containers ?? [];
    const command = container?.command ?? [];
    const shard = command[command.indexOf('--shard') + 1];
    const taken = Array.from({ length: 16 }, (_, index) =>
      chooseShard(shard, { JOB_COMPLETION_INDEX: String(index) }),
    );
    assert.deepEqual(
      taken.map(({ number, shards }) => [number, shards]),
      Array.from({ length: 16 }, (_, index) => [index + 1, 16]),
    );
    assert.deepEqual(command.slice(0, 4), ['three-gate', 'analyze', '/data/base', '/data/my tuned']);
    assert.equal(command[command.indexOf('--threads') + 1], '4');
    assert.match(text, /three-gate merge \/data\/shards --json report\.json/u);
  });
});

describe('which shard a process takes', () => {
  const array = {
    SLURM_ARRAY_TASK_ID: '3',
    SLURM_ARRAY_TASK_COUNT: '16',
    SLURM_ARRAY_TASK_MIN: '1',
    SLURM_ARRAY_TASK_MAX: '16',
  };

  it('is what it was told, or what its scheduler says', () => {
    assert.deepEqual(chooseShard('3/16', array), { number: 3, shards: 16 });
    assert.deepEqual(chooseShard('/20', array), { number: 3, shards: 20 });
    assert.deepEqual(chooseShard(undefined, array), { number: 3, shards: 16 });
  });

  it('is none where an array has holes or counts from 0, or nobody says how many there are', () => {
    const refused = (text: string | undefined, environment: NodeJS.ProcessEnv, words: RegExp): void => {
      assert.throws(() => chooseShard(text, environment), words);
    };
    refused(
      undefined,
      { ...array, SLURM_ARRAY_TASK_COUNT: '5' },
      /does not say how many shards there are: say --shard \/16/u,
    );
    refused(
      undefined,
      { ...array, SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_MAX: '15' },
      /Shards count from 1/u,
    );
    refused('/16', { SLURM_ARRAY_TASK_ID: '0' }, /There is no shard 0 of 16: shards count from 1/u);
    refused(undefined, { JOB_COMPLETION_INDEX: '3' }, /How many shards there are is not known/u);
    refused('/16', {}, /Neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set/u);
    refused('three', {}, /is no shard: say 3\/16/u);
  });
});
