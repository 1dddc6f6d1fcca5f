import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  parseTrainingArgs,
  readTrainingArgs,
} from '../../../src/engine/trainingConfig/pickle/trainingArgs.ts';
import type { ByteSource } from '../../../src/engine/files/fileSystem.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { pickle, text, torchArchive } from '../formats/support/torchArchive.ts';
import { diskFileSystem } from './diskFileSystem.ts';

const folder = 'test/fixtures/trainingArgs';

function sourceOf(bytes: Uint8Array): Promise<ByteSource> {
  return memoryFileSystem({ '/args.bin': bytes }).open('/args.bin');
}

/** Message of the `pickle-refused` problem that reading the fixture ends in. */
async function refusal(name: string): Promise<string> {
  let message = '';
  await assert.rejects(readTrainingArgs(diskFileSystem, `${folder}/${name}`), (error) => {
    assert.ok(error instanceof ThreeGateError);
    assert.equal(error.problem.code, 'pickle-refused');
    assert.equal(error.problem.file, `${folder}/${name}`);
    ({ message } = error.problem);
    return true;
  });
  return message;
}

describe('training_args.bin', () => {
  it('gives scalars, enums, nested dictionaries, class and launcher', async () => {
    const args = await readTrainingArgs(diskFileSystem, `${folder}/grpo.bin`);
    assert.equal(args.className, 'GRPOConfig');
    assert.equal(args.algorithm, 'grpo');
    const value = (path: string): unknown => args.document.get(path)?.value;
    assert.equal(value('learning_rate'), 5e-6);
    assert.equal(value('beta'), 0.04);
    assert.equal(value('lr_scheduler_type'), 'cosine');
    assert.equal(value('optim'), 'paged_adamw_8bit');
    assert.equal(value('bf16'), true);
    assert.equal(value('deepspeed'), null);
    assert.equal(value('big'), -(2 ** 40));
    assert.equal(value('fsdp_config.min_num_params'), 0);
    assert.deepEqual(value('report_to'), ['tensorboard']);
    assert.equal(args.launcher?.kind, 'deepspeed');
  });

  it('is read with the enumerations of Python 3.11, which name their member through getattr', async () => {
    const member = `c__builtin__\ngetattr\nctransformers.trainer_utils\nSchedulerType\n${text('COSINE')}\x86R`;
    const state = `}(${text('lr_scheduler_type')}${member}${text('seed')}K\x07u`;
    const whole = pickle(`ctransformers.training_args\nTrainingArguments\n)\x81${state}b`);
    const source = await sourceOf(torchArchive({ 'data.pkl': whole }));
    const { document, className } = await parseTrainingArgs(source);
    assert.equal(className, 'TrainingArguments');
    assert.deepEqual([...document.values.keys()], ['seed']);
  });

  it('drops tokens', async () => {
    const { document } = await readTrainingArgs(diskFileSystem, `${folder}/grpo.bin`);
    assert.deepEqual(
      [...document.values.keys()].filter((key) => key.endsWith('token')),
      [],
    );
    assert.ok(!JSON.stringify([...document.values.values()]).includes('hf_secret'));
  });

  it('knows plain arguments from TRL ones', async () => {
    const args = await readTrainingArgs(diskFileSystem, `${folder}/plain.bin`);
    assert.equal(args.className, 'TrainingArguments');
    assert.equal(args.algorithm, null);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['hostile-os-system.bin', /names posix\.system/],
    ['hostile-eval.bin', /names __builtin__\.eval/],
    ['hostile-stack-global.bin', /opcode (STACK_GLOBAL|POP|0x)/],
    ['hostile-inst.bin', /opcode STRING \(0x53\) at byte 1/],
    ['hostile-persistent.bin', /opcode BINPERSID \(0x51\)/],
    ['hostile-long-text.bin', /a text of 4294967280 bytes/],
    ['hostile-memo-missing.bin', /recalls value 7/],
    ['hostile-empty-stack.bin', /empty stack/],
    ['hostile-marks.bin', /grows beyond/],
    ['not-arguments.bin', /no arguments object/],
    ['truncated.bin', /ends in the middle/],
    ['compressed.bin', /compressed by method 8/],
    ['no-pickle.bin', /no data\.pkl/],
    ['legacy.bin', /no zip archive/],
  ];
  for (const [name, expected] of refused) {
    it(`refuses ${name} by name`, async () => {
      assert.match(await refusal(name), expected);
    });
  }

  it('ends on a dictionary that holds itself', async () => {
    const { document } = await readTrainingArgs(diskFileSystem, `${folder}/hostile-memo-cycle.bin`);
    assert.ok(document.values.size < 100);
  });

  it('never throws anything but a refusal, whatever bytes are changed', async () => {
    const original = readFileSync(`${folder}/grpo.bin`);
    const edit = fc.tuple(fc.nat(original.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 8 }),
        fc.nat(original.length),
        async (edits, cut) => {
          const bytes = new Uint8Array(original);
          for (const [at, value] of edits) bytes[at] = value;
          try {
            await parseTrainingArgs(await sourceOf(cut % 7 === 0 ? bytes.subarray(0, cut) : bytes));
          } catch (error) {
            assert.ok(error instanceof ThreeGateError, String(error));
            assert.equal(error.problem.code, 'pickle-refused');
          }
        },
      ),
      { seed: 20_261_123, numRuns: 20_000 },
    );
  });
});
