// Torch distributed checkpoints that lie: each is refused, or loses the tensor that it lies about, by a sentence that
// names what is wrong. Nothing is ever filled with zeros.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint } from '../../../src/engine/checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { chunkArchive, type HandChunk, type HandTensor, metadataBytes } from './support/dcpBytes.ts';
import { pickle, text } from './support/torchArchive.ts';

const folder = '/run/step-5';
const path = `${folder}/.metadata`;
const file = `${folder}/__0_0.distcp`;
const low = chunkArchive([1, 2, 3, 4], [2, 2]);
const high = chunkArchive([5, 6], [1, 2]);
const data = Buffer.concat([low, high]);
const lowChunk = { offsets: [0, 0], sizes: [2, 2], path: '__0_0.distcp', offset: 0, length: low.length };
const highChunk = {
  offsets: [2, 0],
  sizes: [1, 2],
  path: '__0_0.distcp',
  offset: low.length,
  length: high.length,
};
const good: HandTensor = { name: 'w', size: [3, 2], chunks: [lowChunk, highChunk] };

function open(metadata: Uint8Array, bytes: Uint8Array = data): Promise<Checkpoint> {
  return openCheckpoint(memoryFileSystem({ [path]: metadata, [file]: bytes }), folder);
}

async function refusal(metadata: Uint8Array, bytes?: Uint8Array): Promise<ThreeGateError['problem']> {
  const thrown = await open(metadata, bytes).then(
    () => assert.fail('it was read'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof ThreeGateError, String(thrown));
  return thrown.problem;
}

const withHigh = (change: Partial<HandChunk>): HandTensor => ({
  ...good,
  chunks: [lowChunk, { ...highChunk, ...change }],
});

describe('the smallest honest distributed checkpoint', () => {
  it('is read, and keeps its other tensors where one is lost', async () => {
    const other = { ...withHigh({ sizes: [2, 2] }), name: 'lost' };
    const { tensors, unreadable, info } = await open(metadataBytes([good, other]));
    assert.deepEqual([...tensors.keys()], ['w']);
    assert.deepEqual(tensors.get('w')?.shape, [3, 2]);
    assert.deepEqual(
      unreadable.map(({ name, elements }) => [name, elements]),
      [['lost', 6]],
    );
    assert.equal(info.step, 5);
  });
});

const lies: [what: string, tensor: HandTensor, message: string][] = [
  [
    'a chunk that is missing',
    { ...good, chunks: [lowChunk] },
    `Tensor "w" of ${path} has chunks of 4 elements together where its shape has 6: 2 are missing.`,
  ],
  [
    'no chunk at all',
    { ...good, chunks: [] },
    `Tensor "w" of ${path} has chunks of 0 elements together where its shape has 6: 6 are missing.`,
  ],
  [
    'chunks that overlap',
    withHigh({ offsets: [1, 0] }),
    `Tensor "w" of ${path} has chunks that overlap, or do not lie side by side.`,
  ],
  [
    'a chunk outside its tensor',
    withHigh({ offsets: [3, 0] }),
    `Tensor "w" of ${path} has a chunk [1, 2] at [3, 0], outside its shape.`,
  ],
  [
    'a chunk twice',
    { ...good, chunks: [lowChunk, highChunk, highChunk] },
    `Tensor "w" of ${path} has chunks that overlap, or do not lie side by side.`,
  ],
  [
    'a chunk of another size than is stored',
    withHigh({ sizes: [1, 1] }),
    `Tensor "w" of ${path} has its chunk [1, 1] at [2, 0] in ${file} as 1 × 2 F32, where 1 × 1 F32 is expected.`,
  ],
  [
    'another dtype than is stored',
    { ...good, dtype: 'bfloat16' },
    `Tensor "w" of ${path} has its chunk [2, 2] at [0, 0] in ${file} as 2 × 2 F32, where 2 × 2 BF16 is expected.`,
  ],
  [
    'a dtype that does not exist here',
    { ...good, dtype: 'complex128' },
    `Tensor "w" of ${path} has the dtype torch.complex128.`,
  ],
  [
    'bytes beyond the file',
    withHigh({ length: 3_000_000_000_000 }),
    `Tensor "w" of ${path} has its chunk [1, 2] at [2, 0] at bytes ${low.length} to ${low.length + 3_000_000_000_000} of ${file}, which ends at byte ${data.length}.`,
  ],
  [
    'a way out of the folder',
    withHigh({ path: '../secret.distcp' }),
    `Tensor "w" of ${path} has its chunk [1, 2] at [2, 0] in "../secret.distcp", which is not a file inside its folder.`,
  ],
  [
    'an absolute path',
    withHigh({ path: '/etc/passwd' }),
    `Tensor "w" of ${path} has its chunk [1, 2] at [2, 0] in "/etc/passwd", which is not a file inside its folder.`,
  ],
  [
    'a file that is not there',
    withHigh({ path: '__7_0.distcp' }),
    `Tensor "w" cannot be read: ${folder}/__7_0.distcp does not exist.`,
  ],
  [
    'compressed chunks',
    withHigh({ transforms: ['zstd'] }),
    `Tensor "w" of ${path} has its chunk [1, 2] at [2, 0] stored through zstd, which is not read in place.`,
  ],
  [
    'a shape beyond counting',
    { ...good, size: [2 ** 52, 2 ** 52] },
    `Tensor "w" of ${path} has a shape or chunks that are not lists of whole numbers.`,
  ],
  [
    'a huge shape over small chunks',
    { ...good, size: [2 ** 40, 2] },
    `Tensor "w" of ${path} has chunks of 6 elements together where its shape has ${2 ** 41}: ${2 ** 41 - 6} are missing.`,
  ],
  [
    'a place in the middle of a chunk',
    withHigh({ offset: low.length + 1, length: high.length - 1 }),
    `Tensor "w" cannot be read: ${file} is no file of torch.save: it is not a zip archive.`,
  ],
  [
    'a chunk cut short',
    withHigh({ length: high.length - 1 }),
    `Tensor "w" cannot be read: ${file} is truncated: the directory at the end of its zip archive is missing.`,
  ],
  [
    'chunks of another rank',
    withHigh({ offsets: [2], sizes: [2] }),
    `Tensor "w" of ${path} has a chunk whose offsets and sizes do not fit its shape.`,
  ],
];

describe('distributed checkpoints that lie', () => {
  for (const [what, tensor, message] of lies) {
    it(`are caught at ${what}`, async () => {
      assert.equal((await refusal(metadataBytes([tensor]))).message, message);
    });
  }

  it('are caught at storage that the metadata does not place', async () => {
    const unplaced = Buffer.from(metadataBytes([good])).toString('latin1');
    const renamed = unplaced.replace(text('fqn') + text('w'), text('fqn') + text('v'));
    const { message } = await refusal(new Uint8Array(Buffer.from(renamed, 'latin1')));
    assert.equal(message, `Tensor "w" of ${path} has its chunk [2, 2] at [0, 0] nowhere in its files.`);
  });

  it('are caught at a .distcp file cut short', async () => {
    const { message } = await refusal(metadataBytes([good]), data.subarray(0, data.length - 10));
    assert.match(message, /which ends at byte \d+\.$/);
  });
});

const pickles: [what: string, metadata: Uint8Array, reason: string][] = [
  ['os.system', pickle('cos\nsystem\n', text('id'), '\x85R'), 'names os.system, which the metadata'],
  ['a torch function', pickle('ctorch\nload\n'), 'names torch.load, which the metadata'],
  ['an unknown class', pickle('cargparse\nNamespace\n)\x81'), 'names argparse.Namespace, which the metadata'],
  ['a hidden call', metadataBytes([good], 'X\x01\0\0\0kcposix\nsystem\n'), 'names posix.system'],
  ['a persistent id', pickle(text('0'), 'Q'), 'has the opcode BINPERSID (0x51), which the metadata'],
  ['a text beyond the file', pickle('X\xff\xff\xff\xffab'), 'in the middle of an opcode'],
  ['an empty file', new Uint8Array(), 'ends after 0 bytes in the middle of an opcode'],
  ['nesting without end', pickle(']'.repeat(500), 'a'.repeat(499)), 'nests deeper than 100 levels'],
];

describe('hostile metadata', () => {
  for (const [what, metadata, reason] of pickles) {
    it(`is refused for ${what}, and the folder named for what it is`, async () => {
      const { code, message } = await refusal(metadata);
      assert.equal(code, 'pickle-refused');
      assert.ok(
        message.startsWith(`${folder} is a torch distributed checkpoint that is not read in place: `),
      );
      assert.ok(message.includes(reason), message);
    });
  }

  it('that describes no checkpoint is named', async () => {
    const { code, message } = await refusal(pickle('}'));
    assert.equal(code, 'not-a-checkpoint');
    assert.match(message, /\.metadata is not the metadata of a torch distributed checkpoint\./);
  });

  it('survives any cut and any flipped byte: a Problem or the tensor, never anything else', async () => {
    const whole = metadataBytes([good]);
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = whole.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      for (const bytes of [whole.slice(0, at), flipped]) {
        await open(bytes).catch((thrown: unknown) => {
          assert.ok(thrown instanceof ThreeGateError, `${at}: ${String(thrown)}`);
          assert.notEqual(thrown.problem.code, 'internal', `${at}: ${thrown.message}`);
        });
      }
    }
    for (let at = 0; at < data.length; at += 1) {
      const flipped = Buffer.from(data);
      flipped[at] = (flipped[at] ?? 0) ^ 0xff;
      await open(whole, flipped).catch((thrown: unknown) => {
        assert.ok(thrown instanceof ThreeGateError, `${at}: ${String(thrown)}`);
        assert.notEqual(thrown.problem.code, 'internal', `${at}: ${thrown.message}`);
      });
    }
  });
});
