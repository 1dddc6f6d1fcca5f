// What every finding has: a section with its source, one sentence, a switch; and findings on the launch.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findFindings, rules } from '../../../src/engine/trainingConfig/findings/findFindings.ts';
import type { Finding } from '../../../src/shared/report/training.ts';
import { evidence, grpo, find, one, none } from './findingsOf.ts';

describe('the page of findings', () => {
  const page = readFileSync('src/engine/trainingConfig/FINDINGS.md', 'utf8');
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  );

  it('documents every finding with its source, and no other', () => {
    assert.deepEqual([...sections.keys()].sort(), rules.map(({ id }) => id).sort());
    for (const { id, source } of rules) {
      assert.ok(sections.get(id)?.replace(/\s+/g, ' ').includes(`Source: ${source}`), `${id}: ${source}`);
    }
  });
});

describe('all findings', () => {
  it('can each be switched off', () => {
    const text = grpo('beta: 0\nuse_peft: true\nlora_r: 1\ninit_lora_weights: pissa\n');
    const all = findFindings(evidence('grpo.yaml', text), null, []);
    assert.ok(all.length >= 3);
    for (const { id } of all) none(id, findFindings(evidence('grpo.yaml', text), null, [id]));
    assert.deepEqual(
      findFindings(
        evidence('grpo.yaml', text),
        null,
        rules.map(({ id }) => id),
      ),
      [],
    );
  });

  it('are one sentence each, and cite "measured" only with a report or a log', () => {
    const text = grpo('beta: 0\nuse_peft: true\nlora_r: 1\ninit_lora_weights: pissa\nnum_iterations: 8\n');
    for (const finding of find(text)) {
      assert.match(finding.message, /^[^\n]+\.$/);
      assert.equal(finding.evidence, null);
      assert.doesNotMatch(finding.message, /\bmeasured\b/);
    }
  });
});

describe('findings on the launch', () => {
  const script = [
    'python train.py --learning_rate 1e-6 --optim adamw --num_generations 8',
    'python other.py --learning_rate 2e-6 --optim adamw --num_generations 4',
    'python eval.py --model x',
    '',
  ].join('\n');

  it('name the launches that are not read', () => {
    const found = one('several-launches-in-one-script', findFindings(evidence('a.sh', script), null, []));
    assert.equal(
      found.message,
      'The script starts 2 trainings. Read is python train.py in line 1; not read: python other.py in line 2.',
    );
    assert.equal(found.location?.line, 1);
    const [first = ''] = script.split('\n');
    none('several-launches-in-one-script', findFindings(evidence('a.sh', first), null, []));
  });

  it('warn of ZeRO-3 weights that are not gathered', () => {
    const config = (stage: number, gather: string): Finding[] =>
      findFindings(
        evidence(
          'ds.json',
          `{"train_batch_size": "auto", "zero_optimization": {"stage": ${stage}${gather}}}`,
        ),
        null,
        [],
      );
    const key = 'stage3_gather_16bit_weights_on_model_save';
    assert.match(one('zero3-weights-not-gathered', config(3, `, "${key}": false`)).message, /empty tensors/);
    one('zero3-weights-not-gathered', config(3, ''));
    none('zero3-weights-not-gathered', config(3, `, "${key}": true`));
    none('zero3-weights-not-gathered', config(2, ''));
    const { config: read, problems } = evidence(
      'ds.json',
      '{"train_batch_size": "auto", "zero_optimization": {"stage": 2}}',
    );
    assert.deepEqual(problems, []);
    const batch = read?.entries.find(({ concept }) => concept === 'batchSize');
    assert.deepEqual([batch?.value, batch?.origin], ['auto', 'unknown']);
  });
});
