// `npm run make-pair -- --shape qwen2.5-1.5b --update rlvr --out DIR [--seed N] [--update-seed N] [--layers N] [--vocabulary N] [--shard-gb N]`
// Writes DIR/base and DIR/tuned: a checkpoint with the shapes of a real model, and the same after a run of RLVR or SFT.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CheckpointWriter } from './checkpointWriter.ts';
import { type ModelShape, configOf, modelShapes, tensorsOf } from './modelShapes.ts';
import { type UpdateKind, syntheticPair } from './syntheticWeights.ts';

const usage = `make-pair --shape ${Object.keys(modelShapes).join('|')} --update rlvr|sft --out DIR [--seed N] [--update-seed N] [--layers N] [--vocabulary N] [--shard-gb N]`;

export interface PairRequest {
  shape: ModelShape;
  update: UpdateKind;
  out: string;
  seed: number;
  /** Of the update, whatever the base; `seed` when absent. */
  updateSeed?: number;
  shardBytes: number;
}

export function makePair(request: PairRequest, onTensor: (name: string) => void): void {
  const { shape, update, out, seed, updateSeed = seed, shardBytes } = request;
  const tensors = tensorsOf(shape);
  const base = new CheckpointWriter(join(out, 'base'), tensors, shardBytes);
  const tuned = new CheckpointWriter(join(out, 'tuned'), tensors, shardBytes);
  for (const writer of [base, tuned]) writer.text('config.json', configOf(shape));
  writeRun(tuned, update, seed);
  for (const tensor of tensors) {
    onTensor(tensor.name);
    const pair = syntheticPair(tensor.name, tensor.shape, update, seed, updateSeed);
    const left = new Uint16Array(pair.columns);
    const right = new Uint16Array(pair.columns);
    for (let row = 0; row < pair.rows; row++) {
      pair.fill(row, left, right);
      base.row(tensor, left);
      tuned.row(tensor, right);
    }
  }
  base.close();
  tuned.close();
}

/** The least that a trainer leaves beside its weights. */
function writeRun(writer: CheckpointWriter, update: UpdateKind, seed: number): void {
  const learningRate = update === 'rlvr' ? 1e-6 : 1e-5;
  const steps = 100;
  writer.text('trainer_state.json', {
    global_step: steps,
    max_steps: steps,
    log_history: Array.from({ length: 10 }, (_, i) => ({
      step: (i + 1) * (steps / 10),
      learning_rate: learningRate,
      ...(update === 'rlvr' ? { kl: 0.0004 * (i + 1) } : { loss: 1 - 0.05 * i }),
    })),
  });
  const config = [
    'model_name_or_path: ../base',
    'bf16: true',
    `learning_rate: ${learningRate.toExponential()}`,
    'lr_scheduler_type: constant',
    `max_steps: ${steps}`,
    ...(update === 'rlvr' ? ['beta: 0.001', 'num_generations: 8', 'loss_type: grpo'] : ['packing: false']),
    `seed: ${seed}`,
  ];
  writer.text(update === 'rlvr' ? 'grpo_config.yaml' : 'sft_config.yaml', `${config.join('\n')}\n`);
}

function requestOf(args: string[]): PairRequest {
  const { values } = parseArgs({
    args,
    options: {
      shape: { type: 'string' },
      update: { type: 'string' },
      out: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'update-seed': { type: 'string' },
      layers: { type: 'string' },
      vocabulary: { type: 'string' },
      'shard-gb': { type: 'string', default: '2' },
    },
  });
  const shape = modelShapes[values.shape ?? ''];
  const { update, out } = values;
  const layers = values.layers === undefined ? shape?.layers : Number(values.layers);
  const vocabulary = values.vocabulary === undefined ? shape?.vocabulary : Number(values.vocabulary);
  const seed = Number(values.seed);
  const updateSeed = Number(values['update-seed'] ?? seed);
  const shardBytes = Number(values['shard-gb']) * 2 ** 30;
  if (
    shape === undefined ||
    layers === undefined ||
    vocabulary === undefined ||
    !Number.isInteger(layers) ||
    !Number.isInteger(vocabulary) ||
    !Number.isInteger(seed) ||
    !Number.isInteger(updateSeed) ||
    !(shardBytes > 0) ||
    (update !== 'rlvr' && update !== 'sft') ||
    out === undefined
  ) {
    throw new Error(usage);
  }
  return { shape: { ...shape, layers, vocabulary }, update, out, seed, updateSeed, shardBytes };
}

if (process.argv[1] === import.meta.filename) {
  const request = requestOf(process.argv.slice(2));
  const start = performance.now();
  makePair(request, (name) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `wrote ${join(request.out, 'base')} and ${join(request.out, 'tuned')} in ${seconds.toFixed(1)} s`,
  );
}
