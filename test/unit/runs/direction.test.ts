// In which direction runs went, on small pieces of genuine ones: against numpy, and against controls that share none.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { OverlapPool, RunsReport } from '../../../src/shared/report/runsReport.ts';
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
interface Expected {
  runs: string[];
  whole: { pairs: Cosine[]; norms: number[] };
  tensors: Record<string, { pairs: Cosine[]; norms: number[] }>;
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

/** The base with every element moved by some of its own steps, up or down as drawn. */
function writeNoise(name: string, seed: number): string {
  const folder = join(scratch, name);
  cpSync(base, folder, { recursive: true });
  const file = join(folder, 'model.safetensors');
  const bytes = readFileSync(file);
  const from = 8 + Number(bytes.readBigUInt64LE(0));
  const random = seeded(seed);
  for (let at = from; at < bytes.length; at += 2) {
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
