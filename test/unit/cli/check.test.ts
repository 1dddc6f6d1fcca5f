// The built `three-gate check`: limits against a pair, a report and a pair file, what it writes and exits with.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import type { Report } from '../../../src/shared/report/report.ts';

const root = resolve(import.meta.dirname, '../../..');
const nano = join(root, 'test/fixtures/nano');
const [base, sft] = [join(nano, 'base'), join(nano, 'sft')];
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-check-'));

after(() => {
  rmSync(scratch, { recursive: true });
});

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

async function threeGate(...args: string[]): Promise<Finished> {
  const child = spawn(process.execPath, [join(root, 'dist/cli.cjs'), ...args], {
    cwd: scratch,
    env: { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache'), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const finished: Finished = { status: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (finished.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (finished.stderr += text));
  [finished.status] = (await once(child, 'close')) as [number | null];
  return finished;
}

/** A limits file in the working directory. */
function limits(name: string, ...lines: string[]): string {
  writeFileSync(join(scratch, name), `limits:\n${lines.map((line) => `  - ${line}\n`).join('')}`);
  return name;
}

const matching = ['--match', 'layers\\.0\\.self_attn\\.q'];

describe('three-gate check', () => {
  before(async () => {
    const file = limits('broken.yaml', 'coverage >= 0', 'q_proj: relativeDrift <= 0.01');
    const { status, stdout, stderr } = await threeGate(
      ...['check', base, sft, ...matching, '--limits', file],
      ...['--json', 'report.json', '--junit', 'junit.xml', '--sarif', 'limits.sarif', '--github'],
    );
    assert.equal(status, 4, stderr);
    assert.match(
      stdout,
      /1 of 2 limits is broken\n[^\n]*\n {4}○ q_proj: relativeDrift <= 0\.01 +0\.\d+ +≤ 0\.01 +model\.layers\.0\.self_attn\.q_proj\.weight\n {4}● coverage/,
    );
    assert.match(stdout, /::error file=broken\.yaml,line=3,col=5,title=/);
  });

  it('writes a report with its limits, which follows the schema', () => {
    const schema = JSON.parse(readFileSync(join(root, 'dist/report.schema.json'), 'utf8')) as object;
    const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile<Report>(schema);
    const report: unknown = JSON.parse(readFileSync(join(scratch, 'report.json'), 'utf8'));
    assert.ok(validate(report), JSON.stringify(validate.errors));
    assert.equal(report.limits?.broken, 1);
    const [tensor] = report.tensors;
    assert.equal(report.limits.limits[1]?.broken[0]?.value, tensor?.anchor.value?.relativeDrift);
  });

  it('writes JUnit XML and SARIF', () => {
    assert.match(readFileSync(join(scratch, 'junit.xml'), 'utf8'), /tests="2" failures="1"/);
    const sarif = JSON.parse(readFileSync(join(scratch, 'limits.sarif'), 'utf8')) as {
      runs: { results: { ruleId: string }[] }[];
    };
    assert.deepEqual(
      sarif.runs[0]?.results.map(({ ruleId }) => ruleId),
      ['relativeDrift'],
    );
  });

  it('judges a report again without reading any weights', async () => {
    const report = JSON.parse(readFileSync(join(scratch, 'report.json'), 'utf8')) as Report;
    report.pair.base.path = report.pair.tuned.path = '/nowhere';
    writeFileSync(join(scratch, 'moved.json'), JSON.stringify(report));
    const good = limits('good.yaml', 'q_proj: relativeDrift <= 10');
    const { status, stdout } = await threeGate('check', 'moved.json', '--limits', good);
    assert.deepEqual([status, stdout.includes('the limit holds')], [0, true]);
    const quiet = await threeGate('check', 'moved.json', '--limits', 'broken.yaml', '--quiet');
    assert.deepEqual([quiet.status, quiet.stdout], [4, '']);
    assert.match(
      quiet.stderr,
      /^three-gate: the limit "q_proj: relativeDrift <= 0\.01" is broken: relativeDrift is /,
    );
  });

  it('takes a pair file with limits of its own, or the path of a file', async () => {
    const pair = { base, tuned: sft, options: { match: matching[1] } };
    writeFileSync(
      join(scratch, 'own.threegate'),
      JSON.stringify({ ...pair, limits: ['relativeDrift <= 0.01'] }),
    );
    writeFileSync(join(scratch, 'file.threegate'), JSON.stringify({ ...pair, limits: 'good.yaml' }));
    limits('good.yaml', 'q_proj: relativeDrift <= 10');
    const own = await threeGate('check', 'own.threegate', '--quiet');
    assert.equal(own.status, 4, own.stderr);
    const file = await threeGate('check', 'file.threegate', '--quiet');
    assert.deepEqual([file.status, file.stderr], [0, '']);
  });

  it('ends before anything is measured where a limit would look at nothing', async () => {
    const file = limits('nothing.yaml', 'v_proj: relativeDrift <= 1');
    const { status, stderr, stdout } = await threeGate(
      'check',
      base,
      sft,
      ...matching,
      '--limits',
      file,
      '--quiet',
    );
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^three-gate: nothing\.yaml:2:5: "v_proj: relativeDrift <= 1" looks at nothing: /);
  });

  const refused: [string, string[], RegExp][] = [
    ['no limits', ['check', base, sft], /check needs limits/],
    [
      'a limits file that is not there',
      ['check', base, sft, '--limits', 'none.yaml'],
      /none\.yaml could not be read/,
    ],
    [
      'three checkpoints',
      ['check', base, sft, sft, '--limits', 'good.yaml'],
      /takes BASE and TUNED, or one file/,
    ],
    ['a report that is none', ['check', 'good.yaml', '--limits', 'good.yaml'], /good\.yaml is no report/],
    [
      'a limit on a gate that is left out',
      ['check', base, sft, '--limits', 'broken.yaml', '--gates', 'precision'],
      /broken\.yaml:3:5: relativeDrift needs the gate "anchor", which --gates precision leaves out\./,
    ],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}`, async () => {
      limits('good.yaml', 'relativeDrift <= 10');
      const { status, stderr } = await threeGate(...args);
      assert.equal(status, 2);
      assert.match(stderr, message);
    });
  }

  it('says which version a report of another one has', async () => {
    for (const [version, advice] of [
      [99, 'update Three-Gate'],
      [0, 'analyse the pair again'],
    ] as const) {
      writeFileSync(join(scratch, 'other.json'), JSON.stringify({ schemaVersion: version }));
      const { status, stderr } = await threeGate('check', 'other.json', '--limits', 'good.yaml');
      assert.equal(status, 2);
      assert.match(
        stderr,
        new RegExp(`schema version ${version}, and this Three-Gate reads version 2: ${advice}`),
      );
    }
  });
});
