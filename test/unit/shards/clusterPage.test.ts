// docs/cluster.md does what it says: its commands that need no cluster are run as they stand, and all that it names exists.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Job } from 'kubernetes-models/batch/v1';
import { parse } from 'yaml';
import { merge } from '../../../src/cli/commands/merge.ts';
import { retry, submit } from '../../../src/cli/commands/submit.ts';
import { status } from '../../../src/cli/commands/status.ts';
import { analyze } from '../../../src/cli/commands/analyze.ts';
import { nano, numbers, Scratch } from './commandLine.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/cluster.md'), 'utf8');
const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/gu)].map(([, block = '']) => block);
const scratch = new Scratch();
after(() => {
  scratch.remove();
});

/** The lines of a block as arguments of `three-gate`, with what their capitals stand for. */
function commandsOf(block: string | undefined, folder: string): string[][] {
  const meant: Record<string, string> = { BASE: nano[0], TUNED: nano[1], DIR: scratch.at(folder) };
  const lines = (block ?? '').trim().split('\n');
  return lines.map((line) => {
    const [program, ...args] = line.split(' ');
    assert.equal(program, 'three-gate');
    return args.map((arg) => meant[arg] ?? arg);
  });
}

describe('the page about clusters', () => {
  it('measures and merges by hand what one machine measures', () => {
    for (const command of commandsOf(blocks[0], 'by-hand')) scratch.hold(0, ...command);
    const merged = JSON.parse(scratch.read('report.json').toString()) as ReturnType<Scratch['whole']>;
    assert.deepEqual(numbers(merged), numbers(scratch.whole(nano)));
  });

  it('writes the scripts where there is no Slurm, and says so', () => {
    const [command = []] = commandsOf(
      blocks.find((block) => block.includes('--partition')),
      'slurm',
    );
    const { status: code, stdout, stderr } = scratch.run(command, { PATH: '/nowhere' });
    assert.equal(code, 2);
    assert.match(stderr, /There is no sbatch on this machine, so nothing was submitted/u);
    assert.match(
      stdout,
      /#SBATCH --partition=cpu\n#SBATCH --time=2:00:00\n#SBATCH --cpus-per-task=8\n#SBATCH --mem=64G\n/u,
    );
    assert.equal(stdout.includes(scratch.read('slurm/shard.sh').toString()), true);
    assert.match(scratch.run(['status', scratch.at('slurm')]).stdout, /0 of 16 shards done · 16 not begun/u);
  });

  it('prints a Job that Kubernetes takes', () => {
    const [command = []] = commandsOf(
      blocks.find((block) => block.includes('--kubernetes')),
      'kubernetes',
    );
    const job = parse(scratch.hold(0, ...command).stdout) as ConstructorParameters<typeof Job>[0];
    new Job(job).validate();
  });

  it('names flags and commands that exist', () => {
    const known = [analyze, merge, submit, status, retry].flatMap(({ options }) =>
      options.map(({ long }) => long),
    );
    const foreign = ['--sshlogin', '--timeout', '--array'];
    const named = [...page.matchAll(/(?<![\w-])--[a-z]+(?:-[a-z]+)*/gu)].map(([flag]) => flag);
    assert.deepEqual(
      named.filter((flag) => !known.includes(flag) && !foreign.includes(flag)),
      [],
    );
  });
});
