// The tools in the chat of the real editor, called as a chat calls them; the server of the same tools; and the panel's question.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { contributedName } from '../../src/extension/chat/contributedNames.ts';
import { toolNames } from '../../src/tools/toolCatalogue.ts';
import { Editor } from './support/editor.ts';
import { Panel } from './support/panel.ts';
import { packProbe, Probe } from './support/probe.ts';
import { scenarios } from './support/scenario.ts';
import { heavyPair } from './support/syntheticCheckpoint.ts';
import type { Workbench } from './support/workbench.ts';
import { Workspace } from './support/workspace.ts';

const pair = { base: 'base', tuned: 'grpo/checkpoint-100' };

describe('the chat', () => {
  const workspace = new Workspace();
  const packed = packProbe();
  let editor: Editor;
  let workbench: Workbench;
  let probe: Probe;
  const scenario = scenarios(() => workbench);
  const dialog = (): ReturnType<Workbench['page']['locator']> =>
    workbench.page.locator('.monaco-dialog-box:visible');

  before(async () => {
    const heavy = heavyPair();
    workspace.write('heavy/base.safetensors', heavy.base);
    workspace.write('heavy/tuned.safetensors', heavy.tuned);
    editor = await Editor.start({
      settings: { 'chat.disableAIFeatures': false },
      moreExtensions: [packed.vsix],
    });
    workbench = await editor.open(workspace.path);
    probe = new Probe(workspace, workbench);
  });

  after(async () => {
    await editor.stop();
    workspace.remove();
    packed.remove();
  });

  scenario('offers every tool', async () => {
    const { tools = [] } = await probe.ask(null);
    const own = tools.filter((name) => name.startsWith('threeGate_'));
    assert.deepEqual(own.sort(), toolNames.map(contributedName).sort());
  });

  scenario('is answered from headers and configs without a question', async () => {
    const listed = await probe.ask('threeGate_list_checkpoints');
    assert.match(listed.text ?? listed.error ?? '', /checkpoint-100/);
    const advice = await probe.ask('threeGate_advise_config', {
      configs: ['grpo/checkpoint-100/grpo_config.yaml'],
    });
    assert.match(advice.text ?? advice.error ?? '', /TRL · rl/);
  });

  scenario('is asked before weights are read, and not again once the result is remembered', async () => {
    await probe.call('threeGate_analyze_pair', pair);
    await dialog().waitFor();
    await workbench.screenshot('chat-confirmation');
    const text = (await dialog().textContent()) ?? '';
    assert.match(text, /Analyse a pair of checkpoints\?/);
    assert.match(text, /Every weight is read \(3\.\d+ MB\)/);
    await dialog().locator('.monaco-button', { hasText: 'Yes' }).click();
    const first = await probe.answer();
    assert.match(first.text ?? first.error ?? '', /In the range of published RLVR runs/);
    const again = await probe.ask('threeGate_analyze_pair', pair);
    assert.equal(again.text, first.text);
    const report = /report `([0-9a-f]{32})`/.exec(first.text ?? '')?.[1];
    const told = await probe.ask('threeGate_explain', { report, about: 'layer 3' });
    assert.match(told.text ?? told.error ?? '', /Layer 3/);
  });

  scenario('is refused what lies outside the workspace, with what to do next', async () => {
    const { error, text } = await probe.ask('threeGate_inspect_checkpoint', { checkpoint: editor.home });
    assert.match(error ?? text ?? '', /outside the folders that were opened/);
    assert.match(error ?? text ?? '', /Next: name a path within the folders of the workspace/);
  });

  scenario('stops the analysis when its answer is not wanted any more', async () => {
    const heavy = { base: 'heavy/base.safetensors', tuned: 'heavy/tuned.safetensors' };
    await probe.call('threeGate_analyze_pair', heavy, 4000);
    await dialog().locator('.monaco-button', { hasText: 'Yes' }).click();
    await editor.untilEngine();
    const { name, text } = await probe.answer();
    assert.equal(name, 'Canceled', text);
    await editor.untilNoEngine();
  });

  scenario('has the server of the same tools', async () => {
    await workbench.command('MCP: List Servers');
    await workbench.quickRows().filter({ hasText: 'Three-Gate' }).first().waitFor();
    await workbench.screenshot('chat-servers');
    await workbench.page.keyboard.press('Escape');
  });

  scenario('is filled with the question about a layer', async () => {
    workspace.write('one.threegate', JSON.stringify({ base: pair.base, tuned: pair.tuned }));
    await workbench.openFile('one.threegate');
    const panel = await Panel.shown(workbench);
    await panel.complete();
    await panel.frame.locator('.table .row', { hasText: 'Layer 3' }).first().click();
    await panel.button('Ask about this layer').click();
    const input = workbench.page.locator('.interactive-input-editor .view-lines');
    await input.filter({ hasText: 'threeGateExplain' }).waitFor();
    await workbench.screenshot('chat-question');
    assert.match((await input.textContent()) ?? '', /about\s"layer\s3"/);
  });
});
