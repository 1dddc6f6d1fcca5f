// The built `three-gate mcp` as a client of the protocol meets it, on the genuine small runs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import type { Report } from '../../../src/shared/report/report.ts';
import type { ExplainAnswer, AnalysisAnswer } from '../../../src/tools/answers.ts';
import { toolNames } from '../../../src/tools/toolCatalogue.ts';
import { makeReport } from '../../support/reports.ts';
import { manyTensors } from './manyTensors.ts';
import { openSession, type Called, type Session } from './session.ts';

const room = { least: 100, most: 8192 };

function assertInRoom({ bytes, text }: Called): void {
  for (const size of bytes) assert.ok(size >= room.least && size <= room.most, `${size} bytes: ${text}`);
}

describe('the tools of three-gate mcp', () => {
  let session: Session;
  let pair: Called;
  before(async () => {
    session = await openSession();
    pair = await session.call('analyze_pair', { base: 'base', tuned: 'grpo/checkpoint-100' });
  });
  after(() => session.close());

  it('are listed with what they take and give, and change nothing', async () => {
    const { tools } = await session.client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      [...toolNames],
    );
    const ajv = new Ajv({ allowUnionTypes: true });
    for (const { name, annotations, inputSchema, outputSchema, description } of tools) {
      assert.deepEqual([annotations?.readOnlyHint, annotations?.destructiveHint], [true, false], name);
      assert.equal(inputSchema['additionalProperties'], false, name);
      ajv.compile(inputSchema);
      ajv.compile(outputSchema ?? assert.fail(name));
      assert.ok((description ?? '').length > 80, name);
    }
    assert.match(session.client.getInstructions() ?? '', /list_checkpoints/);
  });

  it('say of the genuine RLVR run what the command line says', () => {
    assert.equal(pair.isError, false, pair.text);
    assertInRoom(pair);
    const answer = pair.answer as unknown as AnalysisAnswer;
    assert.equal(answer.regime, 'rlvr-range');
    assert.deepEqual(
      answer.gates.map(({ verdict }) => verdict),
      ['anchored', 'off-principal', 'masked'],
    );
    const rotation = answer.gates[1]?.numbers.find(({ metric }) => metric === 'rotationMeanDeg');
    // By float64 LAPACK: 0.13799115702019843.
    assert.equal(rotation?.value?.toPrecision(4), '0.1380');
    assert.match(rotation.ifRandom, /^0\.19° \(0\.19° to 0\.20°\)$/);
    assert.equal(rotation.beyondSize, 'less (×0.72)');
    assert.deepEqual(rotation.limits, { holds: 1, broken: 5 });
    assert.match(pair.text, /\*\*In the range of published RLVR runs\*\*/);
  });

  it('give the whole report as a resource', async () => {
    const [json = '', markdown = ''] = pair.links;
    const { contents } = await session.client.readResource({ uri: json });
    const report = JSON.parse((contents[0] as { text: string }).text) as Report;
    assert.equal(report.tensors.length, 39);
    const text = await session.client.readResource({ uri: markdown });
    assert.match((text.contents[0] as { text: string }).text, /^# base → grpo\/checkpoint-100\n/);
    const { resources } = await session.client.listResources();
    assert.ok(
      resources.some(({ uri }) => uri === json),
      'it is listed',
    );
    const schema = await session.client.readResource({ uri: 'three-gate://report.schema.json' });
    const validate = new Ajv({ allowUnionTypes: true }).compile(
      JSON.parse((schema.contents[0] as { text: string }).text) as object,
    );
    assert.ok(validate(report), JSON.stringify(validate.errors?.[0]));
  });

  it('explain a layer, a module, a tensor, a gate and a finding, and say the nearest name of what is none', async () => {
    const report = String(pair.answer['report']);
    for (const [about, kind] of [
      ['layer 3', 'layer'],
      ['down', 'module'],
      ['model.layers.0.self_attn.q_proj.weight', 'tensor'],
      ['Gate geometry', 'gate'],
      ['step-absorbed-by-bf16', 'finding'],
      ['model', 'model'],
    ]) {
      const told = await session.call('explain', { report, about });
      assert.equal(told.isError, false, told.text);
      assertInRoom(told);
      assert.equal((told.answer as unknown as ExplainAnswer).about.kind, kind);
    }
    const wrong = await session.call('explain', { report, about: 'model.layers.0.self_attn.q_proj' });
    assert.ok(wrong.isError, wrong.text);
    assert.match(wrong.text, /"model\.layers\.0\.self_attn\.[qkvo]_proj\.weight"/);
  });

  it('compare runs, review a config, look into a checkpoint and list what is there', async () => {
    const calls: [string, Record<string, unknown>, RegExp][] = [
      ['compare_runs', { base: 'base', runs: ['grpo/checkpoint-100', 'sft'] }, /overlap by 0\.554.* 0\.548/],
      ['advise_config', { configs: ['grpo/checkpoint-100/grpo_config.yaml'] }, /TRL · rl/],
      ['inspect_checkpoint', { checkpoint: 'sft', match: 'layers\\.3' }, /9 of 39 tensors match/],
      ['list_checkpoints', {}, /4 checkpoints in/],
    ];
    for (const [name, given, words] of calls) {
      const told = await session.call(name, given);
      assert.equal(told.isError, false, told.text);
      assert.match(told.text, words);
      assertInRoom(told);
    }
  });

  it('open a report of ten thousand tensors, and stay small', async () => {
    const many = manyTensors(makeReport({ model: 'nano' }), 10_000);
    const path = join(session.folder, 'many.threegate.json');
    writeFileSync(path, JSON.stringify(many));
    for (const about of ['model', many.tensors[9_999]?.name ?? '']) {
      const told = await session.call('explain', { report: path, about });
      assert.equal(told.isError, false, told.text);
      assertInRoom(told);
    }
    const none = await session.call('explain', { report: path, about: 'x'.repeat(4000) });
    assert.ok(none.isError && none.bytes[0] < room.most, none.text);
  });

  it('offer two prompts that name the tools', async () => {
    const { prompts } = await session.client.listPrompts();
    assert.deepEqual(
      prompts.map(({ title }) => title),
      ['Explain this pair', 'Review this config'],
    );
    const { messages } = await session.client.getPrompt({
      name: 'explain-pair',
      arguments: { base: 'base', tuned: 'sft' },
    });
    assert.match(JSON.stringify(messages), /analyze_pair/);
    await assert.rejects(session.client.getPrompt({ name: 'explain-pair', arguments: {} }), /argument base/);
    await assert.rejects(session.client.getPrompt({ name: 'other' }), /the prompts are explain-pair/);
  });
});
