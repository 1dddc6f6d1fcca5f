// A key removed, renamed or wrongly typed changes the entry that it belongs to, and no other stated entry.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ConfigEntry } from '../../../src/shared/report/training.ts';
import { formatOf, parseConfig } from '../../../src/engine/trainingConfig/openDocument.ts';
import { noFacts } from '../../../src/engine/trainingConfig/readers/reader.ts';
import { readDocument } from '../../../src/engine/trainingConfig/readers/readers.ts';
import { folder } from './goldenRows.ts';

interface Read {
  entries: Map<string, string>;
  problems: string[];
}

function read(file: string, text: string): Read {
  const format = formatOf(file);
  assert.ok(format !== null);
  const readings = readDocument(parseConfig(file, text, format), noFacts);
  const say = (entry: ConfigEntry): string => JSON.stringify([entry.key, entry.value, entry.origin]);
  return {
    entries: new Map(readings.flatMap(({ entries }) => entries.map((entry) => [entry.concept, say(entry)]))),
    problems: readings.flatMap(({ problems }) => problems.map(({ message }) => message)),
  };
}

function changed(before: Read, after: Read): string[] {
  const concepts = new Set([...before.entries.keys(), ...after.entries.keys()]);
  return [...concepts].filter((concept) => before.entries.get(concept) !== after.entries.get(concept)).sort();
}

/** File, exact line, and the concepts that depend on it. */
const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['trl-grpo/open-r1-qwen2.5-1.5b-grpo.yaml', 'learning_rate: 2.0e-05', 'learning_rate', ['learningRate']],
  ['trl-grpo/open-r1-qwen2.5-1.5b-grpo.yaml', 'num_generations: 16', 'num_generations', ['groupSize']],
  ['trl-grpo/open-r1-qwen2.5-1.5b-grpo.yaml', 'seed: 42', 'seed', ['seed']],
  ['derived/trl/kto_config.yaml', 'beta: 0.2', 'beta', ['klCoefficient']],
  ['derived/trl/ppo_config.yaml', 'kl_coef: 0.05', 'kl_coef', ['klCoefficient']],
  ['verl/generated_ppo_trainer.yaml', '      lr: 1.0e-06', 'lr', ['learningRate']],
  ['verl/generated_ppo_trainer.yaml', '    ppo_epochs: 1', 'ppo_epochs', ['iterationsPerBatch']],
  ['derived/verl/.hydra/config.yaml', '    kl_loss_coef: 0.001', 'kl_loss_coef', ['klCoefficient']],
  ['llamafactory/qwen3_lora_dpo.yaml', 'pref_beta: 0.1', 'pref_beta', ['klCoefficient']],
  ['llamafactory/qwen3_lora_dpo.yaml', 'lora_rank: 8', 'lora_rank', ['peftRank']],
  ['axolotl/llama3-qlora-1b-gdpo.yaml', '  beta: 0.001', 'beta', ['klCoefficient']],
  ['axolotl/llama3-lora-1b-sft.yml', 'lora_r: 16', 'lora_r', ['peftRank']],
  ['torchtune/3B_full_grpo.yaml', '  kl_coeff: 0.01', 'kl_coeff', ['klCoefficient']],
  ['torchtune/3B_full_grpo.yaml', 'grpo_samples: 16', 'grpo_samples', ['groupSize']],
  [
    'nemo-rl/grpo_math_1B.yaml',
    '  reference_policy_kl_penalty: 0.01',
    'reference_policy_kl_penalty',
    ['klCoefficient'],
  ],
  ['nemo-rl/grpo_math_1B.yaml', '  train_global_batch_size: 512', 'train_global_batch_size', ['batchSize']],
  ['peft/pissa-r32-grpo.adapter_config.json', '  "r": 32,', '"r"', ['peftRank']],
  [
    'openrlhf/train_ppo_ray_hybrid_engine.sh',
    '   --algo.kl.init_coef 0.01 \\',
    '--algo.kl.init_coef',
    ['klCoefficient'],
  ],
  [
    'openrlhf/train_ppo_ray_hybrid_engine.sh',
    '   --actor.adam.lr 5e-7 \\',
    '--actor.adam.lr',
    ['learningRate'],
  ],
  ['derived/slime/run-qwen3-4B.sh', '   --lr 1e-6', '--lr', ['learningRate']],
  ['derived/prime-rl/configs/rl.json', '  "max_steps": 100', '"max_steps"', ['maxSteps']],
];

describe('one key changed', () => {
  for (const [file, line, key, concepts] of cases) {
    const text = readFileSync(join(folder, file), 'utf8');
    const original = read(file, text);

    /** The file with its first such line replaced. */
    const mutated = (replacement: string): Read => {
      const at = `\n${text}\n`.indexOf(`\n${line}\n`);
      assert.notEqual(at, -1, `${file} has no line ${line}`);
      return read(file, text.slice(0, at) + replacement + text.slice(at + line.length));
    };

    it(`${file}: ${key} removed`, () => {
      // In JSON the comma of the line before would be left over, so a key of another name takes its place.
      const after = file.endsWith('.json')
        ? mutated(line.replace(key, '"zz"'))
        : mutated(line.includes('\\') ? '   \\' : '');
      assert.deepEqual(changed(original, after), concepts);
      assert.deepEqual(after.problems, []);
    });

    it(`${file}: ${key} renamed`, () => {
      const renamed = key.startsWith('"') ? `"zz_${key.slice(1)}` : `${key}_renamed`;
      const after = mutated(line.replace(key, renamed));
      assert.deepEqual(changed(original, after), concepts);
    });

    it(`${file}: ${key} wrongly typed`, () => {
      const value = file.endsWith('.json') ? '"many"' : 'many';
      const after = mutated(line.replace(/(?<=[:=]\s*|\s)[\d.e-]+(?=,?( \\)?$)/, value));
      assert.deepEqual(changed(original, after), concepts);
      assert.equal(after.problems.length, 1);
      const number = text.slice(0, `\n${text}`.indexOf(`\n${line}`)).split('\n').length;
      assert.match(
        after.problems[0] ?? '',
        new RegExp(`:${number}:\\d+: .*is the text "many", where a number is expected`),
      );
      for (const concept of concepts)
        assert.equal(after.entries.has(concept), false, 'no default may hide it');
    });
  }
});
