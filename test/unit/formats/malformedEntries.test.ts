// Headers that are JSON but describe no tensors, each with the exact sentence that a user gets.
import { describe } from 'node:test';
import { withHeader } from '../checkpoint/support/safetensorsBytes.ts';
import { entry, namesEach, type Case } from './malformedCases.ts';

const cases: Case[] = [
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

describe('malformed headers', () => {
  namesEach(cases);
});
