// What a panel says of a folder of shards, and when it looks at the folder again.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClusterShard, ClusterState } from '../../../src/node/cluster/clusterState.ts';
import { Follower } from '../../../src/extension/shardFolder/follower.ts';
import { shownShards } from '../../../src/extension/shardFolder/shownShards.ts';

function state(letters: string, more: Partial<ClusterState> = {}): ClusterState {
  const of: Record<string, ClusterShard['state']> = {
    d: 'done',
    r: 'running',
    w: 'waiting',
    f: 'failed',
    o: 'open',
  };
  const shards = Array.from(letters).map((letter, index): ClusterShard => {
    const message = letter === 'f' ? 'Out of memory.' : null;
    const log = letter === 'f' ? ['oom'] : [];
    const known = { share: 0, cost: 1, sinceMs: null, host: null, job: null, message, log };
    return { ...known, number: index + 1, state: of[letter] ?? 'open' };
  });
  const facts = {} as ClusterState['facts'];
  return { directory: '/shards', facts, shards, remainingMs: null, queueUnknown: null, ...more };
}

const stateLine = (known: ClusterState): string => shownShards(known, [], false).line;

describe('the state line of shards', () => {
  it('counts what is done and what is not, and names what is missing', () => {
    assert.equal(stateLine(state('ddr')), '2 of 3 shards are done, 1 running. Missing here: 3.');
    assert.equal(
      stateLine(state('drrwfooo', { remainingMs: 120_000 })),
      '1 of 8 shards is done, 2 running, 1 waiting, 1 failed, 3 not begun. About 2 m 00 s left. Missing here: 2-8.',
    );
  });

  it('says when all are', () => {
    assert.equal(stateLine(state('dd')), 'All 2 shards are done.');
    assert.equal(stateLine(state('d')), 'The one shard is done.');
  });
});

describe('what is shown of shards', () => {
  it('tells a failure with its log and where that lies', () => {
    const { failures, canSubmit } = shownShards(state('df'), [], true);
    assert.equal(canSubmit, true);
    assert.deepEqual(failures, [
      { title: 'Shard 2 failed', message: 'Out of memory.', log: ['/shards/logs/shard-2.log:', 'oom'] },
    ]);
  });

  it('offers to submit only where there is a scheduler and something that nobody does', () => {
    assert.equal(shownShards(state('df'), [], false).canSubmit, false);
    assert.equal(shownShards(state('drw'), [], true).canSubmit, false);
  });

  it('tells five failures and counts the others', () => {
    const { failures, notes } = shownShards(state('ffffffff'), ['damaged'], true);
    assert.equal(failures.length, 5);
    assert.deepEqual(notes, ['Failed as well: 6-8.', 'damaged']);
  });
});

describe('following a folder', () => {
  /** Each look waits until it is let go. */
  function followed(test: TestContext): {
    follower: Follower;
    looks: () => number;
    finish: (isWhole: boolean) => Promise<void>;
  } {
    test.mock.timers.enable({ apis: ['setTimeout'] });
    let looks = 0;
    let end: (isWhole: boolean) => void = () => undefined;
    const follower = new Follower(() => {
      looks += 1;
      return new Promise((resolve) => {
        end = resolve;
      });
    }, 4000);
    const finish = async (isWhole: boolean): Promise<void> => {
      end(isWhole);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    };
    return { follower, looks: () => looks, finish };
  }

  it('looks when it is shown, and every few seconds until the folder is whole', async (test) => {
    const { follower, looks, finish } = followed(test);
    follower.show(true);
    assert.equal(looks(), 1);
    await finish(false);
    test.mock.timers.tick(3999);
    assert.equal(looks(), 1);
    test.mock.timers.tick(1);
    assert.equal(looks(), 2);
    await finish(true);
    test.mock.timers.tick(60_000);
    follower.changed();
    assert.equal(looks(), 2);
  });

  it('never looks while it is hidden', async (test) => {
    const { follower, looks, finish } = followed(test);
    follower.changed();
    assert.equal(looks(), 0);
    follower.show(true);
    await finish(false);
    follower.show(false);
    test.mock.timers.tick(60_000);
    follower.changed();
    assert.equal(looks(), 1);
    follower.show(true);
    assert.equal(looks(), 2);
  });

  it('looks once more for all that changed meanwhile', async (test) => {
    const { follower, looks, finish } = followed(test);
    follower.show(true);
    follower.changed();
    follower.changed();
    assert.equal(looks(), 1);
    await finish(false);
    assert.equal(looks(), 2);
  });
});
