// A pair submitted to a real Slurm from the editor: its panel fills, becomes whole, and is the report of this machine; and what
// is lost is submitted again from there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe } from 'node:test';
import type { SubmittedJob } from '../../src/node/cluster/submission.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { startSlurm, type RunningSlurm } from '../cluster/startSlurm.ts';
import { until } from '../cluster/until.ts';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { scenarios } from './support/scenario.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

const cli = resolve(import.meta.dirname, '../../dist/cli.cjs');
/** What a slow machine may need for three shards and a merge. */
const patienceMs = 180_000;

describe('a pair submitted to Slurm', () => {
  const workspace = new Workspace();
  const folder = join(workspace.path, 'grpo-shards');
  let slurm: RunningSlurm;
  let editor: Editor;
  let workbench: Workbench;
  const scenario = scenarios(() => workbench);

  before(async () => {
    slurm = await startSlurm();
    const pair = {
      base: 'base',
      tuned: 'grpo/checkpoint-100',
      config: 'grpo/checkpoint-100/grpo_config.yaml',
      options: { rank: 8, match: 'layers', threads: 1, useCache: false },
    };
    workspace.write('grpo.threegate', JSON.stringify(pair));
    editor = await Editor.start({ environment: { SLURM_CONF: slurm.environment['SLURM_CONF'] } });
    workbench = await editor.open(workspace.path);
  });

  after(async () => {
    await editor.stop();
    await slurm.stop();
    workspace.remove();
  });

  /** Gives each question its answer; null takes what is proposed. */
  async function answer(step: number, text: string | null): Promise<void> {
    const title = workbench.quickInput().locator('.quick-input-title', { hasText: `(${step}/6)` });
    await title.waitFor();
    if (text !== null) await workbench.type(text);
    await workbench.page.keyboard.press('Enter');
    await title.waitFor({ state: 'hidden' });
  }

  async function untilWhole(panel: Panel): Promise<void> {
    const whole = panel.frame.locator('.banner.info', { hasText: 'All 3 shards are done.' });
    await whole.waitFor({ timeout: patienceMs });
  }

  function jobs(): SubmittedJob[] {
    return JSON.parse(readFileSync(join(folder, 'jobs.json'), 'utf8')) as SubmittedJob[];
  }

  scenario('is measured there, with its own options, as it is here', async () => {
    await workbench.openContextMenuWith(workbench.explorerRow('grpo.threegate'), 'Submit to Slurm…');
    await workbench.screenshot('slurm-menu');
    await workbench.chooseFromMenu('Submit to Slurm…');
    await answer(1, '3');
    await workbench.quickRows().filter({ hasText: 'main' }).first().waitFor();
    await workbench.screenshot('slurm-partition');
    await workbench.pick('main');
    await answer(3, '10');
    await answer(4, '1');
    await answer(5, '');
    await workbench.screenshot('slurm-folder');
    await answer(6, null);
    const panel = await Panel.shown(workbench);
    await workbench.screenshot('slurm-submitted');
    await untilWhole(panel);
    const report = join(folder, 'report.json');
    await until('the merge', () => existsSync(report));
    assertAsHere(JSON.parse(readFileSync(report, 'utf8')) as Report);
    assert.deepEqual(
      jobs().map(({ shards }) => shards),
      [[1, 2, 3]],
    );
    const script = readFileSync(join(folder, 'shard.sh'), 'utf8');
    assert.match(script, /^#SBATCH --partition=main$/mu);
    assert.match(script, /extensions\/.*\/dist\/cli\.cjs analyze/u);
    await workbench.looks('slurm-whole');
    await workbench.closeAllEditors();
  });

  scenario('is submitted again where a shard was lost', async () => {
    rmSync(join(folder, 'shard-2-of-3.results'));
    await workbench.contextMenu(workbench.explorerRow('grpo-shards'), 'Open Shard Folder…');
    const panel = await Panel.shown(workbench);
    assert.match(await panel.banner('info'), /^2 of 3 shards are done.*Missing here: 2\./);
    await panel.button('Submit what is missing').click();
    await workbench.notification(/Slurm job \d+: shards 2\./);
    await untilWhole(panel);
    assert.deepEqual(
      jobs().map(({ shards }) => shards),
      [[1, 2, 3], [2]],
    );
    await workbench.closeAllEditors();
  });

  /** What may differ is how much of a machine was used, and time. */
  function assertAsHere(merged: Report): void {
    const sides = [join(workspace.path, 'base'), join(workspace.path, 'grpo/checkpoint-100')];
    const options = ['--rank', '8', '--match', 'layers', '--no-cache'];
    const config = ['--config', join(workspace.path, 'grpo/checkpoint-100/grpo_config.yaml')];
    const args = [cli, 'analyze', ...sides, ...options, ...config, '--json', '-'];
    const here = JSON.parse(
      execFileSync(process.execPath, args, { maxBuffer: 1 << 28 }).toString(),
    ) as Report;
    const comparable = (report: Report): object => ({
      ...report,
      timings: null,
      engine: { ...report.engine, threads: 0, memoryBytes: 0 },
    });
    assert.deepEqual(comparable(merged), comparable(here));
  }
});
