// The built `three-gate` on the genuine small runs: what it prints, writes and exits with.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import type { Report } from '../../../src/shared/report/report.ts';

const root = resolve(import.meta.dirname, '../../..');
const cli = join(root, 'dist/cli.cjs');
const nano = join(root, 'test/fixtures/nano');
const [base, grpo, sft] = [join(nano, 'base'), join(nano, 'grpo/checkpoint-100'), join(nano, 'sft')];
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-cli-'));
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile<Report>(
  JSON.parse(readFileSync(join(root, 'dist/report.schema.json'), 'utf8')) as object,
);

after(() => {
  rmSync(scratch, { recursive: true });
});

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

async function threeGate(args: string[], interruptAt?: RegExp): Promise<Finished> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: scratch,
    // Of its own, so that an interrupt reaches the engine too, as Ctrl-C in a terminal does.
    detached: true,
    env: { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache'), NO_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let interrupted = false;
  const finished: Finished = { status: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (finished.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    finished.stderr += text;
    if (interruptAt?.test(finished.stderr) !== true || interrupted || child.pid === undefined) return;
    interrupted = true;
    process.kill(-child.pid, 'SIGINT');
  });
  [finished.status] = (await once(child, 'close')) as [number | null];
  return finished;
}

async function reportOf(...args: string[]): Promise<Report> {
  const { status, stdout, stderr } = await threeGate(['analyze', ...args, '--json', '-']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Report;
}

/** Whether it follows the schema; the violations otherwise. */
function assertValid(report: unknown): asserts report is Report {
  assert.ok(validate(report), JSON.stringify(validate.errors?.slice(0, 3)));
}

/** What must not depend on threads, time or machine. */
function measurements({ summary, layers, modules, tensors, coverage }: Report): object {
  return { summary, layers, modules, tensors, coverage };
}

describe('three-gate analyze', () => {
  it('finds the genuine RLVR run in the published range, in a report that follows its schema', async () => {
    const files = ['--markdown', 'grpo.md', '--csv', 'grpo.csv', '--json', 'grpo.json'];
    const { status, stdout, stderr } = await threeGate(['analyze', base, grpo, ...files]);
    assert.equal(status, 0, stderr);
    const report: unknown = JSON.parse(readFileSync(join(scratch, 'grpo.json'), 'utf8'));
    assertValid(report);
    const { gates, regime, precision, anchor, geometry, kl } = report.summary;
    assert.deepEqual(
      [gates.anchor.verdict, gates.geometry.verdict, gates.precision.verdict, regime.name],
      ['anchored', 'off-principal', 'masked', 'rlvr-range'],
    );
    // 801,920 elements counted by numpy; the norms and angles by float64 LAPACK, over both sides of every matrix.
    assert.equal(precision.value?.counts.changedBf16, 441_619);
    assert.equal(precision.value.counts.compared, 801_920);
    close(anchor.value?.relativeDrift, 0.001995306709617842, 1e-12);
    close(geometry.value?.rotationMeanDeg, 0.13799115702019843, 1e-5);
    close(geometry.value?.spectralDriftTopK, 0.0003176380722092297, 1e-4);
    assert.equal(kl.value?.last, 0.0019891548436135054);
    assert.equal(report.coverage.share, 1);
    assert.equal(report.engine.gemm, 'native');
    assert.match(
      stdout,
      /In the range of published RLVR runs {2}rlvr-range\n[\s\S]*● anchored[\s\S]*● off-principal[\s\S]*● masked/,
    );
    assert.match(stdout, /Layer 3 .*198 K/);
    assert.ok(!stdout.includes('\u001B'), 'no colour where there is no terminal');
    assert.match(stderr, /100 % · 3\.21 MB of 3\.21 MB · 30 of 30 matrices/);
    assert.match(
      readFileSync(join(scratch, 'grpo.md'), 'utf8'),
      /\n\*\*In the range of published RLVR runs\*\* \(`rlvr-range`\)\n/,
    );
    const csv = readFileSync(join(scratch, 'grpo.csv'), 'utf8').trimEnd().split('\r\n');
    assert.equal(csv.length, 1 + 39);
    assert.deepEqual(
      readdirSync(scratch).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('recalls finished tensors to the last digit, multiplies nothing again, and computes anew when asked', async () => {
    const matching = ['--match', 'self_attn\\.[qv]'];
    const later = await reportOf(base, sft, '--match', 'layers\\.[23]\\.self_attn\\.q');
    assert.ok(later.timings.gemmMs > 0);
    // Two of the matrices are recalled before those that come first in the plan are measured.
    const partly = await reportOf(base, sft, ...matching);
    const recalled = await reportOf(base, sft, ...matching);
    const anew = await reportOf(base, sft, ...matching, '--no-cache');
    assert.ok(partly.timings.gemmMs > 0 && anew.timings.gemmMs > 0);
    assert.equal(recalled.timings.gemmMs, 0);
    assert.deepEqual(measurements(partly), measurements(anew));
    assert.deepEqual(measurements(recalled), measurements(anew));
  });

  it('finds the genuine SFT run in the published range', async () => {
    const report = await reportOf(base, sft, '--no-cache');
    assertValid(report);
    assert.equal(report.summary.regime.name, 'sft-range');
    close(report.summary.geometry.value?.rotationMeanDeg, 12.164138744787106, 1e-6);
    close(report.summary.geometry.value?.spectralDriftTopK, 0.05201920805103545, 1e-6);
  });

  it('gives the same numbers twice, and on any number of threads, to the last rounding of a product', async () => {
    const args = [base, sft, '--no-cache', '--match', 'layers\\.1\\.(mlp|input)'];
    const [one, again, three] = [
      await reportOf(...args, '--threads', '1'),
      await reportOf(...args, '--threads', '1'),
      await reportOf(...args, '--threads', '3'),
    ];
    assert.deepEqual(measurements(again), measurements(one));
    const streamed = ({ tensors }: Report): object =>
      tensors.map(({ name, precision, anchor }) => ({ name, precision, anchor }));
    assert.deepEqual(streamed(three), streamed(one));
    const [expected, found] = [one.summary.geometry.value, three.summary.geometry.value];
    assert.ok(expected && found);
    close(found.rotationMeanDeg, expected.rotationMeanDeg, 1e-9);
    close(found.spectralDriftTopK, expected.spectralDriftTopK ?? 0, 1e-9);
    assert.deepEqual(found.maskCounts, expected.maskCounts);
  });

  it('measures only the gates that are asked for, and still follows the schema', async () => {
    const report = await reportOf(base, grpo, '--gates', 'precision,anchor', '--no-cache');
    assertValid(report);
    assert.equal(report.engine.gemm, 'none');
    assert.equal(report.summary.geometry.value, null);
    assert.equal(report.summary.regime.name, 'rlvr-range');
  });

  it('calls a checkpoint compared with itself unchanged', async () => {
    const report = await reportOf(base, base, '--no-cache');
    assertValid(report);
    assert.equal(report.summary.regime.name, 'unchanged');
    assert.ok(report.tensors.every(({ identical }) => identical));
  });

  it('is quiet when told to be', async () => {
    const { status, stdout, stderr } = await threeGate([
      'analyze',
      base,
      grpo,
      '--quiet',
      '--json',
      'quiet.json',
    ]);
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
    assertValid(JSON.parse(readFileSync(join(scratch, 'quiet.json'), 'utf8')));
  });

  it('exits with 2 and one sentence when the input or the call makes no sense', async () => {
    writeFileSync(join(scratch, 'page.safetensors'), '<!DOCTYPE html><html><body>404</body></html>');
    const cases: [string[], RegExp][] = [
      [['analyze', 'nowhere', sft], /^three-gate: .*nowhere.*\n$/],
      [['analyze', base, 'page.safetensors'], /^three-gate: .*page\.safetensors.*\n$/],
      [['analyze', base, grpo, '--match', 'no-such-tensor'], /^three-gate: None of the 39 tensors.*\n$/],
      [['analyze', base, grpo, '--match', '('], /--match <regex>.*is invalid/],
      [['analyze', base, grpo, '--rank', '0'], /--rank <k>.*at least 1/],
      [['analyze', base, grpo, '--rank', '1.5'], /--rank <k>.*whole number/],
      [['analyze', base, grpo, '--alpha', '1'], /--alpha <share>.*between 0 and 1/],
      [['analyze', base, grpo, '--eta', 'x'], /--eta <tolerance>.*number/],
      [
        ['analyze', base, grpo, '--gates', 'anchor,kl'],
        /"kl" is no gate; the gates are anchor, geometry, precision/,
      ],
      [['analyze', base, grpo, '--profile', 'all'], /Allowed choices are default, published/],
      [['analyze', base, grpo, '--engine', 'cuda'], /Allowed choices are auto, native, wasm/],
      [['analyze', base], /missing required argument 'tuned'/],
      [['analyse', base, grpo], /unknown command/],
      [['inspect', 'nowhere'], /^three-gate: .*nowhere.*\n$/],
    ];
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await threeGate(args);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, message);
      assert.equal(stdout, '');
      assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    }
  });

  it('exits with 2 and leaves nothing behind when a file cannot be written', async () => {
    const args = ['analyze', base, grpo, '--gates', 'precision', '--quiet', '--json', 'no/such/folder.json'];
    const { status, stderr } = await threeGate(args);
    assert.equal(status, 2);
    assert.match(stderr, /^three-gate: no\/such\/folder\.json could not be written: .*\n$/);
  });

  it('exits with 3 when part of a checkpoint cannot be read, and reports the rest', async () => {
    // Three shards, of which one lost its end.
    const broken = join(scratch, 'broken');
    shard(grpo, broken);
    truncateSync(join(broken, 'model-00002-of-00003.safetensors'), 4096);
    const { status, stderr } = await threeGate([
      'analyze',
      base,
      broken,
      '--no-cache',
      '--json',
      'broken.json',
    ]);
    assert.equal(status, 3, stderr);
    const report: unknown = JSON.parse(readFileSync(join(scratch, 'broken.json'), 'utf8'));
    assertValid(report);
    assert.ok(report.coverage.share > 0.5 && report.coverage.share < 0.9);
    assert.ok(report.coverage.notCompared.every(({ reason }) => reason.code === 'file-truncated'));
    assert.equal(report.summary.regime.name, 'inconclusive');
  });

  it('does not depend on how the files are sharded', async () => {
    const sharded = join(scratch, 'sharded');
    shard(grpo, sharded);
    const gates = ['--gates', 'anchor,precision', '--no-cache'];
    const [whole, parts] = [await reportOf(base, grpo, ...gates), await reportOf(base, sharded, ...gates)];
    assert.equal(parts.pair.tuned.files.length, 3);
    // The log beside them is the same; only where it lies differs.
    const told = (report: Report): object => {
      const { kl, meanCurvatureLength: length, ...summary } = report.summary;
      const [logged, read] = [{ ...kl.value, file: '' }, length && { ...length, file: '' }];
      return { ...measurements(report), summary, logged, read };
    };
    assert.deepEqual(told(parts), told(whole));
  });

  it('stops at Ctrl-C with 130, whatever it is doing, and keeps nothing half-written', async () => {
    for (const moment of [/\d %/, /[2-8]\d %/]) {
      const args = ['analyze', base, grpo, '--no-cache', '--json', 'stopped.json', '--csv', 'stopped.csv'];
      const { status, stdout, stderr } = await threeGate(args, moment);
      assert.equal(status, 130, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /Interrupted: \d+ of 39 tensors were measured, nothing was written\.\n$/);
    }
    assert.deepEqual(
      readdirSync(scratch).filter((name) => name.includes('stopped')),
      [],
    );
  });
});

describe('three-gate inspect', () => {
  it('lists what a checkpoint holds', async () => {
    const { status, stdout } = await threeGate(['inspect', grpo]);
    assert.equal(status, 0);
    assert.match(stdout, /parameters +802 K in 39 tensors \(BF16 802 K\)/);
    assert.match(stdout, /step +100/);
    assert.match(stdout, /model\.layers\.0\.mlp\.down_proj\.weight +BF16 +128 × 344 +44\.0 K +88\.1 kB/);
  });

  it('exits with 3 and names the problem when a shard is missing', async () => {
    const missing = join(scratch, 'missing');
    shard(grpo, missing);
    rmSync(join(missing, 'model-00003-of-00003.safetensors'));
    const { status, stdout } = await threeGate(['inspect', missing]);
    assert.equal(status, 3);
    assert.match(stdout, /Problems\n.*model-00003-of-00003\.safetensors/);
  });
});

function close(actual: number | undefined | null, expected: number, relative: number): void {
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${String(actual)} is not ${expected}`,
  );
}

/** Copies a one-file checkpoint as three shards and an index. */
function shard(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  const file = readFileSync(join(from, 'model.safetensors'));
  rmSync(join(to, 'model.safetensors'));
  const headerBytes = Number(file.readBigUInt64LE(0));
  interface Entry {
    dtype: string;
    shape: number[];
    data_offsets: [number, number];
  }
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<string, Entry>;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  const map: Record<string, string> = {};
  for (let part = 0; part < 3; part++) {
    const name = `model-0000${part + 1}-of-00003.safetensors`;
    const mine = names.filter((_, index) => index % 3 === part);
    let offset = 0;
    const chunks: Buffer[] = [];
    const entries: Record<string, Entry> = {};
    for (const tensor of mine) {
      const entry = header[tensor];
      assert.ok(entry);
      const [start, end] = entry.data_offsets;
      chunks.push(file.subarray(8 + headerBytes + start, 8 + headerBytes + end));
      entries[tensor] = { ...entry, data_offsets: [offset, offset + end - start] };
      offset += end - start;
      map[tensor] = name;
    }
    const text = JSON.stringify(entries);
    const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(head.length));
    writeFileSync(join(to, name), Buffer.concat([length, head, ...chunks]));
  }
  writeFileSync(join(to, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }));
}
