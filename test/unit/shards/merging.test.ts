// Shards merged against one machine, bit for bit, for every way in which weights are stored; and what is refused, by name.
import assert from 'node:assert/strict';
import { copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readShard } from '../../../src/node/shards/shardFile.ts';
import { bf16Values, fixtures, nano, numbers, Scratch } from './commandLine.ts';

const scratch = new Scratch();
after(() => {
  scratch.remove();
});

function assertAsOne(pair: readonly string[], shards: number, ...options: string[]): void {
  const folder = `shards ${options.join(' ')} ${pair.join(' ')}`.replaceAll(/\W+/gu, '-').slice(-100);
  scratch.inShards(pair, shards, folder, '--no-cache', ...options);
  const whole = scratch.whole(pair, '--no-cache', ...options);
  assert.deepEqual(numbers(scratch.merged(folder)), numbers(whole));
}

/** A pair of experts in stacks, some equal on both sides, and a small head. */
function stacks(): [string, string] {
  const [experts, rows, columns] = [6, 72, 40];
  const size = rows * columns;
  const found = [1, 2].map((seed) => bf16Values(experts * size, seed, 0.3));
  for (const { base, tuned } of found) tuned.set(base.subarray(4 * size, 6 * size), 4 * size);
  const head = bf16Values(30 * columns, 3, 0.1);
  const side = (name: 'base' | 'tuned'): string =>
    scratch.checkpoint(`stacks-${name}`, {
      'model.layers.0.mlp.experts.gate_up_proj': stackOf(found[0]?.[name]),
      'model.layers.1.mlp.experts.gate_up_proj': stackOf(found[1]?.[name]),
      'lm_head.weight': { dtype: 'BF16', shape: [30, columns], data: head[name] },
    });
  const stackOf = (
    data: Uint8Array<ArrayBuffer> = new Uint8Array(),
  ): { dtype: 'BF16'; shape: number[]; data: Uint8Array<ArrayBuffer> } => ({
    dtype: 'BF16',
    shape: [experts, rows, columns],
    data,
  });
  return [side('base'), side('tuned')];
}

function float8(): [string, string] {
  const side = (name: string, shift: number): string =>
    scratch.checkpoint(name, {
      'model.layers.0.mlp.up_proj.weight': {
        dtype: 'F8_E4M3',
        shape: [96, 64],
        data: Uint8Array.from(
          { length: 96 * 64 },
          (_, at) => 0x20 + ((at * 7 + (at % 5 === 0 ? shift : 0)) % 64),
        ),
      },
      'model.layers.0.mlp.up_proj.weight_scale': {
        dtype: 'F32',
        shape: [1],
        data: new Uint8Array(Float32Array.of(0.01).buffer),
      },
      'lm_head.weight': { dtype: 'BF16', shape: [16, 32], data: bf16Values(512, 5, 0.5).base },
    });
  return [side('f8-base', 0), side('f8-tuned', 3)];
}

describe('shards merged', () => {
  it('are the report of one machine for bf16, with more shards than there is work for', () => {
    assertAsOne(nano, 11, '--match', 'layers\\.0\\.');
  });

  it('are that of one machine with the published profile, fewer gates and options of every shard', () => {
    assertAsOne(nano, 3, '--profile', 'published', '--match', 'self_attn');
    assertAsOne(nano, 2, '--gates', 'anchor,precision', '--threads', '1', '--rank', '4');
  });

  it('are that of one machine for F8 with scales', () => {
    assertAsOne(float8(), 2);
  });

  it('are that of one machine for an adapter', () => {
    const genuine = join(fixtures, 'adapters/genuine');
    assertAsOne([join(genuine, 'base'), join(genuine, 'lora')], 3);
  });

  it('are that of one machine for stacks of experts, whose matrices are divided among shards', async () => {
    const pair = stacks();
    assertAsOne(pair, 3);
    scratch.inShards(pair, 3, 'divided');
    const units = [0, 1, 2].flatMap((step) =>
      [0, 1, 2, 3, 4, 5].map((from) => ({ step, part: { from, to: from + 1 } })),
    );
    for (const number of [1, 2, 3]) {
      const { findings } = await readShard(scratch.at(`divided/shard-${number}-of-3.results`));
      const found = await Promise.all(units.map(findings));
      assert.ok(found.flat().length > 0, `shard ${number} has matrices of stacks`);
    }
  });
});

describe('a merge', () => {
  it('names what is missing, gives the rest and says so by its status', () => {
    scratch.inShards(nano, 3, 'partly');
    rmSync(scratch.at('partly/shard-2-of-3.results'));
    const { stderr } = scratch.hold(3, 'merge', scratch.at('partly'), '--json', scratch.at('partly.json'));
    assert.match(stderr, /1 of 3 shards are missing: 2\. three-gate retry \S+partly submits them/u);
    const report = scratch.merged('partly', 3);
    assert.ok(report.coverage.share > 0.1 && report.coverage.share < 0.9);
    const [lost] = report.coverage.notCompared;
    assert.equal(lost?.reason.code, 'shard-unfinished');
    assert.match(lost.reason.message, /was left to shard 2 of 3, which is not in/u);
  });

  it('counts a shard that is cut off or damaged as missing, and names its file', () => {
    const path = scratch.at('partly/shard-1-of-3.results');
    const whole = scratch.read('partly/shard-1-of-3.results');
    truncateSync(path, whole.length - 100);
    assert.match(
      scratch.hold(3, 'merge', scratch.at('partly')).stderr,
      /shard-1-of-3\.results cannot be merged: it is cut off/u,
    );
    writeFileSync(path, Buffer.from(whole).fill(7, 500, 600));
    const { stderr } = scratch.hold(3, 'merge', scratch.at('partly'));
    assert.match(stderr, /its checksum does not match\. Remove it; three-gate retry/u);
    assert.match(stderr, /2 of 3 shards are missing: 1-2/u);
    writeFileSync(path, whole);
  });

  it('refuses a shard that is there twice, of other options, of another version and of changed files', () => {
    scratch.inShards(nano, 2, 'two', '--match', 'norm');
    const [one, copy] = [scratch.at('two/shard-1-of-2.results'), scratch.at('two/copy.results')];
    copyFileSync(one, copy);
    assert.match(
      scratch.hold(2, 'merge', scratch.at('two')).stderr,
      /Shard 1 is there twice, as \S+ and as \S+: remove one/u,
    );
    scratch.inShards(nano, 2, 'other', '--match', 'norm', '--rank', '7');
    renameSync(scratch.at('other/shard-1-of-2.results'), copy);
    assert.match(
      scratch.hold(2, 'merge', scratch.at('two')).stderr,
      /are of different plans: option rank is .* against/u,
    );
    rmSync(copy);
    const { stderr } = scratch.run(['merge', scratch.at('two'), '--tuned', join(fixtures, 'nano/sft')]);
    assert.match(stderr, /are not of what is read now: model\.safetensors of the tuned checkpoint is/u);
  });

  it('takes shards of other threads, memory and cache sizes: none of them changes a number', () => {
    scratch.shard(nano, '1/2', 'own', '--match', 'norm', '--threads', '1', '--cache-size', '1');
    const other = ['--match', 'norm', '--memory', '1', '--cache-size', '2', '--remote-cache', '3'];
    scratch.shard(nano, '2/2', 'own', ...other);
    const { tensors } = scratch.merged('own');
    assert.deepEqual(tensors, scratch.whole(nano, '--match', 'norm').tensors);
  });

  it('refuses a folder of another plan before anything is measured', () => {
    const args = [
      'analyze',
      ...nano,
      '--match',
      'norm',
      '--eta',
      '0.01',
      '--shard',
      '1/2',
      '--out',
      scratch.at('two'),
    ];
    assert.match(scratch.hold(2, ...args).stderr, /is of another plan: option eta is 0\.001 against 0\.01/u);
    assert.match(scratch.hold(2, 'merge', scratch.at('nowhere')).stderr, /nowhere does not exist/u);
  });
});

describe('a shard', () => {
  it('that is done is not measured again, and one that is cut off is', () => {
    scratch.inShards(nano, 2, 'again', '--match', 'norm');
    const args = ['analyze', ...nano, '--match', 'norm', '--shard', '1/2', '--out', scratch.at('again')];
    assert.match(scratch.hold(0, ...args).stdout, /Shard 1 of 2: was done already/u);
    truncateSync(scratch.at('again/shard-1-of-2.results'), 50);
    assert.match(scratch.hold(0, ...args).stdout, /Shard 1 of 2: \d+ tensors measured/u);
    scratch.merged('again');
  });

  it('gives no report, and is one of those there are', () => {
    const refused = (...args: string[]): string => scratch.hold(2, 'analyze', ...nano, ...args).stderr;
    assert.match(refused('--shard', '1/2', '--out', 'x', '--json', '-'), /A shard gives no report/u);
    assert.match(refused('--shard', '1/2'), /say --out DIR/u);
    assert.match(refused('--shard', '3/2', '--out', 'x'), /There is no shard 3 of 2/u);
    assert.match(refused('--shard', '0/2', '--out', 'x'), /shards count from 1/u);
  });
});
