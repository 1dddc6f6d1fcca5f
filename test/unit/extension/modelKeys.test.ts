// Where a config names a model, and where it only holds a text with a slash.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namesModel } from '../../../src/extension/hovers/modelKeys.ts';

/** Whether the text `org/name`, once in the document, stands where a model is named. */
function named(document: string): boolean {
  const lines = document.split('\n');
  const line = lines.findIndex((text) => text.includes('org/name'));
  return namesModel((at) => lines[at] ?? '', line, lines[line]?.indexOf('org/name') ?? 0);
}

describe('the place of a model in a config', () => {
  it('is told by the key on the line', () => {
    for (const document of [
      '  "_name_or_path": "org/name",',
      '{"base_model_name_or_path":"org/name"}',
      'model_name_or_path: org/name',
      "base_model: 'org/name'",
      'model = "org/name"',
      'MODEL_PATH=org/name python train.py',
      '  actor_rollout_ref.model.path=org/name \\',
      'trl sft --model_name_or_path org/name --lr 1e-5',
      'vllm serve --model "org/name"',
      'base_model: [org/name]',
    ]) {
      assert.ok(named(document), document);
    }
  });

  it('is told by the block around the line', () => {
    assert.ok(named('actor_rollout_ref:\n  model:\n    lora: 1\n\n    path: org/name'));
    assert.ok(named('{\n  "model": {\n    "path": "org/name"\n'));
    assert.ok(named('[model]\n  name = "org/name"'));
    assert.ok(named('---\nbase_model:\n- org/name\n---'));
    assert.ok(named('---\nbase_model:\n  - org/other\n  - org/name\n---'));
    assert.ok(named('{\n  "base_model": [\n    "org/name"\n  ]'));
  });

  it('is not everywhere a slash is', () => {
    for (const document of [
      'output_dir: org/name',
      'data:\n  path: org/name',
      'uses: org/name',
      'dataset.path=org/name',
      'datasets:\n- org/name',
      'see org/name for more',
      'org/name',
      'model:\n  lr: 1\ndata:\n  path: org/name',
    ]) {
      assert.ok(!named(document), document);
    }
  });
});
