import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTraining } from '../../../src/engine/trainingConfig/readTraining.ts';
import type { ConfigConcept, ConfigEntry, TrainingEvidence } from '../../../src/shared/training.ts';
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

  it('tells an SFT run by its keys', async () => {
    const evidence = await readTraining(diskFileSystem, diskFileSystem.resolve(nano, 'sft'), request);
    assert.equal(evidence.config?.kind, 'sft');
    assert.equal(evidence.steps, 384);
    assert.equal(entry(evidence, 'klCoefficient'), undefined);
  });

  it('gives no config and no problem where nothing lies', async () => {
    const evidence = await readTraining(diskFileSystem, diskFileSystem.resolve('src/shared'), request);
    assert.equal(evidence.config, null);
    assert.deepEqual(evidence.problems, []);
    assert.equal(evidence.learningRatePeak, null);
  });
});
