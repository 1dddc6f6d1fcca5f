// Malformed single files, each with the exact sentence that a user gets. `FILE` stands for the file's path.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { asProblem } from '../../../src/shared/errors.ts';
import type { ProblemCode } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import { withHeader } from '../checkpoint/support/safetensorsBytes.ts';

const path = '/run/model.safetensors';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A file that claims a header of `length` bytes and goes on with `rest`. */
function claiming(length: bigint, rest = '{}'): Uint8Array {
  const file = withHeader(rest);
  new DataView(file.buffer).setBigUint64(0, length, true);
  return file;
}

const entry = (dtype: string, shape: string, start: number, end: number): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${start},${end}]}`;

type Case = [what: string, file: Uint8Array, code: ProblemCode, message: string];

const cases: Case[] = [
  // The first eight bytes.
  ['an empty file', new Uint8Array(0), 'header-too-small', 'FILE is empty.'],
  [
    'five bytes',
    new Uint8Array(5),
    'header-too-small',
    'FILE has 5 bytes; a safetensors file starts with the length of its header in 8 bytes.',
  ],
  [
    'a header longer than the file',
    claiming(1000n),
    'header-length',
    'The header of FILE claims 1000 bytes, but the file ends after 10.',
  ],
  [
    'a header one byte over the cap',
    claiming(100_000_001n),
    'header-too-large',
    "The header of FILE claims 100000001 bytes, beyond the format's limit of 100000000.",
  ],
  [
    'the largest length there is',
    claiming(0xffff_ffff_ffff_ffffn),
    'header-too-large',
    "The header of FILE claims 18446744073709551615 bytes, beyond the format's limit of 100000000.",
  ],

  // Files that are something else.
  [
    'a Git LFS pointer',
    bytesOf('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
    'git-lfs-pointer',
    'FILE is a Git LFS pointer, not the file itself; fetch it with "git lfs pull".',
  ],
  [
    'an HTML page',
    bytesOf('<!DOCTYPE html>\n<html><body>404</body></html>'),
    'html-page',
    'FILE is a web page, not the file itself; the download probably answered with an error page.',
  ],
  [
    'an HTML page after a byte order mark and blank lines',
    bytesOf('\uFEFF\n  <html lang="en">'),
    'html-page',
    'FILE is a web page, not the file itself; the download probably answered with an error page.',
  ],
  [
    "a storage service's XML error",
    bytesOf('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'),
    'html-page',
    'FILE is a web page, not the file itself; the download probably answered with an error page.',
  ],
  [
    'a PyTorch zip',
    latin1('PK\x03\x04\x00\x00\x08\x08 archive/data.pkl'),
    'pickle-refused',
    'FILE is a PyTorch pickle, which is never executed; save it as safetensors first.',
  ],
  [
    'an old PyTorch pickle',
    latin1('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.'),
    'pickle-refused',
    'FILE is a PyTorch pickle, which is never executed; save it as safetensors first.',
  ],
  [
    'a GGUF file',
    latin1('GGUF\x03\x00\x00\x00\x01\x00'),
    'not-a-checkpoint',
    'FILE is a GGUF file, not safetensors.',
  ],
  [
    'a JSON error answer',
    bytesOf('{"error":"Repository not found"}'),
    'not-a-checkpoint',
    'FILE is JSON text, not safetensors.',
  ],

  // JSON.
  ['an empty header', withHeader(''), 'header-json', 'The header of FILE is empty.'],
  [
    'a header that is not UTF-8',
    withHeader(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d])),
    'header-utf8',
    'The header of FILE is not UTF-8.',
  ],
  [
    'a byte order mark',
    withHeader('\uFEFF{}'),
    'header-json',
    'The header of FILE is not JSON: unexpected "\uFEFF" at character 0.',
  ],
  ['a list', withHeader('[]'), 'header-json', 'The header of FILE is not a JSON object.'],
  [
    'an object that does not end',
    withHeader('{"a":'),
    'header-json',
    'The header of FILE is not JSON: it ends too early.',
  ],
  [
    'text after the object',
    withHeader('{} x'),
    'header-json',
    'The header of FILE is not JSON: unexpected "x" at character 3.',
  ],
  [
    'padding with zeros instead of spaces',
    withHeader('{}\0\0'),
    'header-json',
    'The header of FILE is not JSON: unexpected "\\u0000" at character 2.',
  ],
  [
    'a comma before the end',
    withHeader('{"a":1,}'),
    'header-json',
    'The header of FILE is not JSON: unexpected "}" at character 7.',
  ],
  [
    'single quotes',
    withHeader("{'a':1}"),
    'header-json',
    'The header of FILE is not JSON: unexpected "\'" at character 1.',
  ],
  [
    'NaN',
    withHeader('{"a":NaN}'),
    'header-json',
    'The header of FILE is not JSON: unexpected "N" at character 5.',
  ],
  [
    'a number with leading zeros',
    withHeader('{"a":007}'),
    'header-json',
    'The header of FILE is not JSON: unexpected "0" at character 6.',
  ],
  [
    'a raw line break in a name',
    withHeader('{"a\nb":1}'),
    'header-json',
    'The header of FILE is not JSON: unexpected "\\n" at character 3.',
  ],
  [
    'an escape that JSON does not know',
    withHeader('{"\\x41":1}'),
    'header-json',
    'The header of FILE is not JSON: the unknown escape "\\x" at character 2.',
  ],
  [
    'half an escape',
    withHeader('{"\\u12":1}'),
    'header-json',
    'The header of FILE is not JSON: a broken \\u escape at character 2.',
  ],
  [
    'a lone surrogate',
    withHeader('{"\\ud800":1}'),
    'header-json',
    'The header of FILE is not JSON: a lone surrogate in a string at character 9.',
  ],
  [
    'nesting without end',
    withHeader(`{"a":${'['.repeat(5000)}`),
    'header-json',
    'The header of FILE is not JSON: nesting deeper than 128 levels at character 132.',
  ],

  // Metadata.
  [
    'metadata that is a list',
    withHeader('{"__metadata__":[]}'),
    'header-entry',
    'The __metadata__ of FILE is not an object.',
  ],
  [
    'a number in the metadata',
    withHeader('{"__metadata__":{"step":500}}'),
    'header-entry',
    'The __metadata__ of FILE has a value that is not text under "step".',
  ],
  [
    'null in the metadata',
    withHeader('{"__metadata__":{"format":null}}'),
    'header-entry',
    'The __metadata__ of FILE has a value that is not text under "format".',
  ],

  // Repeated keys.
  [
    'a tensor listed twice',
    withHeader(`{"a":${entry('F32', '[1]', 0, 4)},"a":${entry('F32', '[1]', 0, 4)}}`, 4),
    'header-duplicate',
    'FILE lists the tensor "a" twice.',
  ],
  [
    'a tensor listed twice in two spellings',
    withHeader(`{"a":${entry('F32', '[1]', 0, 4)},"\\u0061":${entry('F32', '[1]', 4, 8)}}`, 8),
    'header-duplicate',
    'FILE lists the tensor "a" twice.',
  ],
  [
    'a repeated dtype',
    withHeader('{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', 4),
    'header-duplicate',
    'FILE has the key "dtype" twice in the entry of tensor "a".',
  ],
  [
    'a repeated metadata key',
    withHeader('{"__metadata__":{"format":"pt","format":"tf"}}'),
    'header-duplicate',
    'FILE has the key "format" twice in its metadata.',
  ],
  [
    'metadata twice',
    withHeader('{"__metadata__":{},"__metadata__":{}}'),
    'header-duplicate',
    'FILE has its metadata twice.',
  ],

  // Entries.
  [
    'an entry that is a number',
    withHeader('{"a":1}'),
    'header-entry',
    'Tensor "a" of FILE is not described by an object.',
  ],
  [
    'no dtype',
    withHeader('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has no dtype.',
  ],
  [
    'a dtype that is a number',
    withHeader('{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has a dtype that is not text.',
  ],
  [
    'a dtype that nobody knows',
    withHeader(`{"a":${entry('F128', '[1]', 0, 16)}}`, 16),
    'dtype-unsupported',
    'Tensor "a" of FILE is not comparable: unknown dtype "F128".',
  ],
  [
    'a dtype in small letters',
    withHeader(`{"a":${entry('f32', '[1]', 0, 4)}}`, 4),
    'dtype-unsupported',
    'Tensor "a" of FILE is not comparable: unknown dtype "f32".',
  ],
  [
    "a dtype named like an object's own method",
    withHeader(`{"a":${entry('toString', '[1]', 0, 4)}}`, 4),
    'dtype-unsupported',
    'Tensor "a" of FILE is not comparable: unknown dtype "toString".',
  ],
  [
    'no shape',
    withHeader('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has no shape.',
  ],
  [
    'a shape that is a number',
    withHeader('{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has a shape that is not a list.',
  ],
  [
    'a negative dimension',
    withHeader(`{"a":${entry('F32', '[-1]', 0, 4)}}`, 4),
    'header-entry',
    'Tensor "a" of FILE has -1 in its shape, which is not a whole number ≥ 0.',
  ],
  [
    'a minus zero',
    withHeader(`{"a":${entry('F32', '[-0]', 0, 0)}}`),
    'header-entry',
    'Tensor "a" of FILE has -0 in its shape, which is not a whole number ≥ 0.',
  ],
  [
    'a dimension with a fraction',
    withHeader(`{"a":${entry('F32', '[1.0]', 0, 4)}}`, 4),
    'header-entry',
    'Tensor "a" of FILE has 1.0 in its shape, which is not a whole number ≥ 0.',
  ],
  [
    'a dimension as text',
    withHeader(`{"a":${entry('F32', '["1"]', 0, 4)}}`, 4),
    'header-entry',
    'Tensor "a" of FILE has "1" in its shape, which is not a whole number ≥ 0.',
  ],
  [
    'no offsets',
    withHeader('{"a":{"dtype":"F32","shape":[1]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has no data_offsets.',
  ],
  [
    'one offset',
    withHeader('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has 1 data_offsets instead of 2.',
  ],
  [
    'three offsets',
    withHeader('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has 3 data_offsets instead of 2.',
  ],
  [
    'offsets with an exponent',
    withHeader('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4e0]}}', 4),
    'header-entry',
    'Tensor "a" of FILE has 4e0 in its data_offsets, which is not a whole number ≥ 0.',
  ],

  // Counting.
  [
    'a dimension beyond 2^53',
    withHeader(`{"a":${entry('F32', '[9007199254740993]', 0, 4)}}`, 4),
    'header-overflow',
    'Tensor "a" of FILE has 9007199254740993 in its shape, beyond the limit of 9007199254740991.',
  ],
  [
    'an offset beyond 64 bits',
    withHeader('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,36893488147419103232]}}', 4),
    'header-overflow',
    'Tensor "a" of FILE has 36893488147419103232 in its data_offsets, beyond the limit of 9007199254740991.',
  ],
  [
    'a product that overflows before its zero',
    withHeader(`{"a":${entry('F32', '[4294967296,4294967296,0]', 0, 0)}}`),
    'header-overflow',
    'Tensor "a" of FILE has the shape 4294967296 × 4294967296 × 0, more elements than can be counted.',
  ],
  [
    'more bits than can be counted',
    withHeader(`{"a":${entry('F64', '[9007199254740991]', 0, 8)}}`, 8),
    'header-overflow',
    'Tensor "a" of FILE has the shape 9007199254740991, more elements than can be counted.',
  ],
  [
    'an odd number of four-bit elements',
    withHeader(`{"a":${entry('F4', '[3]', 0, 2)}}`, 2),
    'header-alignment',
    'Tensor "a" of FILE has 3 elements of 4 bits (F4), not a whole number of bytes.',
  ],
  [
    'three six-bit elements',
    withHeader(`{"a":${entry('F6_E2M3', '[3]', 0, 3)}}`, 3),
    'header-alignment',
    'Tensor "a" of FILE has 3 elements of 6 bits (F6_E2M3), not a whole number of bytes.',
  ],
  [
    'a span shorter than the shape',
    withHeader(`{"a":${entry('BF16', '[2,3]', 0, 10)}}`, 10),
    'header-span',
    'Tensor "a" of FILE spans 10 bytes, but 2 × 3 in BF16 takes 12.',
  ],
  [
    'a span longer than the shape',
    withHeader(`{"a":${entry('F32', '[]', 0, 8)}}`, 8),
    'header-span',
    'Tensor "a" of FILE spans 8 bytes, but scalar in F32 takes 4.',
  ],

  // Offsets.
  [
    'an end before its start',
    withHeader(`{"a":${entry('F32', '[1]', 4, 0)}}`, 4),
    'header-offset',
    'Tensor "a" of FILE ends at byte 0, before its start at byte 4.',
  ],
  [
    'a hole at the start',
    withHeader(`{"a":${entry('F32', '[1]', 4, 8)}}`, 8),
    'header-offset',
    'Tensor "a" of FILE starts at byte 4, leaving a hole after byte 0.',
  ],
  [
    'a hole between two tensors',
    withHeader(`{"a":${entry('F32', '[1]', 0, 4)},"b":${entry('F32', '[1]', 8, 12)}}`, 12),
    'header-offset',
    'Tensor "b" of FILE starts at byte 8, leaving a hole after byte 4.',
  ],
  [
    'two tensors that overlap',
    withHeader(`{"a":${entry('F32', '[2]', 0, 8)},"b":${entry('F32', '[1]', 4, 8)}}`, 8),
    'header-offset',
    'Tensor "b" of FILE starts at byte 4, inside the tensor before it, which ends at byte 8.',
  ],
  [
    'two tensors over the same bytes',
    withHeader(`{"a":${entry('F32', '[1]', 0, 4)},"b":${entry('F32', '[1]', 0, 4)}}`, 4),
    'header-offset',
    'Tensor "b" of FILE starts at byte 0, inside the tensor before it, which ends at byte 4.',
  ],
  [
    'a file that ends inside its only tensor',
    withHeader(`{"a":${entry('F32', '[4]', 0, 16)}}`, 7),
    'file-truncated',
    'FILE is truncated: tensor "a" ends at byte 79, the file at byte 70.',
  ],
  [
    'bytes after the last tensor',
    withHeader(`{"a":${entry('F32', '[1]', 0, 4)}}`, 9),
    'file-trailing-bytes',
    'FILE has 5 bytes after its last tensor, which its header does not describe.',
  ],
];

describe('malformed files', () => {
  for (const [what, file, code, message] of cases) {
    it(`names ${what}`, async () => {
      const thrown = await openCheckpoint(memoryFileSystem({ [path]: file }), path).then(
        () => assert.fail('it opened'),
        (error: unknown) => asProblem(error),
      );
      assert.deepEqual(
        { code: thrown.code, message: thrown.message.replaceAll(path, 'FILE'), file: thrown.file },
        { code, message, file: path },
      );
    });
  }
});
