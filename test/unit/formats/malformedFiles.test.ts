// Files that are no safetensors files, or whose header is no JSON, each with the exact sentence that a user gets.
import { describe } from 'node:test';
import { withHeader } from '../checkpoint/support/safetensorsBytes.ts';
import { bytesOf, namesEach, type Case } from './malformedCases.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A file that claims a header of `length` bytes and goes on with `rest`. */
function claiming(length: bigint, rest = '{}'): Uint8Array {
  const file = withHeader(rest);
  new DataView(file.buffer).setBigUint64(0, length, true);
  return file;
}

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
];

describe('malformed files', () => {
  namesEach(cases);
});
