// The early verdict of every pair there is, against the final one: wherever a word or a regime differs, the early one must have
// said that it can still change; whatever was called impossible must not happen; and on pairs of a real model's depth, a tenth of
// the work is enough for the regime.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gateNames } from '../../../src/shared/options/options.ts';
import type { PreliminaryVerdict } from '../../../src/shared/report/preliminary.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { makePair } from '../../bench/makePair.ts';
import type { UpdateKind } from '../../bench/syntheticWeights.ts';
import { analysedInOrder, type Analysed } from '../../support/analysedInOrder.ts';
import { portsInThreads } from '../../support/portsInThreads.ts';
import { writeNoiseLike } from '../../support/noiseLike.ts';

const scratch = mkdtempSync(join(tmpdir(), 'three-gate-early-'));
after(() => {
  rmSync(scratch, { recursive: true });
});

/** Of 28 layers and an embedding of a seventh of the parameters, as that of 1.5 B, but narrow. */
const narrow = {
  modelType: 'qwen2',
  hidden: 64,
  layers: 28,
  intermediate: 374,
  heads: 4,
  keyValueHeads: 1,
  headDim: 16,
  vocabulary: 6330,
  tied: true,
} as const;

const nano = 'test/fixtures/nano';
const weights = 'model.safetensors';

function synthetic(update: UpdateKind, seed: number): [base: string, tuned: string] {
  const out = join(scratch, `${update}-${seed}`);
  makePair({ shape: narrow, update, seed, out, shardBytes: 5e9 }, () => undefined);
  return [join(out, 'base'), join(out, 'tuned')];
}

function noise(base: string, tuned: string): string {
  const path = join(scratch, 'noise', weights);
  writeNoiseLike(join(base, weights), join(tuned, weights), path, 1);
  return path;
}

/** The pair with the tuned side trained in some of its tensors alone. */
function trainedIn(
  title: string,
  [base, tuned]: readonly [string, string],
  is: (name: string) => boolean,
): [string, string] {
  const out = join(scratch, title);
  cpSync(base, out, { recursive: true });
  const [before, after] = [base, tuned].map((folder) => readFileSync(join(folder, weights)));
  assert.ok(before && after, 'no weights');
  const length = Number(after.readBigUInt64LE(0));
  const header = JSON.parse(after.toString('utf8', 8, 8 + length)) as Record<
    string,
    { data_offsets?: [number, number] }
  >;
  for (const [name, { data_offsets: span }] of Object.entries(header)) {
    if (span === undefined || is(name)) continue;
    before.copy(after, 8 + length + span[0], 8 + length + span[0], 8 + length + span[1]);
  }
  writeFileSync(join(out, weights), after);
  return [base, out];
}

async function analysed([base, tuned]: readonly [string, string]): Promise<Analysed> {
  return await analysedInOrder(base, tuned, await portsInThreads());
}

const shares = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 0.95];

function preliminaryOf({ preliminary }: Report): PreliminaryVerdict {
  return preliminary ?? assert.fail('a running report has no preliminary verdict');
}

/** What an early verdict said wrongly: each with the share of the work that it was made at. */
function broken({ final, at }: Analysed): string[] {
  const { gates, regime } = final.summary;
  return shares.flatMap((share) => {
    const early = preliminaryOf(at(share));
    const words = gateNames.flatMap((gate) => {
      const found = early.gates.find((each) => each.gate === gate) ?? assert.fail(gate);
      const ends = gates[gate].verdict;
      return found.canBecome.includes(ends)
        ? []
        : [`${share}: ${gate} ends ${ends}, not ${found.canBecome.join()}`];
    });
    const bounds = early.numbers.flatMap(({ metric, least, most }) => {
      const readings = gateNames.flatMap((gate) => gates[gate].readings);
      const value = readings.find((reading) => reading.metric === metric)?.value ?? null;
      const slack = 1e-9 * Math.abs(value ?? 0);
      const isOutside =
        value !== null &&
        ((least !== null && value < least - slack) || (most !== null && value > most + slack));
      return isOutside ? [`${share}: ${metric} ends ${value}, outside of ${least} … ${most}`] : [];
    });
    const name = early.canBecome.includes(regime.name) ? [] : [`${share}: ends ${regime.name}`];
    return [...words, ...name, ...bounds];
  });
}

describe('an early verdict', () => {
  const genuine = {
    'RLVR, 100 steps': [`${nano}/base`, `${nano}/grpo/checkpoint-100`],
    'SFT at a low rate': [`${nano}/base`, `${nano}/sft-low/checkpoint-50`],
    SFT: [`${nano}/base`, `${nano}/sft`],
    'run a': ['test/fixtures/runs/base', 'test/fixtures/runs/rl-a'],
    'run b': ['test/fixtures/runs/base', 'test/fixtures/runs/rl-b'],
    'a checkpoint and itself': [`${nano}/base`, `${nano}/base`],
  } as const;

  for (const [title, paths] of Object.entries(genuine)) {
    it(`of ${title} says what can still change`, async () => {
      const found = await analysed(paths);
      assert.deepEqual(broken(found), []);
      const end = preliminaryOf(found.at(2));
      assert.deepEqual(end.canBecome, [found.final.summary.regime.name]);
      assert.equal(end.firmness, 'settled');
      assert.deepEqual([end.readShare, end.decomposedShare], [1, 1]);
    });
  }

  it('of noise as large as an update says what can still change', async () => {
    const [base, tuned] = genuine['RLVR, 100 steps'];
    assert.deepEqual(broken(await analysed([base, noise(base, tuned)])), []);
  });

  for (const [update, regime] of [
    ['rlvr', 'rlvr-range'],
    ['sft', 'sft-range'],
  ] as const) {
    it(`of a deep ${update} pair stands after a tenth of the work`, async () => {
      const found = await analysed(synthetic(update, 3));
      assert.deepEqual(broken(found), []);
      assert.equal(found.final.summary.regime.name, regime);
      const early = preliminaryOf(found.at(0.1));
      assert.equal((early.decomposedShare ?? 1) < 0.12, true, `${early.decomposedShare}`);
      assert.deepEqual([early.regime, early.firmness, early.canBecome], [regime, 'expected', [regime]]);
      const { gates } = found.final.summary;
      for (const { gate, verdict } of early.gates) assert.equal(verdict, gates[gate].verdict, gate);
      // Before a second layer, nothing is known of the depth.
      assert.equal(preliminaryOf(found.at(0.02)).firmness, 'open');
    });
  }

  const depth = (name: string): number => Number(/layers\.(\d+)\./u.exec(name)?.[1] ?? -1);
  for (const [title, is] of Object.entries({
    'the second half of the layers': (name: string) => depth(name) >= 14,
    'the last layer': (name: string) => depth(name) === 27,
    'one kind of matrix': (name: string) => name.includes('down_proj'),
    'the embedding': (name: string) => name.includes('embed'),
  })) {
    it(`of a pair that was trained in ${title} alone says what can still change`, async () => {
      const pair = synthetic('sft', 5);
      assert.deepEqual(broken(await analysed(trainedIn(title, pair, is))), []);
    });
  }
});
