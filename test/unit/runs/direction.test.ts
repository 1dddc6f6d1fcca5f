// In which direction runs went, on small pieces of genuine ones: against numpy, and against controls that share none.
import { Ajv } from 'ajv';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { OverlapPool, RunsReport } from '../../../src/shared/report/runsReport.ts';
import type { StepsPool } from '../../../src/shared/report/stepsDirection.ts';
import { straightSentences } from '../../../src/shared/text/directionTables.ts';
import { directionSentence } from '../../../src/shared/text/runsTables.ts';
import { seeded } from '../../support/random.ts';

const root = resolve(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures/runs');
const base = join(fixtures, 'base');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-direction-'));

interface Cosine {
  cosine: number | null;
  spread: number | null;
}
interface ExpectedPool {
  pairs: Cosine[];
  norms: number[];
  steps: Cosine[];
  firstShare: number | null;
  spectrum?: number[][];
  floors?: number[][];
  similarity?: number[];
  chance?: number;
  linearity: { sampled: number; neverMoved: number; median: number | null; above: number | null };
}
interface Expected {
  runs: string[];
  whole: ExpectedPool;
  tensors: Record<string, ExpectedPool>;
}
const expected = JSON.parse(readFileSync(join(fixtures, 'direction.json'), 'utf8')) as Expected;
const paths = expected.runs.map((run) => join(fixtures, run));

after(() => {
  rmSync(scratch, { recursive: true });
});

function runsOf(...args: string[]): Promise<RunsReport> {
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache') };
  const command = [join(root, 'dist/cli.cjs'), 'runs', ...args, '--no-cache', '--json', '-'];
  return new Promise((settle, reject) => {
    execFile(
      process.execPath,
      command,
      { cwd: scratch, env, maxBuffer: 1 << 27 },
      (error, stdout, stderr) => {
        if (error === null) settle(JSON.parse(stdout) as RunsReport);
        else reject(new Error(stderr));
      },
    );
  });
}

function assertNear(
  found: number | null | undefined,
  wanted: number | null,
  tolerance: number,
  what: string,
): void {
  if (wanted === null) assert.equal(found, null, what);
  else
    assert.ok(
      typeof found === 'number' && Math.abs(found - wanted) <= tolerance,
      `${what}: ${found} for ${wanted}`,
    );
}

function assertCosines(
  found: Pick<OverlapPool, 'pairs' | 'norms'>,
  wanted: Expected['whole'],
  what: string,
): void {
  for (const [at, { cosine, spread }] of wanted.pairs.entries()) {
    assertNear(found.pairs[at]?.cosine, cosine, 1e-9, `${what}, cosine ${at}`);
    assertNear(found.pairs[at]?.cosineSpread, spread, 1e-9, `${what}, spread ${at}`);
  }
  for (const [at, norm] of wanted.norms.entries())
    assertNear(found.norms[at], norm, 1e-12 * norm, `${what}, norm ${at}`);
}

/** How far one draw of signs may be from the mean of many, in its leading 1, 8, 16 and 64 directions: one scatters most. */
const scatter = [0.25, 0.1, 0.05, 0.02];

/** The base with every element moved by some of its own steps, up or down as drawn. */
function writeNoise(name: string, seed: number, from = base): string {
  const folder = join(scratch, name);
  cpSync(from, folder, { recursive: true });
  const file = join(folder, 'model.safetensors');
  const bytes = readFileSync(file);
  const first = 8 + Number(bytes.readBigUInt64LE(0));
  const random = seeded(seed);
  for (let at = first; at < bytes.length; at += 2) {
    const bits = bytes.readUInt16LE(at);
    const draw = random.next();
    if ((bits & 0x7fff) > 2 && draw < 0.6) bytes.writeUInt16LE(draw < 0.3 ? bits + 1 : bits - 1, at);
  }
  writeFileSync(file, bytes);
  return folder;
}

describe('the direction of several runs', () => {
  let report: RunsReport;
  before(async () => {
    report = await runsOf(base, ...paths);
  });

  it('is what numpy finds, in every tensor and over the model', () => {
    const { value } = report.overlap;
    assert.ok(value !== null, 'no overlap');
    assertCosines(value.whole, expected.whole, 'whole');
    assert.equal(value.tensors.length, Object.keys(expected.tensors).length);
    for (const tensor of value.tensors) {
      const wanted = expected.tensors[tensor.name] ?? assert.fail(tensor.name);
      assertCosines(tensor, wanted, tensor.name);
    }
    const head = value.modules.find(({ module }) => module === 'head') ?? assert.fail('no head');
    assertCosines(head, expected.tensors['lm_head.weight'] ?? assert.fail(), 'module');
  });

  it('has leading directions and a spectrum as numpy has them', () => {
    let found = 0;
    for (const { name, directions, shape } of report.overlap.value?.tensors ?? []) {
      const { spectrum, floors, similarity, chance = 0 } = expected.tensors[name] ?? assert.fail(name);
      assert.equal(directions === null, spectrum === undefined, name);
      if (directions === null) continue;
      found += 1;
      for (const [run, shares] of (spectrum ?? []).entries()) {
        for (const [at, share] of shares.entries()) {
          assertNear(directions.shares[run]?.[at], share, 1e-6, `${name}, run ${run}, share ${at}`);
          // Training gathers in few directions, noise does not.
          const floor = directions.floor[run]?.[at] ?? NaN;
          const drawn = floors?.[run]?.[at] ?? NaN;
          assertNear(floor / drawn, 1, scatter[at] ?? 0, `${name}, run ${run}, floor ${at}`);
          if (at === 0) assert.ok(share > 1.5 * floor, `${share} over ${floor} of ${shape.join(' × ')}`);
        }
      }
      for (const [at, wanted] of (similarity ?? []).entries()) {
        assertNear(directions.pairs[at]?.similarity, wanted, 1e-6, `${name}, Sim ${at}`);
        assertNear(directions.pairs[at]?.chance, chance, 1e-15, `${name}, chance ${at}`);
      }
    }
    assert.equal(found, 4);
  });

  it('is no leading direction of noise: at the floor of the spectrum, and at chance', async () => {
    const noise = await runsOf(base, writeNoise('flat-1', 31), writeNoise('flat-2', 32));
    for (const { name, directions } of noise.overlap.value?.tensors ?? []) {
      if (directions === null) continue;
      for (const [run, shares] of directions.shares.entries()) {
        for (const [at, share] of (shares ?? assert.fail(name)).entries()) {
          assertNear(
            share / (directions.floor[run]?.[at] ?? NaN),
            1,
            scatter[at] ?? 0,
            `${name}, share ${at} over the floor`,
          );
        }
      }
      const [pair] = directions.pairs;
      assertNear((pair?.similarity ?? NaN) / (pair?.randomSigns ?? NaN), 1, 0.4, `${name}, Sim`);
    }
  });

  it('is left without leading directions where they are not asked for', async () => {
    const plain = await runsOf(base, paths[0]!, paths[1]!, '--no-directions');
    assert.ok(
      plain.overlap.value?.tensors.every(({ directions }) => directions === null),
      'decomposed',
    );
  });

  it('is said in a report that its schema knows, with definitions', () => {
    const schema = JSON.parse(readFileSync(join(root, 'dist/runs.schema.json'), 'utf8')) as object;
    const validate = new Ajv({ strict: false }).compile(schema);
    assert.ok(validate(report), JSON.stringify(validate.errors?.slice(0, 3)));
    const text = JSON.stringify(schema);
    for (const said of ['arXiv 2601.04537', 'λ₁/Σλ', 'ΣΔ_aΔ_b', '‖V_aᵀV_b‖²_F'])
      assert.ok(text.includes(said), said);
  });

  it('is one direction for a run beside itself, and for two of one task', async () => {
    assert.match(directionSentence(report), /a direction in common\.$/u);
    const same = await runsOf(base, paths[0]!, paths[0]!);
    assertNear(same.overlap.value?.whole.pairs[0]?.cosine, 1, 1e-14, 'itself');
  });

  it('is none for noise, whether beside noise or beside a run', async () => {
    const noise = [writeNoise('noise-1', 11), writeNoise('noise-2', 12)];
    for (const runs of [noise, [paths[0]!, noise[0]!]]) {
      const found = await runsOf(base, ...runs);
      assert.match(directionSentence(found), /as random, no direction in common\.$/u);
    }
  });

  it('is not known where nothing moved', async () => {
    const none = await runsOf(base, base, base);
    assert.equal(none.overlap.value?.whole.pairs[0]?.cosine, null);
    assert.equal(directionSentence(none), 'No two runs have an update to compare the direction of.');
  });
});

function assertSteps(found: StepsPool, wanted: ExpectedPool, what: string): void {
  for (const [at, { cosine }] of wanted.steps.entries())
    assertNear(found.cosines[at], cosine, 1e-9, `${what}, ${at}`);
  assertNear(found.firstDirectionShare, wanted.firstShare, 1e-9, `${what}, first direction`);
  const { sampled, neverMoved, median, above } = wanted.linearity;
  const linearity = found.linearity ?? assert.fail(`${what}: no linearity`);
  assert.deepEqual([linearity.sampled, linearity.neverMoved], [sampled, neverMoved]);
  assertNear(linearity.medianR2, median, 1e-6, `${what}, R²`);
  assertNear(linearity.shareAbove, above, 1e-6, `${what}, above 0.7`);
}

describe('the direction of one run over its checkpoints', () => {
  it('is what numpy finds, in every tensor and over the model', async () => {
    const [trajectory] = (await runsOf(base, join(fixtures, 'rl-a'))).trajectories;
    const direction =
      trajectory?.direction.value ?? assert.fail(trajectory?.direction.reason ?? 'no trajectory');
    assertSteps(direction.whole, expected.whole, 'whole');
    assert.equal(direction.tensors.length, Object.keys(expected.tensors).length);
    for (const tensor of direction.tensors) {
      assertSteps(tensor, expected.tensors[tensor.name] ?? assert.fail(tensor.name), tensor.name);
    }
    assert.match(
      straightSentences(trajectory ?? assert.fail()).join(' '),
      /move along lines: median R² 0\.781/u,
    );
  });

  it('is no line for a random walk, nor for one jump', async () => {
    for (const [name, seedOf] of [
      ['walk', (at: number): number => 20 + at],
      ['jump', (): number => 20],
    ] as const) {
      const run = join(scratch, name);
      let before = base;
      for (const at of [1, 2, 3, 4, 5, 6]) {
        const from: string = name === 'jump' ? base : before;
        before = writeNoise(join(name, `checkpoint-${100 * at}`), seedOf(at), from);
      }
      const [trajectory] = (await runsOf(base, run)).trajectories;
      assert.ok(trajectory !== undefined, 'no trajectory');
      assert.doesNotMatch(straightSentences(trajectory).join(' '), /along lines:/u);
      const { whole } = trajectory.direction.value ?? assert.fail('no direction');
      const [share, chance] = [whole.firstDirectionShare ?? NaN, whole.firstDirectionShareIfRandom ?? NaN];
      if (name === 'walk') assert.ok(Math.abs(share - chance) < 0.05, `${share} beside ${chance}`);
      else assertNear(share, 1, 1e-12, 'a jump');
    }
  });
});
