// A folder in which the documents' commands run as they stand: their BASE and TUNED, their trainers' folders, genuine.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const nano = resolve(import.meta.dirname, '../../fixtures/nano');
const configs = resolve(import.meta.dirname, '../../fixtures/configs');
const grpo = join(nano, 'grpo/checkpoint-100');

/** Where a document's name lies in the fixtures. */
const places: Readonly<Record<string, string>> = {
  BASE: join(nano, 'base'),
  TUNED: grpo,
  RUN: join(nano, 'grpo'),
  OTHER: join(nano, 'sft-low/checkpoint-50'),
  CHECKPOINT: grpo,
  'out/checkpoint-500': grpo,
  'out/checkpoint-250': join(nano, 'sft-low/checkpoint-50'),
  'checkpoints/global_step_100/actor/huggingface': grpo,
  'ckpt/run': grpo,
  'saves/run/checkpoint-500': join(nano, 'sft'),
  'results/step_100/policy/weights': grpo,
};

/** Files that the documents name, each with one of ours. */
const copies: Readonly<Record<string, string>> = {
  'train.yaml': join(configs, 'llamafactory/qwen3_full_sft.yaml'),
  'train.sh': join(configs, 'openrlhf/train_ppo_ray_hybrid_engine.sh'),
  'outputs/DATE/TIME/.hydra/config.yaml': join(configs, 'verl/generated_ppo_trainer.yaml'),
};

interface Sandbox {
  path: string;
  remove(): void;
}

export function makeSandbox(): Sandbox {
  const path = mkdtempSync(join(tmpdir(), 'three-gate-docs-'));
  for (const [name, target] of Object.entries(places)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    symlinkSync(target, join(path, name));
  }
  for (const [name, source] of Object.entries(copies)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    cpSync(source, join(path, name));
  }
  writeFileSync(join(path, 'run.log'), 'step:1 - actor/kl_loss:0.001\nstep:2 - actor/kl_loss:0.002\n');
  writeFileSync(join(path, 'limits.yaml'), 'limits:\n  - relativeDrift <= 0.01\n');
  const pair = { base: 'BASE', tuned: 'TUNED', limits: ['relativeDrift <= 0.01'] };
  writeFileSync(join(path, 'PAIR.threegate'), JSON.stringify(pair));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
