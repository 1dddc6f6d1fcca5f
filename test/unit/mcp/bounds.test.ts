// What `three-gate mcp` refuses, stops and survives.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { toolNames } from '../../../src/tools/toolCatalogue.ts';
import { cli, openSession, type Session } from './session.ts';

const nano = resolve(import.meta.dirname, '../../fixtures/nano');

describe('the bounds of three-gate mcp', () => {
  let session: Session;
  before(async () => {
    session = await openSession();
  });
  after(() => session.close());

  it('are the roots of the client, through whatever link', async () => {
    const { folder } = session;
    symlinkSync(join(nano, 'base'), join(folder, 'led-out'));
    mkdirSync(join(folder, 'linked'));
    for (const name of ['config.json', 'model.safetensors']) {
      symlinkSync(join(nano, 'base', name), join(folder, 'linked', name));
    }
    symlinkSync(join(folder, 'sft'), join(folder, 'led-in'));
    const refused: [string, Record<string, unknown>][] = [
      ['inspect_checkpoint', { checkpoint: join(nano, 'base') }],
      ['inspect_checkpoint', { checkpoint: '../../../etc' }],
      ['inspect_checkpoint', { checkpoint: join(folder, '..') }],
      ['inspect_checkpoint', { checkpoint: `${folder}-beside` }],
      ['inspect_checkpoint', { checkpoint: 'led-out' }],
      ['inspect_checkpoint', { checkpoint: 'linked' }],
      ['analyze_pair', { base: 'base', tuned: 'led-out' }],
      ['analyze_pair', { base: 'linked', tuned: 'sft' }],
      ['compare_runs', { base: 'base', runs: ['sft', 'linked'] }],
      ['analyze_pair', { base: 'base', tuned: 'sft', config: [join(nano, 'sft/sft_config.yaml')] }],
      ['advise_config', { configs: [join(nano, 'sft/sft_config.yaml')] }],
      ['explain', { report: '/etc/passwd.json', about: 'model' }],
      ['list_checkpoints', { folder: nano }],
    ];
    for (const [name, given] of refused) {
      const told = await session.call(name, given);
      assert.ok(told.isError, `${name} ${JSON.stringify(given)}: ${told.text}`);
      assert.match(told.text, /outside the folders that were opened.* Next: /s, JSON.stringify(given));
    }
    const inside = await session.call('inspect_checkpoint', { checkpoint: 'led-in' });
    assert.equal(inside.isError, false, inside.text);
  });

  it('leave out configs above the roots', async () => {
    const pair = ({ folder }: Session): Record<string, string> => ({
      base: join(folder, 'base'),
      tuned: join(folder, 'grpo/checkpoint-100'),
    });
    const whole = await openSession();
    const narrow = await openSession({
      roots: (folder) => [join(folder, 'base'), join(folder, 'grpo/checkpoint-100')],
    });
    try {
      for (const [each, agrees] of [
        [whole, true],
        [narrow, false],
      ] as const) {
        // Only above the checkpoint is a config left.
        const own = join(each.folder, 'grpo/checkpoint-100/grpo_config.yaml');
        renameSync(own, join(each.folder, 'grpo/grpo_config.yaml'));
        const told = await each.call('analyze_pair', pair(each));
        assert.equal(told.isError, false, told.text);
        assert.equal(told.text.includes('The config says GRPO (TRL), which agrees.'), agrees, told.text);
      }
      const beside = await narrow.call('inspect_checkpoint', { checkpoint: join(narrow.folder, 'sft') });
      assert.ok(beside.isError, beside.text);
    } finally {
      for (const each of [whole, narrow]) await each.close();
    }
  });

  it('are the folders that the user gave, and the one it was started in for a client without roots', async () => {
    const given = await openSession({ roots: () => [], args: ['--root', nano] });
    const plain = await openSession({ roots: () => null });
    const nowhere = await openSession({ roots: () => null, cwd: '/' });
    try {
      assert.equal((await given.call('inspect_checkpoint', { checkpoint: 'sft' })).isError, false);
      assert.ok(
        (await given.call('inspect_checkpoint', { checkpoint: given.folder })).isError,
        'the cwd is none',
      );
      assert.equal((await plain.call('inspect_checkpoint', { checkpoint: 'sft' })).isError, false);
      const told = await nowhere.call('inspect_checkpoint', { checkpoint: nowhere.folder });
      assert.match(told.text, /no folder may be read.*--root/s);
    } finally {
      for (const each of [given, plain, nowhere]) await each.close();
    }
  });

  it('leave the network alone', async () => {
    for (const checkpoint of ['hf://org/model', 's3://bucket/x', 'https://127.0.0.1:1/model.safetensors']) {
      const told = await session.call('inspect_checkpoint', { checkpoint });
      assert.ok(told.isError, told.text);
      assert.match(told.text, /nothing from the network\. Next: .*--allow-remote/);
    }
  });

  it('are of what the tools are given: every refusal says what to do next', async () => {
    const odd: [string, Record<string, unknown>, RegExp][] = [
      ['analyze_pair', {}, /required property 'base'/],
      ['analyze_pair', { base: 'base', tuned: 'sft', options: { rank: -3 } }, /options\.rank/],
      ['analyze_pair', { base: 'base', tuned: 'sft', extra: 1 }, /additional properties \(extra\)/],
      ['analyze_pair', { base: 7, tuned: ['sft'] }, /base must be string/],
      ['analyze_pair', { base: 'base', tuned: 'nowhere' }, /does not exist.*list_checkpoints/],
      ['analyze_pair', { base: 'base', tuned: 'base/config.json' }, /Next: /],
      ['inspect_checkpoint', { checkpoint: 'sft', match: '(' }, /no regular expression/],
      ['explain', { report: 'nonsense', about: 'model' }, /no report "nonsense"\. Next: call analyze_pair/],
      ['explain', { report: 'base/config.json', about: 'model' }, /no Three-Gate report/],
      ['compare_runs', { base: 'base', runs: [] }, /runs must NOT have fewer than 1/],
      ['advise_config', { configs: ['base/model.safetensors'] }, /./],
    ];
    for (const [name, given, words] of odd) {
      const told = await session.call(name, given);
      assert.match(told.text, words, `${name} ${JSON.stringify(given)}`);
      if (told.isError) assert.match(told.text, / Next: \S/, `${name} ${JSON.stringify(given)}`);
    }
    await assert.rejects(session.call('no_such_tool', {}), new RegExp(toolNames.join(', ')));
    await assert.rejects(session.client.readResource({ uri: 'file:///etc/passwd' }), /There is no resource/);
    await assert.rejects(
      session.client.readResource({ uri: `three-gate://report/${'0'.repeat(32)}.json` }),
      /There is no report/,
    );
  });
});

describe('a call of three-gate mcp', () => {
  it('tells how far it is, and is stopped by its caller while another goes on to the end', async () => {
    const session = await openSession();
    try {
      const { client } = session;
      const given = { base: 'base', tuned: 'sft', options: { rank: 32 } };
      const stop = new AbortController();
      const told: number[] = [];
      const first = client.callTool({ name: 'analyze_pair', arguments: given }, undefined, {
        signal: stop.signal,
        onprogress: ({ progress }) => {
          told.push(progress);
          stop.abort('enough');
        },
      });
      const second = client.callTool({ name: 'analyze_pair', arguments: given });
      await assert.rejects(first, /enough/);
      assert.equal((await second).isError, undefined);
      assert.ok(told.length > 0, 'no progress was told');
      // Alone, it is stopped, and starting again gives the whole answer.
      const again = new AbortController();
      const other = { base: 'base', tuned: 'grpo/checkpoint-100' };
      const alone = client.callTool({ name: 'analyze_pair', arguments: other }, undefined, {
        signal: again.signal,
        onprogress: () => {
          again.abort('enough');
        },
      });
      await assert.rejects(alone, /enough/);
      const whole = await session.call('analyze_pair', other);
      assert.equal(whole.isError, false, whole.text);
    } finally {
      await session.close();
    }
  });

  it('ends with its client: nothing is left behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'three-gate-mcp-end-'));
    const child = spawn(process.execPath, [cli, 'mcp', '--root', nano], {
      cwd: folder,
      env: { PATH: process.env['PATH'], XDG_CACHE_HOME: folder },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.write('this is no JSON\n{"jsonrpc":"2.0"}\n[]\n');
    const hello = {
      ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    };
    child.stdin.write(`${JSON.stringify(hello)}\n`);
    const [reply] = (await once(child.stdout, 'data')) as [Buffer];
    assert.match(reply.toString(), /"name":"three-gate"/);
    child.stdin.end();
    const [status] = (await once(child, 'close')) as [number];
    assert.equal(status, 0);
    rmSync(folder, { recursive: true });
  });
});
