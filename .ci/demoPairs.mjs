// The four demo pairs of one base: two kinds of training, the control that tells what size alone does, and one in between.
import { join } from 'node:path';

export const demoBase = 'test/fixtures/nano/base';

/** @type {readonly { file: string, title: string, short: string, tuned: string }[]} */
export const demoPairs = [
  {
    file: 'grpo',
    title: 'Tuned by reinforcement learning (GRPO, step 100)',
    short: 'GRPO, 100 steps',
    tuned: 'test/fixtures/nano/grpo/checkpoint-100',
  },
  {
    file: 'noise',
    title: 'Noise as large as that update: nothing was trained',
    short: 'noise of the same size',
    // Written by test/support/writeDemoNoise.ts.
    tuned: 'dist/demo-noise',
  },
  {
    file: 'sft-low',
    title: 'Tuned by supervised fine-tuning at a low learning rate (5e-6)',
    short: 'SFT, learning rate 5e-6',
    tuned: 'test/fixtures/nano/sft-low/checkpoint-50',
  },
  {
    file: 'sft',
    title: 'Tuned by supervised fine-tuning',
    short: 'SFT',
    tuned: 'test/fixtures/nano/sft',
  },
];

/** @param {string} file */
export const demoReport = (file) => join('dist', `demo-${file}.json`);
