import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readTraining } from '../../../src/engine/trainingConfig/readTraining.ts';
import type { ConfigConcept, ConfigEntry, TrainingEvidence } from '../../../src/shared/report/training.ts';
import { diskFileSystem } from './diskFileSystem.ts';

const nano = 'test/fixtures/nano';
const request = { configPaths: null, basePath: null };

function entry(evidence: TrainingEvidence, concept: ConfigConcept): ConfigEntry | undefined {
  return evidence.config?.entries.find((candidate) => candidate.concept === concept);
}

describe('readTraining', () => {
  it('finds a GRPO run beside its checkpoint', async () => {
    const evidence = await readTraining(
      diskFileSystem,
      diskFileSystem.resolve(nano, 'grpo/checkpoint-100'),
      request,
    );
    assert.deepEqual(evidence.problems, []);
    assert.equal(evidence.config?.framework, 'TRL');
    assert.equal(evidence.config.kind, 'rl');
    const file = diskFileSystem.resolve(nano, 'grpo/checkpoint-100/grpo_config.yaml');
    assert.deepEqual(entry(evidence, 'klCoefficient'), {
      concept: 'klCoefficient',
      key: 'beta',
      value: 0.001,
      origin: 'stated',
      defaultNote: null,
      gate: 'anchor',
      location: { file, line: 8, column: 1, length: 4 },
      valueLocation: { file, line: 8, column: 7, length: 5 },
    });
    const kl = evidence.logs.find((series) => series.signal === 'klReference');
    assert.equal(kl?.key, 'kl');
    assert.equal(kl.estimator, 'k3');
    assert.equal(kl.count, 100);
  });

  it('takes peak, sum and steps of the learning rate from the log, up to the checkpoint', async () => {
    const evidence = await readTraining(
      diskFileSystem,
      diskFileSystem.resolve(nano, 'grpo/checkpoint-100'),
      request,
    );
    assert.equal(evidence.steps, 100);
    assert.equal(evidence.learningRatePeak, 5e-6);
    // 10 warm-up steps of 0.5e-6 … 5e-6, then 90 at 5e-6.
    assert.ok(Math.abs((evidence.learningRateSum ?? 0) - (5.5 * 5e-6 + 90 * 5e-6)) < 1e-15);
  });

  it('finds the KL in the console log beside the run, and only in files that are one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'three-gate-console-'));
    const tuned = join(folder, 'run', 'global_step_20', 'actor');
    mkdirSync(tuned, { recursive: true });
    const rows = Array.from(
      { length: 20 },
      (_, index) => `(TaskRunner pid=1) step:${index + 1} - actor/kl_loss:${index / 1e4}`,
    );
    try {
      writeFileSync(join(folder, 'run', 'server.log'), 'started\n'.repeat(100));
      writeFileSync(join(folder, 'run', 'train.log'), `${'setting up\n'.repeat(50_000)}${rows.join('\n')}\n`);
      const evidence = await readTraining(diskFileSystem, tuned, request);
      assert.deepEqual(evidence.problems, []);
      assert.deepEqual(
        evidence.logs.map(({ key, count, last }) => [key, count, last]),
        [['actor/kl_loss', 20, 0.0019]],
      );
      const server = await readTraining(diskFileSystem, tuned, {
        ...request,
        configPaths: [join(folder, 'run', 'server.log'), join(folder, 'run', 'train.py')],
      });
      assert.match(server.problems[0]?.message ?? '', /train\.py is a Python program, which is not run/);
      assert.match(server.problems[1]?.message ?? '', /server\.log holds no line like "step:3/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells an SFT run by its keys', async () => {
    const evidence = await readTraining(diskFileSystem, diskFileSystem.resolve(nano, 'sft'), request);
    assert.equal(evidence.config?.kind, 'sft');
    assert.equal(evidence.steps, 384);
    assert.equal(entry(evidence, 'klCoefficient'), undefined);
  });

  it('opens no large file far above the checkpoint, and every one beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'three-gate-training-'));
    const tuned = join(folder, 'run', 'checkpoint-100');
    mkdirSync(tuned, { recursive: true });
    const large = JSON.stringify({ learning_rate: 1e-6, notes: 'x'.repeat(200_000) });
    const opened: string[] = [];
    const fileSystem = {
      ...diskFileSystem,
      readText: (path: string, maxBytes: number) => {
        opened.push(path);
        return diskFileSystem.readText(path, maxBytes);
      },
    };
    try {
      const [far, near] = [join(folder, 'far.json'), join(tuned, 'near.json')];
      writeFileSync(far, large);
      writeFileSync(near, large);
      const evidence = await readTraining(fileSystem, tuned, request);
      assert.ok(opened.includes(near));
      assert.ok(!opened.includes(far));
      assert.deepEqual(evidence.problems, []);
      await readTraining(fileSystem, tuned, { ...request, configPaths: [far] });
      assert.ok(opened.includes(far), 'a file that the user names is opened');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives no config and no problem where nothing lies', async () => {
    const evidence = await readTraining(diskFileSystem, diskFileSystem.resolve('src/shared'), request);
    assert.equal(evidence.config, null);
    assert.deepEqual(evidence.problems, []);
    assert.equal(evidence.learningRatePeak, null);
  });
});
