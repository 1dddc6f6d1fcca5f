// Through the command line: an adapter that changed nothing that could be measured is never told as an equal pair, and
// what it is instead is said in the sentence that every surface shows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Report } from '../../../src/shared/report/report.ts';
import { safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';

const root = resolve(import.meta.dirname, '../../..');
const fixtures = join(root, 'test/fixtures/field/adapters');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-never-equal-'));
const router = 'base_model.model.model.layers.0.mlp.gate';
const query = 'base_model.model.model.layers.0.self_attn.q_proj';

after(() => {
  rmSync(scratch, { recursive: true });
});

/** A folder of its own under `scratch`. */
function folder(name: string, files: Record<string, string | Uint8Array>): string {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

const zeros = (...shape: number[]): TensorSpec => ({
  dtype: 'F32',
  shape,
  data: new Uint8Array(4 * shape.reduce((product, size) => product * size, 1)),
});

function adapterFolder(
  name: string,
  tensors: Record<string, TensorSpec>,
  settings: Record<string, unknown> = {},
): string {
  return folder(name, {
    'adapter_config.json': JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4, ...settings }),
    'adapter_model.safetensors': safetensors(tensors),
  });
}

const base = join(fixtures, 'parameters/base');

function analyze(tuned: string, from = base): { status: number | null; report: Report } {
  const args = [join(root, 'dist/cli.cjs'), 'analyze', from, tuned, '--no-cache', '--quiet', '--json', '-'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, report: JSON.parse(stdout) as Report };
}

function refusal(tuned: string): { status: number | null; stderr: string } {
  const args = [join(root, 'dist/cli.cjs'), 'analyze', base, tuned, '--no-cache', '--quiet'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stderr };
}

describe('an adapter whose update is not measured', () => {
  it('gives no regime, and exit status 3, where no target could be placed', () => {
    // Small enough for coverage to stay above its limit.
    const tuned = adapterFolder('empty', {
      [`${router}.lora_A.weight`]: zeros(0),
      [`${router}.lora_B.weight`]: zeros(0),
    });
    const { status, report } = analyze(tuned);
    const { regime } = report.summary;
    assert.equal(status, 3);
    assert.equal(regime.name, 'inconclusive');
    assert.match(regime.sentence, /in 1 tensor could not be applied.*ZeRO-3 without gathering/);
    const { coverage } = report;
    assert.ok(coverage.share > 0.9);
    assert.equal(coverage.compared, coverage.elements - 24);
    assert.deepEqual(
      coverage.notCompared.map(({ elements, refusedUpdate }) => [elements, refusedUpdate]),
      [[24, true]],
    );
  });

  it('says why beside too little coverage', () => {
    const tuned = adapterFolder(
      'spoilt-stack',
      {
        'base_model.model.model.layers.0.mlp.experts.lora_A.weight': zeros(5, 8),
        'base_model.model.model.layers.0.mlp.experts.lora_B.weight': zeros(12, 5),
      },
      { target_parameters: ['experts.gate_up_proj'] },
    );
    const { status, report } = analyze(tuned);
    assert.equal(status, 3);
    assert.match(
      report.summary.regime.sentence,
      /of the parameters were compared.*rank 2 for each of 3 matrices/,
    );
  });

  it('says that lora_alpha is 0', () => {
    const tuned = adapterFolder(
      'alpha',
      {
        [`${query}.lora_A.weight`]: { dtype: 'F32', shape: [2, 8] },
        [`${query}.lora_B.weight`]: zeros(8, 2),
      },
      { lora_alpha: 0 },
    );
    const { status, report } = analyze(tuned);
    assert.equal(status, 0);
    assert.equal(report.summary.regime.name, 'unchanged');
    assert.match(report.summary.regime.sentence, /lora_alpha is 0 in .*no effect.*some mergers write 0/);
    assert.deepEqual(
      report.problems.map(({ code }) => code),
      ['adapter-no-effect'],
    );
  });

  it('is told when it lies unmerged within weights that are the base', () => {
    const tuned = join(scratch, 'inside');
    cpSync(base, tuned, { recursive: true });
    adapterFolder('inside/deep/lora_adapter', { [`${query}.lora_A.weight`]: zeros(2, 8) });
    const { status, report } = analyze(tuned);
    assert.equal(status, 0);
    assert.equal(report.summary.regime.name, 'unchanged');
    assert.match(
      report.summary.regime.sentence,
      /An adapter that was not merged lies in deep\/lora_adapter\//,
    );
    assert.deepEqual(
      report.problems.map(({ code }) => code),
      ['adapter-inside'],
    );
    assert.equal(
      report.training.findings.find(({ id }) => id === 'weights-unchanged')?.message.includes('config'),
      false,
    );
    // Weights that did change need no such word.
    const { report: other } = analyze(base, tuned);
    assert.deepEqual(other.problems, []);
  });
});

describe('folders that are no adapter of PEFT, or an empty one', () => {
  it('are errors that say what they are', () => {
    const factors = safetensors({ 'model.layers.0.self_attn.q_proj.lora_a': zeros(8, 2) });
    const mlx = { fine_tune_type: 'dora', lora_parameters: { rank: 2 } };
    const cases: [string, RegExp][] = [
      [
        folder('mlx', { 'adapter_config.json': JSON.stringify(mlx), 'adapters.safetensors': factors }),
        /is an adapter of MLX \(adapters\.safetensors, fine_tune_type dora\).*mlx_lm\.fuse --model BASE --adapter-path/,
      ],
      [join(scratch, 'mlx/adapters.safetensors'), /is an adapter of MLX/],
      [folder('mlx-bare', { '0000100_adapters.safetensors': factors }), /is an adapter of MLX/],
      [folder('no-weights', { 'adapter_config.json': '{"peft_type":"LORA"}' }), /without adapter weights/],
      [
        adapterFolder('no-tensors', {}),
        /adapter_model\.safetensors holds no tensor: it was saved without its weights/,
      ],
    ];
    for (const [path, message] of cases) {
      const { status, stderr } = refusal(path);
      assert.equal(status, 2, path);
      assert.match(stderr, message);
    }
  });
});
