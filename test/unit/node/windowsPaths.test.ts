// Paths as Windows has them (drives, UNC, long ones, letters of either case), through our modules with the Windows half of node:path.
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { win32 } from 'node:path';
import { describe, it } from 'node:test';
import type * as CheckpointPath from '../../../src/node/disk/checkpointPath.ts';
import type * as ConfinedFileSystem from '../../../src/node/disk/confinedFileSystem.ts';
import type * as PortablePath from '../../../src/extension/pairs/portablePath.ts';
import type * as Sarif from '../../../src/cli/limitFormats/sarif.ts';
import { shellArguments } from '../../../.ci/setup.mjs';
import { checkpointLabel, stepInPath } from '../../../src/engine/checkpoint/checkpointLabel.ts';
import { parseRepositoryId } from '../../../src/engine/opening/hfCache.ts';
import { isRemote } from '../../../src/engine/files/remoteAddress.ts';
import { tokenAt } from '../../../src/extension/hovers/tokenAt.ts';
import { onWindows } from '../../support/onWindows.ts';

const { asPath } = await onWindows<typeof CheckpointPath>('src/node/disk/checkpointPath.ts');
const { within } = await onWindows<typeof ConfinedFileSystem>('src/node/disk/confinedFileSystem.ts');
const { portablePath } = await onWindows<typeof PortablePath>('src/extension/pairs/portablePath.ts');
const { sarifLog } = await onWindows<typeof Sarif>('src/cli/limitFormats/sarif.ts');

describe('a side named on Windows', () => {
  const here = 'D:\\work';
  const cases: [string, string][] = [
    ['base', 'D:\\work\\base'],
    ['runs/grpo', 'D:\\work\\runs\\grpo'],
    ['..\\base', 'D:\\base'],
    ['C:\\Models\\base', 'C:\\Models\\base'],
    ['c:/Models/base/', 'c:\\Models\\base'],
    ['C:\\\\Models\\\\base', 'C:\\Models\\base'],
    ['\\\\server\\share\\base', '\\\\server\\share\\base'],
    ['//server/share/base', '\\\\server\\share\\base'],
    ['\\\\?\\C:\\very\\long\\base', '\\\\?\\C:\\very\\long\\base'],
    ['~\\models', win32.join(homedir(), 'models')],
    ['~/models', win32.join(homedir(), 'models')],
  ];
  for (const [text, path] of cases) {
    it(`${text} is ${path}`, () => {
      assert.equal(asPath(text, here), path);
    });
  }

  it('is no model id and no remote address', () => {
    for (const text of ['C:\\Models\\base', 'c:/Models/base', '\\\\server\\share', 'runs\\grpo']) {
      assert.equal(parseRepositoryId(text), null, text);
      assert.equal(isRemote(text), false, text);
    }
  });

  it('has the label and the step that it has elsewhere', () => {
    const long = `\\\\?\\C:\\${'deep\\'.repeat(60)}grpo\\checkpoint-100`;
    for (const path of ['C:\\runs\\grpo\\checkpoint-100', '\\\\server\\share\\grpo\\checkpoint-100', long]) {
      assert.equal(checkpointLabel(path), 'grpo/checkpoint-100');
      assert.equal(stepInPath(path), 100);
    }
  });
});

describe('a path in a config on Windows', () => {
  it('is found whole, in quotes with doubled backslashes and bare', () => {
    const quoted = tokenAt('"model": "C:\\\\Models\\\\base"', 16, false);
    assert.equal(asPath(quoted?.text ?? '', 'D:\\'), 'C:\\Models\\base');
    assert.equal(tokenAt('model: C:\\Models\\base', 12, true)?.text, 'C:\\Models\\base');
  });
});

describe('a saved pair on Windows', () => {
  it('names what is near with forward slashes', () => {
    assert.equal(portablePath('C:\\runs', 'C:\\runs\\grpo\\checkpoint-100'), 'grpo/checkpoint-100');
    assert.equal(portablePath('C:\\runs\\pairs', 'c:\\Runs\\base'), '../base');
  });

  it('names what lies on another drive or share whole', () => {
    assert.equal(portablePath('C:\\runs', 'D:\\base'), 'D:\\base');
    assert.equal(portablePath('C:\\runs', '\\\\server\\share\\base'), '\\\\server\\share\\base');
  });

  it('leaves a remote address as it is', () => {
    assert.equal(portablePath('C:\\runs', 'hf://acme/nano'), 'hf://acme/nano');
  });
});

describe('folders that a process is confined to on Windows', () => {
  const allowed = ['C:\\Models', '\\\\server\\share'];
  const files = within(allowed);

  for (const path of ['C:\\Models\\base', 'c:\\models\\BASE', '\\\\SERVER\\share\\base', 'C:\\Models']) {
    it(`admit ${path}`, async () => {
      assert.equal(await files.stat(path), null);
    });
  }

  for (const path of [
    'C:\\ModelsOfOthers',
    'C:\\Models\\..\\Users',
    'D:\\Models\\base',
    '\\\\server\\other',
  ]) {
    it(`refuse ${path}`, async () => {
      await assert.rejects(files.stat(path), /outside the folders that were opened/);
    });
  }
});

describe('a broken limit on Windows', () => {
  it('has the relative address of its file, with forward slashes', () => {
    const limits = [
      {
        ...{ metric: 'relativeDrift', scope: 'whole', file: 'ci\\my limits.txt', line: 1, column: 1 },
        ...{ text: 'relativeDrift <= 0', operator: '<=', value: 0, looked: 1, pattern: null },
        broken: [{ place: '', value: 1, reason: null }],
      },
    ];
    const log = JSON.stringify(sarifLog({ limits } as never, '0'));
    assert.ok(log.includes('"uri":"ci/my%20limits.txt"'), log);
  });
});

describe('a command that Windows starts through a shell', () => {
  it('has arguments with spaces in quotes', () => {
    assert.deepEqual(shellArguments(['ci', 'C:\\Program Files\\demo', 'R&D'], true), [
      'ci',
      '"C:\\Program Files\\demo"',
      '"R&D"',
    ]);
    assert.deepEqual(shellArguments(['a b'], false), ['a b']);
  });
});
