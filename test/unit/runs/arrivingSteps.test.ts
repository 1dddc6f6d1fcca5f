// When a checkpoint that is being written counts as complete: on genuine checkpoints, written in every wrong state.
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { ArrivingSteps } from '../../../src/engine/runs/arrivingSteps.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { ImitatedTrainer } from '../../support/imitatedTrainer.ts';

const fixtures = resolve(import.meta.dirname, '../../fixtures');
const scratch = mkdtempSync(join(tmpdir(), 'three-gate-arriving-'));
let runs = 0;

after(() => {
  rmSync(scratch, { recursive: true });
});

function newRun(): { trainer: ImitatedTrainer; arriving: ArrivingSteps } {
  runs += 1;
  const folder = join(scratch, `run-${runs}`);
  const trainer = new ImitatedTrainer(join(fixtures, 'runs/rl-a'), folder);
  return { trainer, arriving: new ArrivingSteps(nodeFileSystem, folder, (text) => text) };
}

/** Two looks; the second one finds what is quiet. */
async function settled(arriving: ArrivingSteps): ReturnType<ArrivingSteps['look']> {
  await arriving.look();
  return arriving.look();
}

/** The steps, and why others wait. */
function told({ arrived, waiting }: Awaited<ReturnType<ArrivingSteps['look']>>): object {
  return { arrived: arrived.map(({ step }) => step), waiting: waiting.map(({ step }) => step) };
}

describe('a checkpoint of a run that trains', () => {
  it('is nothing before the run has a folder', async () => {
    const { arriving } = newRun();
    assert.deepEqual(told(await settled(arriving)), { arrived: [], waiting: [] });
  });

  it('arrives at the second look that finds it the same, and once', async () => {
    const { trainer, arriving } = newRun();
    trainer.finish(50);
    const first = await arriving.look();
    assert.deepEqual(told(first), { arrived: [], waiting: [50] });
    assert.equal(first.waiting[0]?.reason, null);
    const [step] = (await arriving.look()).arrived;
    assert.equal(step?.path, trainer.pathOf(50));
    arriving.take(step.path, step.weights);
    assert.deepEqual(told(await arriving.look()), { arrived: [], waiting: [] });
  });

  it('is waited for while its weights are shorter than their header says, and said why', async () => {
    const { trainer, arriving } = newRun();
    trainer.saveHalf(50);
    const look = await settled(arriving);
    assert.deepEqual(told(look), { arrived: [], waiting: [50] });
    assert.match(look.waiting[0]?.reason ?? '', /model\.safetensors .*truncated/);
    trainer.finish(50);
    assert.deepEqual(told(await settled(arriving)), { arrived: [50], waiting: [] });
  });

  it('is waited for at every length of a file that is written', async () => {
    for (const share of [0, 1e-5, 1e-3, 0.02, 0.3, 0.9999]) {
      const { trainer, arriving } = newRun();
      trainer.saveHalf(50, share);
      assert.deepEqual(told(await settled(arriving)), { arrived: [], waiting: [50] }, `share ${share}`);
    }
  });

  it('is waited for while a file of full length changes, or one is written beside it', async () => {
    const { trainer, arriving } = newRun();
    trainer.finish(50);
    await arriving.look();
    const weights = join(trainer.pathOf(50), 'model.safetensors');
    utimesSync(weights, 1_700_000_000, 1_700_000_000);
    assert.deepEqual(told(await arriving.look()), { arrived: [], waiting: [50] });
    appendFileSync(join(trainer.pathOf(50), 'optimizer.pt'), 'more');
    assert.deepEqual(told(await arriving.look()), { arrived: [], waiting: [50] });
    assert.deepEqual(told(await arriving.look()), { arrived: [50], waiting: [] });
  });

  it('does not wait for a log that grows beside it', async () => {
    const { trainer, arriving } = newRun();
    trainer.finish(50);
    await arriving.look();
    writeFileSync(join(trainer.pathOf(50), 'train.log'), 'step 51');
    assert.deepEqual(told(await arriving.look()), { arrived: [50], waiting: [] });
  });

  it('is waited for while a shard of it is missing, with and without an index', async () => {
    const { trainer, arriving } = newRun();
    const sharded = trainer.pathOf(10);
    mkdirSync(sharded, { recursive: true });
    const whole = join(fixtures, 'runs/rl-a/checkpoint-50/model.safetensors');
    cpSync(whole, join(sharded, 'model-00001-of-00002.safetensors'));
    const look = await settled(arriving);
    assert.deepEqual(told(look), { arrived: [], waiting: [10] });
    assert.match(look.waiting[0]?.reason ?? '', /model-00002-of-00002\.safetensors is missing/);
    const index = { weight_map: { absent: 'model-00002-of-00002.safetensors' } };
    writeFileSync(join(sharded, 'model.safetensors.index.json'), JSON.stringify(index));
    assert.deepEqual(told(await settled(arriving)), { arrived: [], waiting: [10] });
  });

  it('is an adapter only with its settings', async () => {
    const { trainer, arriving } = newRun();
    const lora = join(fixtures, 'adapters/genuine/lora');
    mkdirSync(trainer.pathOf(75), { recursive: true });
    cpSync(join(lora, 'adapter_model.safetensors'), join(trainer.pathOf(75), 'adapter_model.safetensors'));
    const look = await settled(arriving);
    assert.deepEqual(told(look), { arrived: [], waiting: [75] });
    assert.match(look.waiting[0]?.reason ?? '', /adapter_config\.json/);
    cpSync(lora, trainer.pathOf(75), { recursive: true });
    assert.deepEqual(told(await settled(arriving)), { arrived: [75], waiting: [] });
  });

  it('is forgotten when it vanishes, and arrives again when it is written anew', async () => {
    const { trainer, arriving } = newRun();
    trainer.finish(50);
    trainer.finish(100);
    const { arrived } = await settled(arriving);
    for (const { path, weights } of arrived) arriving.take(path, weights);
    trainer.remove(50);
    assert.deepEqual(told(await settled(arriving)), { arrived: [], waiting: [] });
    trainer.finish(50);
    utimesSync(join(trainer.pathOf(50), 'model.safetensors'), 1_700_000_000, 1_700_000_000);
    assert.deepEqual(told(await settled(arriving)), { arrived: [50], waiting: [] });
  });

  it('is not taken anew when only what lies beside its weights changes', async () => {
    const { trainer, arriving } = newRun();
    trainer.finish(50);
    const [step] = (await settled(arriving)).arrived;
    arriving.take(step?.path ?? '', step?.weights ?? '');
    rmSync(join(trainer.pathOf(50), 'optimizer.pt'));
    assert.deepEqual(told(await settled(arriving)), { arrived: [], waiting: [] });
  });

  it('is known to have changed while it was read', async () => {
    const { trainer, arriving } = newRun();
    trainer.finish(50);
    const [step] = (await settled(arriving)).arrived;
    assert.ok(step !== undefined, 'it arrives');
    assert.equal(await arriving.isStill(step), true);
    utimesSync(join(step.path, 'model.safetensors'), 1_700_000_000, 1_700_000_000);
    assert.equal(await arriving.isStill(step), false);
    trainer.remove(50);
    assert.equal(await arriving.isStill(step), false);
  });
});
