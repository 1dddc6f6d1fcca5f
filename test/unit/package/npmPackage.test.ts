// The npm package, installed offline from its tarball: what it holds, and its use by command, by the Model Context Protocol and as
// a typed module. The examples of docs/api.md are compiled against its declarations and run.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Ajv } from 'ajv';
import { schemaVersion, type Report } from '../../../src/shared/report/report.ts';
import { runsSchemaVersion } from '../../../src/shared/report/runsReport.ts';
import { makeSandbox } from '../docs/sandbox.ts';
import { install, packedTargets } from './installed.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, code = '']) => code);

/** What only holds if the declarations say what the module does. */
const typed = `
import { analyze, schemaVersions, version, type Report, type TensorReport } from 'three-gate';
const versions: string[] = [version, schemaVersions.report, schemaVersions.runs];
const report: Report = await analyze('BASE', 'TUNED').report;
const tensor: TensorReport | undefined = report.tensors[0];
// @ts-expect-error a rank is a number
const refused: unknown = await analyze('BASE', 'TUNED', { options: { rank: 'many' } }).report.catch(String);
console.log(JSON.stringify({ versions, tensor: tensor?.name, refused }));
`;

describe('the npm package', () => {
  const sandbox = makeSandbox();
  let installed: ReturnType<typeof install>;
  before(() => {
    installed = install();
  });
  after(() => {
    installed.remove();
    sandbox.remove();
  });
  const report = (): Report => JSON.parse(readFileSync(join(sandbox.path, 'REPORT.json'), 'utf8')) as Report;

  it('holds the files of the committed list, and nothing that an installer acts on', () => {
    const listed = JSON.parse(readFileSync(join(root, '.ci/npmFiles.json'), 'utf8')) as string[];
    const platforms = packedTargets.map((target) => target.replace('-', '/'));
    const expected = listed.filter(
      (file) => !file.includes('/napi-v6/') || platforms.some((folder) => file.includes(`/${folder}/`)),
    );
    const whole =
      packedTargets.length > 0 ? expected : expected.filter((file) => !file.includes('runtime-node'));
    assert.deepEqual(installed.files, whole);
    for (const file of installed.files.filter(
      (each) => each.endsWith('package.json') && !each.includes('/cjs/'),
    )) {
      const text = readFileSync(join(installed.folder, 'node_modules/three-gate', file), 'utf8');
      const manifest = JSON.parse(text) as { scripts?: object; dependencies?: object };
      assert.equal(manifest.scripts, undefined, file);
      if (file !== 'package.json') assert.equal(manifest.dependencies, undefined, file);
    }
  });

  it('analyses by its command, with the native library and with WebAssembly', () => {
    const command = join(installed.folder, 'node_modules/.bin/three-gate');
    const pair = ['analyze', 'BASE', 'TUNED', '--quiet', '--json', 'REPORT.json'];
    const found = installed.run('npx', ['--offline', 'three-gate', '--version']);
    assert.equal(found.stdout.trim(), ownVersion(), found.stderr);
    for (const [engine, expected] of [
      ['wasm', 'wasm'],
      ['auto', packedTargets.length > 0 ? 'native' : 'wasm'],
    ] as const) {
      const { status, stderr } = installed.run(
        command,
        [...pair, '--engine', engine, '--no-cache'],
        sandbox.path,
      );
      assert.equal(status, 0, stderr);
      assert.equal(report().engine.gemm, expected);
      assert.equal(report().summary.regime.name, 'rlvr-range');
    }
  });

  it('gives reports that keep to the schema in it', () => {
    const code = "console.log(require.resolve('three-gate/report.schema.json'))";
    const { stdout, stderr } = installed.run(process.execPath, ['-e', code]);
    const schema = readFileSync(stdout.trim(), 'utf8');
    assert.equal(
      new Ajv({ allowUnionTypes: true }).validate(JSON.parse(schema) as object, report()),
      true,
      stderr,
    );
  });

  it('is a module with types, whose documented examples run', () => {
    const programs = [...examples, typed].map((code, index) => {
      writeFileSync(join(installed.folder, `example${index}.mts`), code);
      return `example${index}`;
    });
    assert.equal(programs.length > 5, true);
    const config = {
      compilerOptions: {
        ...{ target: 'es2022', lib: ['es2023'], module: 'nodenext', strict: true },
        ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
        ...{ typeRoots: [join(root, 'node_modules/@types')], types: ['node'] },
      },
      files: programs.map((name) => `${name}.mts`),
    };
    writeFileSync(join(installed.folder, 'tsconfig.json'), JSON.stringify(config));
    const compiled = installed.run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')]);
    assert.equal(compiled.status, 0, compiled.stdout);
    const outputs = programs.map((name) => {
      const { status, stdout, stderr } = installed.run(
        process.execPath,
        [join(installed.folder, `${name}.mjs`)],
        sandbox.path,
      );
      assert.equal(status, 0, `${name}: ${stderr}`);
      assert.notEqual(stdout, '', name);
      return stdout;
    });
    const told = outputs[outputs.length - 1] ?? '';
    const { versions, tensor, refused } = JSON.parse(told) as Record<string, unknown>;
    assert.equal(tensor, report().tensors[0]?.name);
    assert.match(String(refused), /options\.rank must be a whole number/u);
    const [own, ofReport, ofRuns] = versions as [string, string, string];
    assert.equal(own, ownVersion());
    assert.deepEqual([ofReport, ofRuns].map(Number.parseFloat).map(Math.floor), [
      schemaVersion,
      runsSchemaVersion,
    ]);
  });

  it('is the same by require, and says what it cannot open', () => {
    const code =
      "const api = require('three-gate'); api.inspect('not-there').catch((e) => console.log(e instanceof api.ThreeGateError, e.problem.code))";
    const { stdout, stderr } = installed.run(process.execPath, ['-e', code]);
    assert.equal(stdout, 'true not-found\n', stderr);
  });

  it('stops at once, and whoever waits is told by the reason of the signal', () => {
    const code = `
      import { analyze } from 'three-gate';
      const stop = new AbortController();
      const analysis = analyze('BASE', 'TUNED', { signal: stop.signal, options: { useCache: false } });
      const heard = [];
      try {
        for await (const { kind } of analysis) { heard.push(kind); stop.abort(new Error('enough')); }
      } catch (error) { console.log(heard[0], error.message); }
      analysis.report.catch(({ message }) => console.log(message));
    `;
    writeFileSync(join(installed.folder, 'stop.mjs'), code);
    const { stdout, stderr } = installed.run(
      process.execPath,
      [join(installed.folder, 'stop.mjs')],
      sandbox.path,
    );
    assert.equal(stdout, 'started enough\nenough\n', stderr);
  });

  it('serves the tools for assistants', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const env = installed.environment as Record<string, string>;
    const args = ['--offline', 'three-gate', 'mcp', '--root', join(root, 'test/fixtures/nano')];
    const transport = new StdioClientTransport({
      command: 'npx',
      args,
      cwd: installed.folder,
      env,
      stderr: 'ignore',
    });
    await client.connect(transport);
    try {
      const [base, tuned] = ['base', 'sft'].map((name) => join(root, 'test/fixtures/nano', name));
      const answer = await client.callTool({ name: 'analyze_pair', arguments: { base, tuned } });
      const { regime } = answer.structuredContent as { regime: string };
      assert.equal(regime, 'sft-range');
    } finally {
      await client.close();
    }
  });
});

function ownVersion(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}
