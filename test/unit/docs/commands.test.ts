// Every command of the documents, run as it stands in a folder where its names mean genuine checkpoints.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { makeSandbox } from './sandbox.ts';

const root = resolve(import.meta.dirname, '../../..');
const cli = join(root, 'dist/cli.cjs');

/** Commands that other tests run, because they need more than a folder. */
const elsewhere: readonly [RegExp, string][] = [
  [/^three-gate (?:submit|retry|status)/u, 'test/cluster, on a real Slurm'],
  [/ --kubernetes /u, 'test/unit/cli, against the published schema'],
  [/hf:\/\/|s3:\/\/|https:\/\//u, 'test/unit/node, against doubles of the Hub and of S3'],
  [/pytorch_model_fsdp_0/u, 'test/unit/opening, on genuine distributed checkpoints'],
];

/** What ends with another status than 0, as its page says. */
const statuses: Readonly<Record<string, number>> = {
  'three-gate check --identical BASE TUNED': 4,
};

const commands = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  .filter((page) => page.endsWith('.md') && page !== 'docs/command-line.md')
  .flatMap((page) => commandsOf(page).map((command) => ({ page, command })));

function commandsOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/gu)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+# .*$/u, '').trim())
    .filter((line) => line.startsWith('three-gate '));
}

describe('the commands of the documents', () => {
  const sandbox = makeSandbox();
  after(() => {
    sandbox.remove();
  });
  const run = (command: string): { status: number | null; stderr: string } => {
    const words = command
      .split(' ')
      .filter((word) => word !== '')
      .slice(1);
    const env = { ...process.env, XDG_CACHE_HOME: join(sandbox.path, 'cache') };
    return spawnSync(process.execPath, [cli, ...words], { cwd: sandbox.path, env, encoding: 'utf8' });
  };
  run('three-gate analyze BASE TUNED --json REPORT.json');

  it('are many', () => {
    assert.equal(commands.length > 20, true);
  });

  for (const { page, command } of commands) {
    if (elsewhere.some(([pattern]) => pattern.test(command))) continue;
    it(`${page}: ${command}`, () => {
      const { status, stderr } = run(command);
      assert.equal(status, statuses[command] ?? 0, stderr);
    });
  }
});
