// Columns, wrapping, progress and colour of the command line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tabulate, textWidth, wrapText } from '../../../src/cli/columns.ts';
import { statusFor, unreadIn } from '../../../src/cli/exitStatus.ts';
import { ProgressLine } from '../../../src/cli/progress.ts';
import { progressText } from '../../../src/shared/text/progressText.ts';
import { listingText } from '../../../src/cli/listingText.ts';
import { styleFor } from '../../../src/cli/style.ts';
import { problem } from '../../../src/shared/errors.ts';
import type { Progress } from '../../../src/shared/protocol/analysisEvents.ts';

const progress: Progress = {
  bytesDone: 1.2e9,
  bytesTotal: 3.1e9,
  matrixWorkDone: 25,
  matrixWorkTotal: 100,
  matricesDone: 34,
  matricesTotal: 196,
  elapsedMs: 1500,
  remainingMs: 41_000,
  current: 'model.layers.3.mlp.up_proj.weight',
};

function output(
  isTTY: boolean,
  columns = 60,
): { isTTY: boolean; columns: number; text: string; write(text: string): void } {
  return {
    isTTY,
    columns,
    text: '',
    write(text) {
      this.text += text;
    },
  };
}

describe('columns', () => {
  it('align by what is visible', () => {
    assert.equal(textWidth('\u001B[32m● anchored\u001B[39m'), 10);
    assert.equal(textWidth('W\u0302 − W'), textWidth('Ŵ − W'));
    assert.deepEqual(
      tabulate(
        [
          ['a', '\u001B[1m1\u001B[22m', 'x'],
          ['bbb', '22', 'y'],
        ],
        ['left', 'right', 'left'],
      ),
      ['a     \u001B[1m1\u001B[22m  x', 'bbb  22  y'],
    );
  });

  it('wrap at spaces and keep every word', () => {
    assert.deepEqual(wrapText('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrapText('unbreakable', 4), ['unbreakable']);
  });
});

describe('progress', () => {
  it('tells bytes, matrices, rate and time left', () => {
    assert.equal(
      progressText(progress),
      ' 26 % · 1.20 GB of 3.10 GB · 34 of 196 matrices · 800 MB/s · 41 s left · model.layers.3.mlp.up_proj.weight',
    );
  });

  it('redraws one line on a terminal, never wider than it, and takes it away', () => {
    const terminal = output(true, 40);
    const line = new ProgressLine(terminal, false);
    line.show(progress);
    line.show({ ...progress, bytesDone: 3.1e9 });
    line.clear();
    assert.ok(!terminal.text.includes('\n'));
    for (const drawn of terminal.text.split('\r\u001B[2K')) assert.ok(textWidth(drawn) < 40, drawn);
    assert.ok(terminal.text.endsWith('\r\u001B[2K'));
  });

  it('prints plain lines, at most one per tenth, elsewhere', () => {
    const pipe = output(false);
    const line = new ProgressLine(pipe, false);
    for (let done = 0; done <= 100; done++) {
      line.show({ ...progress, matrixWorkDone: done, bytesDone: done * 3.1e7 });
    }
    line.clear();
    assert.equal(pipe.text.trimEnd().split('\n').length, 11);
    assert.ok(!pipe.text.includes('\u001B'));
  });

  it('says nothing when quiet', () => {
    const terminal = output(true);
    const line = new ProgressLine(terminal, true);
    line.show(progress);
    line.clear();
    assert.equal(terminal.text, '');
  });
});

describe('colour', () => {
  it('appears on a terminal alone, and not with NO_COLOR', () => {
    assert.equal(styleFor({ isTTY: true }, {}).bold('x'), '\u001B[1mx\u001B[22m');
    assert.equal(styleFor({ isTTY: false }, {}).bold('x'), 'x');
    assert.equal(styleFor({}, {}).standing('broken', 'x'), 'x');
    assert.equal(styleFor({ isTTY: true }, { NO_COLOR: '1' }).standing('broken', 'x'), 'x');
    // As no-color.org has it: set but empty does not count.
    assert.equal(styleFor({ isTTY: true }, { NO_COLOR: '' }).bold('x'), '\u001B[1mx\u001B[22m');
    assert.equal(styleFor({ isTTY: true }, { TERM: 'dumb' }).bold('x'), 'x');
  });
});

describe('inspect', () => {
  it('lets no control character of a file reach the terminal', () => {
    const text = listingText(
      {
        info: {
          path: '/x',
          label: 'x',
          format: 'safetensors',
          files: ['model.safetensors'],
          bytes: 2,
          parameters: 1,
          tensors: 1,
          dtypes: { BF16: 1 },
          architecture: null,
          modelType: null,
          step: null,
          namedBase: null,
        },
        tensors: [
          {
            name: 'evil\u001B[2J\u0007\u009B',
            dtype: 'BF16',
            shape: [1],
            elements: 1,
            bytes: 2,
            file: 'model.safetensors',
          },
        ],
        metadata: { note: 'a\u001B]0;title\u0007' },
        problems: [],
      },
      styleFor({}, {}),
    );
    assert.doesNotMatch(text, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
    assert.match(text, /evil/);
  });
});

describe('a quiet command that could not read everything', () => {
  const missing = problem('file-truncated', 'a.safetensors ends early.', { file: 'a.safetensors' });
  const said = (quiet: boolean, status: number, count: number): string => {
    const stderr = output(false);
    const terminal = { stdout: output(false), stderr, environment: {}, enginePath: '' };
    const ended = statusFor(
      { ...terminal, interrupted: new AbortController().signal },
      quiet,
      Array.from({ length: count }, () => missing),
    );
    assert.equal(ended, status);
    return stderr.text;
  };

  it('says why in one line on stderr', () => {
    assert.equal(said(true, 3, 1), 'three-gate: a.safetensors ends early.\n');
    assert.equal(said(true, 3, 4), 'three-gate: a.safetensors ends early. (and 3 more like it)\n');
    assert.equal(said(true, 0, 0), '');
    assert.equal(said(false, 3, 1), '', 'the report has said it');
  });

  it('counts unreadable tensors, not those that only one side has', () => {
    const left = { name: 'w', side: 'base' as const, elements: 1, reason: missing };
    const alone = { ...left, reason: problem('only-in-base', 'only in the base', {}) };
    const coverage = { elements: 2, compared: 1, share: 0.5, notes: [], notCompared: [left, alone] };
    assert.deepEqual(unreadIn({ tensors: [], coverage }), [missing]);
  });
});
