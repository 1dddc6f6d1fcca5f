// Files that no torch writes: pickles that would run code, exhaust memory or nest without end, archives that lie about
// themselves. Each is refused by a sentence that names what it is.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { readPickle } from '../../../src/engine/files/pickle/restrictedPickle.ts';
import { tensorPolicy } from '../../../src/engine/formats/torch/tensorPolicy.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import {
  type ArchiveOptions,
  pickle,
  stateDict,
  text,
  torchArchive,
  uint32,
} from './support/torchArchive.ts';

const path = '/m/pytorch_model.bin';
const floats = new Uint8Array(new Float32Array([1, -2, NaN, Infinity]).buffer);
const good = { 'data.pkl': pickle(stateDict()), 'data/0': floats };

function open(file: Uint8Array): Promise<Checkpoint> {
  return openCheckpoint(memoryFileSystem({ [path]: file }), path);
}

async function assertRefused(file: Uint8Array, code: string, message: string): Promise<void> {
  const thrown = await open(file).then(
    () => assert.fail('it was read'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ThreeGateError, String(thrown));
  assert.deepEqual([thrown.problem.code, thrown.message], [code, message]);
}

describe('the smallest honest file', () => {
  it('is read, and its data is found where it lies', async () => {
    const file = torchArchive(good);
    const { tensors } = await open(file);
    const tensor = tensors.get('w');
    assert.ok(tensor !== undefined);
    assert.deepEqual([tensor.dtype, tensor.shape, tensor.bytes], ['F32', [2, 2], 16]);
    assert.deepEqual(file.slice(tensor.offset, tensor.offset + 16), floats);
  });

  it('may carry other values beside its tensors, and wrap them as trainers do', async () => {
    const wrapped = pickle(`}(${text('epoch')}K\x03${text('state_dict')}${stateDict()}u`);
    assert.equal((await open(torchArchive({ ...good, 'data.pkl': wrapped }))).tensors.size, 1);
  });
});

const hostile: [what: string, pickled: Uint8Array, reason: string][] = [
  [
    'os.system',
    pickle('cos\nsystem\n', text('id'), '\x85R'),
    'names os.system, which a tensor file does not need',
  ],
  [
    'posix.system',
    pickle('cposix\nsystem\n', text('id'), '\x85R'),
    'names posix.system, which a tensor file does not need',
  ],
  [
    'nt.system',
    pickle('cnt\nsystem\n', text('id'), '\x85R'),
    'names nt.system, which a tensor file does not need',
  ],
  [
    'builtins.eval',
    pickle('cbuiltins\neval\n', text('1'), '\x85R'),
    'names builtins.eval, which a tensor file does not need',
  ],
  [
    'Python 2 builtins',
    pickle('c__builtin__\nexec\n', text('1'), '\x85R'),
    'names __builtin__.exec, which a tensor file does not need',
  ],
  [
    'a global from the stack',
    pickle(text('os'), text('system'), '\x93', text('id'), '\x85R'),
    'names os.system, which a tensor file does not need',
  ],
  [
    'a dotted name inside torch',
    pickle('ctorch.serialization\nos.system\n'),
    'names torch.serialization.os.system, which a tensor file does not need',
  ],
  [
    'torch.load',
    pickle('ctorch.serialization\nload\n'),
    'names torch.serialization.load, which a tensor file does not need',
  ],
  [
    'bytes loaded as another pickle',
    pickle('ctorch.storage\n_load_from_bytes\n'),
    'names torch.storage._load_from_bytes, which a tensor file does not need',
  ],
  [
    'a ShardedTensor',
    pickle('ctorch.distributed._shard.sharded_tensor.api\nShardedTensor\n'),
    'names torch.distributed._shard.sharded_tensor.api.ShardedTensor, which a tensor file does not need',
  ],
  [
    'INST',
    pickle(`(${text('id')}ios\nsystem\n`),
    'has the opcode INST (0x69), which a tensor file does not need',
  ],
  ['OBJ', pickle('(cos\nsystem\no'), 'names os.system, which a tensor file does not need'],
  [
    'OBJ on an allowed class',
    pickle('(ccollections\nOrderedDict\no'),
    'has the opcode OBJ (0x6f), which a tensor file does not need',
  ],
  [
    'NEWOBJ_EX',
    pickle('ccollections\nOrderedDict\n)}\x92'),
    'has the opcode NEWOBJ_EX (0x92), which a tensor file does not need',
  ],
  ['an extension code', pickle('\x82\x01'), 'has the opcode EXT1 (0x82), which a tensor file does not need'],
  [
    'a textual persistent id',
    pickle('P0\n'),
    'has the opcode PERSID (0x50), which a tensor file does not need',
  ],
  [
    'an opcode that does not exist',
    pickle('\xff'),
    'has the opcode an unknown opcode (0xff), which a tensor file does not need',
  ],
  [
    'a dtype that is called',
    pickle('ctorch\nfloat32\n)R'),
    'calls torch.float32 by REDUCE, which a tensor file does not need',
  ],
  [
    'a storage that is made',
    pickle('ctorch\nFloatStorage\n)\x81'),
    'calls torch.FloatStorage by NEWOBJ, which a tensor file does not need',
  ],
  ['text that is called', pickle(text('f'), ')R'), 'calls something that is not a global by REDUCE'],
  [
    'a call without a tuple',
    pickle('ccollections\nOrderedDict\n]R'),
    'calls collections.OrderedDict without a tuple of arguments',
  ],
  [
    'state set on a global',
    pickle('ctorch\nFloatStorage\n}b'),
    'sets the state of something that was not made by a call',
  ],
  [
    'items set on a call',
    pickle('ctorch\ndevice\n)RK\x01K\x02s'),
    'sets items of something that is not a dictionary',
  ],
  ['an append to a tuple', pickle(')K\x01a'), 'appends to something that is not a list'],
  ['tuples a thousand deep', pickle(')', '\x85'.repeat(1000)), 'nests deeper than 100 levels'],
  ['lists a thousand deep', pickle(']'.repeat(1000), 'a'.repeat(999)), 'nests deeper than 100 levels'],
  ['POP', pickle('N0'), 'has the opcode POP (0x30), which a tensor file does not need'],
  ['marks a thousand deep', pickle('('.repeat(1000)), 'nests deeper than 100 levels'],
  ['a list inside itself', pickle(']q\x00', 'h\x00a'.repeat(200)), 'nests deeper than 100 levels'],
  ['a memo index that was never set', pickle('h\x05'), 'recalls value 5, which it never remembered'],
  ['an empty stack', pickle('R'), 'takes a value from an empty stack'],
  ['a mark that was never set', pickle('t'), 'closes a mark that it never set'],
  ['values left over', pickle('NN'), 'ends with values left over'],
  ['a key without a value', pickle('}(K\x01u'), 'sets a dictionary key without a value'],
  ['protocol 0', new Uint8Array(Buffer.from('\x80\x00N.', 'latin1')), 'is of protocol 0'],
  [
    'text longer than the file',
    pickle(`X${uint32(4_000_000_000)}ab`),
    'ends after 10 bytes in the middle of an opcode',
  ],
  ['an integer of 255 bytes', pickle(`\x8a\xff${'\x01'.repeat(255)}`), 'has an integer of 255 bytes'],
  ['a name without an end', pickle('cos'), 'ends after 6 bytes in the middle of an opcode'],
  ['text that is not UTF-8', pickle(`X${uint32(1)}\xff`), 'has text that is not UTF-8'],
  ['no STOP', new Uint8Array([0x80, 0x02, 0x4e]), 'ends after 3 bytes in the middle of an opcode'],
];

describe('hostile pickles', () => {
  for (const [what, pickled, reason] of hostile) {
    it(`refuses ${what}`, async () => {
      const file = torchArchive({ ...good, 'data.pkl': pickled });
      await assertRefused(file, 'pickle-refused', `${path} is refused: its pickle ${reason}.`);
    });
  }

  it('stops at its limits of steps and memory', () => {
    const limits = { ...tensorPolicy.limits, opcodes: 100, memo: 10, depth: 5 };
    const read = (pickled: Uint8Array) => (): unknown =>
      readPickle(path, pickled, { ...tensorPolicy, limits });
    assert.throws(read(pickle('N'.repeat(200))), /its pickle has more than 100 opcodes\.$/);
    const remembered = Array.from({ length: 20 }, (_, index) => `r${uint32(index * 1_000_000)}`);
    assert.throws(read(pickle('N', ...remembered)), /its pickle remembers more than 10 values\.$/);
  });

  it('does not let a key shadow anything', async () => {
    const odd = pickle(stateDict().replace(text('w'), text('__proto__')));
    const { tensors } = await open(torchArchive({ ...good, 'data.pkl': odd }));
    assert.deepEqual([...tensors.keys()], ['__proto__']);
  });
});

const storageFault = 'has a storage that is not described as torch describes one';
const storages: [what: string, id: string, reason: string][] = [
  ['text instead of a tuple', `${text('0')}Q`, storageFault],
  ['another word', `(${text('module')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x04tQ`, storageFault],
  [
    'a path as its key',
    `(${text('storage')}ctorch\nFloatStorage\n${text('../0')}${text('cpu')}K\x04tQ`,
    storageFault,
  ],
  [
    'a missing entry',
    `(${text('storage')}ctorch\nFloatStorage\n${text('9')}${text('cpu')}K\x04tQ`,
    'has its storage 9 missing',
  ],
  [
    'too few elements',
    `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x03tQ`,
    'reaches beyond the storage that it is a view of',
  ],
  [
    'more than its entry holds',
    `(${text('storage')}ctorch\nDoubleStorage\n${text('0')}${text('cpu')}K\x04tQ`,
    'needs 32 bytes of its storage 0, which has 16',
  ],
  [
    'a dtype without a counterpart',
    `(${text('storage')}ctorch\nComplexDoubleStorage\n${text('0')}${text('cpu')}K\x04tQ`,
    'has the dtype torch.ComplexDoubleStorage',
  ],
];

describe('tensors that cannot be placed', () => {
  for (const [what, id, reason] of storages) {
    it(`names a storage with ${what}`, async () => {
      const file = torchArchive({ ...good, 'data.pkl': pickle(stateDict(id)) });
      await assertRefused(file, 'tensor-layout', `Tensor "w" of ${path} ${reason}.`);
    });
  }
});

const archives: [
  what: string,
  entries: Record<string, Uint8Array | string>,
  options: ArchiveOptions,
  code: string,
  reason: string,
][] = [
  [
    'a compressed entry',
    good,
    { method: 8 },
    'archive-refused',
    'has the zip entry "model/data.pkl" compressed by method 8, while torch.save stores its entries as they are',
  ],
  [
    'a zip bomb',
    { 'data.pkl': 'x' },
    { method: 8, claims: { 'data.pkl': 4_000_000_000 } },
    'archive-refused',
    'has the zip entry "model/data.pkl" compressed by method 8, while torch.save stores its entries as they are',
  ],
  [
    'an encrypted entry',
    good,
    { flags: 1 },
    'archive-refused',
    'has the encrypted zip entry "model/data.pkl"',
  ],
  [
    'an entry larger than the file',
    good,
    { claims: { 'data/0': 3_000_000_000 } },
    'archive-refused',
    'has zip entries of more than 381 bytes together, more than the file itself: they overlap',
  ],
  [
    'an archive without its end',
    good,
    { cut: 30 },
    'file-truncated',
    'is truncated: the directory at the end of its zip archive is missing',
  ],
  [
    'an archive cut inside its end',
    good,
    { cut: 1 },
    'file-truncated',
    'is truncated: the directory at the end of its zip archive is missing',
  ],
  [
    'no pickle',
    { 'data/0': floats },
    {},
    'not-a-checkpoint',
    'is a zip archive without a data.pkl: torch did not save it',
  ],
  [
    'big-endian numbers',
    { ...good, byteorder: 'big' },
    {},
    'archive-refused',
    'holds its numbers in big-endian byte order',
  ],
  [
    'no state dict',
    { ...good, 'data.pkl': pickle(text('hello')) },
    {},
    'not-a-checkpoint',
    'was saved by torch but holds no state dict of tensors',
  ],
];

describe('hostile archives', () => {
  for (const [what, entries, options, code, reason] of archives) {
    it(`refuses ${what}`, async () => {
      await assertRefused(torchArchive(entries, options), code, `${path} ${reason}.`);
    });
  }

  it('names the format from before torch 1.6', async () => {
    const legacy = new Uint8Array([
      0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]);
    const reason =
      "is in torch's format from before 1.6, a chain of pickles; load and save it with a current torch";
    await assertRefused(legacy, 'pickle-refused', `${path} ${reason}.`);
  });

  it('survives any cut and any flipped byte: a Problem or the tensor, never anything else', async () => {
    const file = torchArchive(good);
    for (let at = 0; at < file.length; at += 1) {
      const flipped = file.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      for (const bytes of [file.slice(0, at), flipped]) {
        await open(bytes).catch((thrown: unknown) => {
          assert.ok(thrown instanceof ThreeGateError, `${at}: ${String(thrown)}`);
          assert.notEqual(thrown.problem.code, 'internal', `${at}: ${thrown.message}`);
        });
      }
    }
  });
});
