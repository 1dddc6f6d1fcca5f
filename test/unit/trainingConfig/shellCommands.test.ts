// What the reader of launch scripts makes of test/fixtures/configs/derived/shell against what bash itself hands to the
// programs (test/fixtures/shell/commands.json, written by expand.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startedCommands } from '../../../src/engine/trainingConfig/document/shell/shellRun.ts';
import { stringOf } from '../../../src/engine/trainingConfig/document/shell/shellText.ts';
import { folder } from './goldenRows.ts';

const commands = JSON.parse(readFileSync('test/fixtures/shell/commands.json', 'utf8')) as Record<
  string,
  string[][]
>;

/** The programs whose arguments bash was asked for, wherever they stand behind `exec` or `nohup`. */
const programs = /^(python3?|torchrun|accelerate|deepspeed|ray|srun|pip)$/;

function startedBy(text: string): string[][] {
  return startedCommands(text).flatMap(({ words }) => {
    const texts = words.map(stringOf);
    const first = /^(exec|nohup)$/.test(texts[0] ?? '') ? 1 : 0;
    return programs.test(texts[first] ?? '') ? [texts.slice(first)] : [];
  });
}

describe('commands of a launch script', () => {
  it('are tried on every form', () => {
    assert.ok(Object.keys(commands).length >= 11);
  });

  for (const [name, expected] of Object.entries(commands)) {
    it(`${name}: every word as bash expands it`, () => {
      assert.deepEqual(startedBy(readFileSync(join(folder, 'derived/shell', name), 'utf8')), expected);
    });
  }
});
