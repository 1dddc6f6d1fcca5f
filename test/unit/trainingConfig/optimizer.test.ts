// Which optimizer, and how far one of Adam's steps reaches.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { optimizerOf, stepBoundOf } from '../../../src/engine/trainingConfig/optimizer.ts';
import { mergeReadings } from '../../../src/engine/trainingConfig/mergeReadings.ts';
import { formatOf, parseConfig } from '../../../src/engine/trainingConfig/openDocument.ts';
import { noFacts } from '../../../src/engine/trainingConfig/readers/reader.ts';
import { readDocument } from '../../../src/engine/trainingConfig/readers/readers.ts';
import type { TrainingConfig } from '../../../src/shared/report/training.ts';

function config(name: string, text: string): TrainingConfig | null {
  const format = formatOf(name);
  assert.ok(format !== null);
  const readings = readDocument(parseConfig(name, text, format), noFacts);
  return mergeReadings(
    readings.map((one) => ({ ...one, level: 0 })),
    'unknown',
  );
}

const trl = (lines: string): TrainingConfig | null =>
  config('grpo.yaml', `reward_funcs: [a]\nnum_generations: 8\nlearning_rate: 1.0e-6\n${lines}`);
const openRlhf = (flags: string): TrainingConfig | null =>
  config(
    'run.sh',
    `python3 -m openrlhf.cli.train_ppo_ray --pretrain a/b --actor_learning_rate 1e-6 ${flags}\n`,
  );

describe("Adam's bound on one step", () => {
  const cases: readonly (readonly [string, TrainingConfig | null, number | null, RegExp])[] = [
    ['of TRL by default', trl(''), Math.sqrt(100), /default of adamw_torch in TRL/],
    [
      'of stated betas',
      trl('adam_beta1: 0.8\nadam_beta2: 0.95\n'),
      2,
      /stated as adam_beta1 and adam_beta2$/,
    ],
    ['of one stated beta', trl('adam_beta2: 0.99\n'), Math.sqrt(10), /adam_beta2; else default of adamw/],
    ['is at least 1', trl('adam_beta1: 0.95\nadam_beta2: 0.9\n'), 1, /stated/],
    ['of OpenRLHF by default', openRlhf(''), Math.SQRT2, /default of adam in OpenRLHF/],
    ['of a list of betas', openRlhf('--adam_betas 0.9 0.999'), 10, /stated as adam_betas$/],
    ['of an 8-bit Adam', trl('optim: paged_adamw_8bit\n'), 10, /paged_adamw_8bit/],
    ['of SGD', trl('optim: sgd\n'), null, /known for Adam only, and the optimizer is sgd/],
    ['of GaLore', trl('optim: galore_adamw\n'), null, /known for Adam only/],
    ['of Muon', openRlhf('--actor.optim muon'), null, /muon/],
    ['of Adafactor', trl('optim: adafactor\n'), null, /adafactor/],
    ['without a config', null, null, /optimizer is not known/],
  ];
  for (const [name, from, expected, words] of cases) {
    it(name, () => {
      const { value, reason } = stepBoundOf(from);
      if (expected === null) assert.equal(value, null);
      else assert.ok(Math.abs((value?.value ?? 0) - expected) < 1e-12, String(value?.value));
      assert.match(value?.from ?? reason ?? '', words);
    });
  }

  it('holds for gradients of every kind, and is reached by none', () => {
    const [beta1, beta2] = [0.9, 0.95];
    const bound = Math.sqrt((1 - beta1) / (1 - beta2));
    let largest = 0;
    for (const grow of [0.5, 1, beta2 / beta1, 1.5, 4]) {
      let [m, v, gradient] = [0, 0, 1e-3];
      for (let step = 1; step <= 200; step++) {
        gradient *= grow;
        m = beta1 * m + (1 - beta1) * gradient;
        v = beta2 * v + (1 - beta2) * gradient ** 2;
        const moved = m / (1 - beta1 ** step) / Math.sqrt(v / (1 - beta2 ** step));
        largest = Math.max(largest, moved);
      }
    }
    assert.ok(largest <= bound && largest > 0.8 * bound, `${largest} of ${bound}`);
  });
});

describe('the optimizer', () => {
  it('is named with what says so', () => {
    assert.deepEqual(optimizerOf(trl('optim: sgd\n')), { name: 'sgd', from: 'stated as optim' });
    assert.deepEqual(optimizerOf(trl('')), { name: 'adamw_torch', from: 'default of TRL' });
    assert.equal(optimizerOf(null), null);
  });
});
