// Adapters among the runs, and under a mask: the same counts as from the checkpoint that numpy merged.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import type { MaskReport } from '../../../src/shared/report/maskReport.ts';
import type { RunsReport } from '../../../src/shared/report/runsReport.ts';
import { readLayout } from '../masks/layout.ts';

const root = resolve(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures/adapters');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-adapter-members-'));
const merged = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<
  string,
  Record<string, { float32: string }>
>;

after(() => {
  rmSync(scratch, { recursive: true });
});

function threeGate(...args: string[]): string {
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache') };
  return execFileSync(process.execPath, [join(root, 'dist/cli.cjs'), ...args], {
    cwd: scratch,
    env,
    encoding: 'utf8',
  });
}

/** The base with numpy's float32 in place of every adapted tensor. */
function writeMerged(adapter: string): string {
  const base = join(fixtures, adapter.split('/')[0] ?? '', 'base/model.safetensors');
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of readLayout(readFileSync(base)).tensors) {
    const own = merged[adapter]?.[name];
    const data = own === undefined ? Buffer.from(bytes) : Buffer.from(own.float32, 'base64');
    header[name] = { dtype: own === undefined ? dtype : 'F32', shape, data_offsets: [at, at + data.length] };
    parts.push(data);
    at += data.length;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc(-json.length & 7, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const folder = join(scratch, adapter.replace('/', '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, padded, ...parts]));
  return folder;
}

function runsOf(base: string, ...tuned: string[]): RunsReport {
  return JSON.parse(threeGate('runs', base, ...tuned, '--no-cache', '--json', '-')) as RunsReport;
}

describe('an adapter as one of the runs', () => {
  for (const adapter of [
    'genuine/lora',
    'genuine/pissa',
    'made/dora',
    'made/olora',
    'made/fan-in-fan-out',
    'made/embedding',
  ]) {
    it(`changes the weights that merging ${adapter} would`, () => {
      const base = join(fixtures, adapter.split('/')[0] ?? '', 'base');
      const { overlap } = runsOf(base, join(fixtures, adapter), writeMerged(adapter));
      const { whole, tensors, notCompared } = overlap.value ?? assert.fail('no overlap');
      assert.deepEqual(notCompared, []);
      assert.ok((whole.changed[0] ?? 0) > 0);
      assert.equal(whole.changed[0], whole.changed[1]);
      assert.equal(whole.pairs[0]?.jaccard, 1);
      assert.deepEqual(
        tensors
          .filter(({ changed }) => (changed[0] ?? 0) > 0)
          .map(({ name }) => name)
          .sort(),
        Object.keys(merged[adapter] ?? {}).sort(),
      );
    });
  }

  it('names a tensor whose true update cannot be had, and compares the others', () => {
    const base = join(fixtures, 'genuine/residual');
    const { overlap } = runsOf(base, join(fixtures, 'genuine/pissa'), join(fixtures, 'genuine/base'));
    const codes = overlap.value?.notCompared.map(({ reason }) => reason.code) ?? [];
    assert.ok(codes.length > 0 && codes.every((code) => code === 'adapter-base-rewritten'), codes.join());
  });
});

describe('a mask held against an adapter', () => {
  it('counts what it counts against the merged checkpoint', () => {
    const base = join(fixtures, 'genuine/base');
    const [own, other] = [join(fixtures, 'genuine/lora'), writeMerged('genuine/lora')].map((tuned, at) => {
      const flags = ['--out', `mask-${at}.safetensors`, '--tuned', tuned, '--json', '-'];
      return JSON.parse(threeGate('mask', base, ...flags)) as MaskReport;
    });
    assert.ok((own?.whole.overlap.value?.changed ?? 0) > 0);
    assert.deepEqual(own?.whole, other?.whole);
  });

  it('is written though the update cannot be read, which it says', () => {
    const residual = join(fixtures, 'genuine/residual');
    const flags = [
      '--out',
      'residual.safetensors',
      '--tuned',
      join(fixtures, 'genuine/pissa'),
      '--json',
      '-',
    ];
    const report = JSON.parse(threeGate('mask', residual, ...flags)) as MaskReport;
    assert.ok(report.leftOut.every(({ name }) => name.includes('norm')));
    assert.ok(report.tensors.length > 0);
    assert.match(
      report.tensors[0]?.overlap.reason ?? '',
      /the residual that a PiSSA-like initialisation leaves/,
    );
  });

  it('takes its base and its update from where the command runs', () => {
    cpSync(join(fixtures, 'genuine/base'), join(scratch, 'here'), { recursive: true });
    const report = JSON.parse(
      threeGate('mask', 'here', '--out', 'm.safetensors', '--tuned', 'here', '--json', '-'),
    ) as MaskReport;
    assert.equal(report.base.path, join(scratch, 'here'));
    assert.equal(report.tuned?.path, join(scratch, 'here'));
  });
});
