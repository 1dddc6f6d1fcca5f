import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import {
  adviseOnConfig,
  mayBelong,
  placedProblem,
  reportCovers,
} from '../../../src/extension/diagnostics/configAdvice.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { sampleReport } from '../trainingConfig/sampleReport.ts';

const file = resolve('test/fixtures/nano/grpo/checkpoint-100/grpo_config.yaml');
const saved = readFileSync(file, 'utf8');

describe('advice on a config in the editor', () => {
  it('is about the text as it stands, not as it was saved', async () => {
    const before = await adviseOnConfig(nodeFileSystem, file, saved, null);
    assert.ok(before);
    assert.ok(!before.findings.some(({ id }) => id === 'kl-anchor-absent'));
    const after = await adviseOnConfig(nodeFileSystem, file, saved.replace('beta: 0.001', 'beta: 0.0'), null);
    const finding = after?.findings.find(({ id }) => id === 'kl-anchor-absent');
    assert.deepEqual(finding?.location, { file, line: 8, column: 1, length: 4 });
    assert.match(finding.evidence ?? '', /^measured kl: last /, 'the log beside the file counts');
  });

  it('cites the report once there is one', async () => {
    const report = sampleReport({ anchor: 'drifting', relativeDrift: 0.05 });
    const advice = await adviseOnConfig(nodeFileSystem, file, saved, report);
    const finding = advice?.findings.find(({ id }) => id === 'kl-anchor-not-holding');
    assert.match(finding?.evidence ?? '', /measured drift 5\.00 %/);
  });

  it('leaves files alone that are no training configs', async () => {
    for (const [name, text] of [
      ['docker-compose.yaml', 'services:\n  web:\n    image: nginx\n'],
      ['package.json', '{"name": "x", "seed": 1}'],
      ['model.yaml', 'lr: 1\nseed: 2\n'],
      ['notes.md', 'learning_rate: 1'],
    ] as const) {
      assert.equal(await adviseOnConfig(nodeFileSystem, resolve('/nowhere', name), text, null), null, name);
    }
  });

  it('gives every finding a place in the file', async () => {
    const text = 'reward_funcs: [a]\nnum_generations: 8\nlearning_rate: 1e-6\n';
    const advice = await adviseOnConfig(nodeFileSystem, resolve('/nowhere/grpo.yaml'), text, null);
    const finding = advice?.findings.find(({ id }) => id === 'kl-default-depends-on-version');
    assert.deepEqual(finding?.location, {
      file: resolve('/nowhere/grpo.yaml'),
      line: 1,
      column: 1,
      length: 0,
    });
  });

  it('reports a wrongly typed value at its place', async () => {
    const path = resolve('/nowhere/grpo.yaml');
    const text = 'reward_funcs: [a]\nnum_generations: many\nlearning_rate: 1e-6\n';
    const advice = await adviseOnConfig(nodeFileSystem, path, text, null);
    const places = advice?.problems.map(({ message }) => placedProblem(message, path));
    assert.deepEqual(places, [
      {
        location: { file: path, line: 2, column: 18, length: 0 },
        sentence: 'num_generations is the text "many", where a number is expected.',
      },
    ]);
  });
});

describe('a report and a config', () => {
  it('belong together when the run read that file', () => {
    const report = sampleReport();
    assert.equal(reportCovers(report, file), false);
    const config = {
      framework: 'TRL',
      frameworkVersion: null,
      kind: 'rl' as const,
      files: [file],
      entries: [],
    };
    assert.equal(reportCovers({ ...report, training: { ...report.training, config } }, file), true);
  });

  it('may belong together when the weights lie at or below the config', () => {
    assert.ok(mayBelong('/runs/a/checkpoint-100', '/runs/a/checkpoint-100/grpo.yaml'));
    assert.ok(mayBelong('/runs/a/checkpoint-100', '/runs/a/grpo.yaml'));
    assert.ok(!mayBelong('/runs/a', '/runs/b/grpo.yaml'));
  });
});
