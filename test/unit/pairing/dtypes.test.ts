// Which dtypes are compared with which, and what becomes of the others.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { type Tensors, pair, names, reasons } from './namedTensors.ts';

describe('dtypes', () => {
  it('compares floats of any width with each other', async () => {
    const floats: DtypeName[] = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2'];
    const base = Object.fromEntries(
      floats.flatMap((a) => floats.map((b) => [`${a}.${b}`, [a, [2]] as [DtypeName, number[]]])),
    );
    const tuned = Object.fromEntries(
      floats.flatMap((a) => floats.map((b) => [`${a}.${b}`, [b, [2]] as [DtypeName, number[]]])),
    );
    const pairing = await pair(base, tuned);
    assert.equal(pairing.pairs.length, 36);
    assert.equal(pairing.notes.length, 30);
    assert.ok(
      pairing.notes.includes('1 tensor is stored in F32 in the base and BF16 in the tuned checkpoint.'),
    );
  });

  it('compares integers and booleans with their own kind only', async () => {
    const pairing = await pair(
      { ids: ['I64', [2]], mask: ['BOOL', [2]], a: ['I32', [2]], b: ['BOOL', [2]], c: ['I8', [2]] },
      { ids: ['I64', [2]], mask: ['BOOL', [2]], a: ['I64', [2]], b: ['U8', [2]], c: ['F32', [2]] },
    );
    assert.deepEqual(names(pairing), ['ids', 'mask']);
    assert.deepEqual(
      reasons(pairing).map(([, , , code, message]) => [code, message]),
      [
        ['a', 'I32', 'I64'],
        ['b', 'BOOL', 'U8'],
        ['c', 'I8', 'F32'],
      ].map(([name = '', base = '', tuned = '']) => [
        'dtype-unsupported',
        `Tensor "${name}" is not comparable: dtype ${base} in the base and ${tuned} in the tuned checkpoint.`,
      ]),
    );
  });

  it('makes every other dtype a row, never zeros', async () => {
    const others: DtypeName[] = ['F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ', 'F6_E2M3', 'F6_E3M2', 'F4', 'C64'];
    const tensors = Object.fromEntries(
      others.map((dtype) => [dtype, [dtype, [4, 2]] as [DtypeName, number[]]]),
    );
    const pairing = await pair(tensors, tensors);
    assert.deepEqual(names(pairing), []);
    assert.deepEqual(
      reasons(pairing).map(([name, , elements, , message]) => [name, elements, message]),
      others.map((dtype) => [dtype, 8, `Tensor "${dtype}" is not comparable: dtype ${dtype}.`]),
    );
  });

  it('gives F8 weights their scales, and compares them with BF16', async () => {
    const pairing = await pair(
      { 'q.weight': [200, 300] },
      { 'q.weight': ['F8_E4M3', [200, 300]], 'q.weight_scale_inv': ['F32', [2, 3]] },
    );
    assert.deepEqual(names(pairing), ['q.weight']);
    assert.equal(pairing.pairs[0]?.tuned.scale?.name, 'q.weight_scale_inv');
    assert.equal(pairing.elements, 60_000);
    assert.deepEqual(pairing.notes, [
      '1 tensor is stored in BF16 in the base and F8_E4M3 in the tuned checkpoint.',
      '1 F8 weight of the tuned checkpoint: compared dequantised, by the scales beside them.',
    ]);
  });

  it('does not take an F8 weight at face value when its scale is missing or does not fit', async () => {
    const pairing = await pair(
      { a: [4, 4], b: [4, 4], c: [4, 4], d: [4] },
      {
        a: ['F8_E4M3', [4, 4]],
        a_scale_inv: ['F32', [1, 1]],
        b: ['F8_E4M3', [4, 4]],
        c: ['F8_E4M3', [4, 4]],
        c_scale: ['F32', [3, 1]],
        d: ['F8_E4M3', [4]],
      },
    );
    assert.deepEqual(names(pairing), ['a', 'd']);
    assert.deepEqual(
      reasons(pairing).map(([name, where, elements, code, message]) => [
        name,
        where,
        elements,
        code,
        message,
      ]),
      [
        [
          'b',
          'tuned',
          16,
          'dtype-scale-missing',
          'Tensor "b" of /tuned/model.safetensors is stored in F8_E4M3, and no scale lies beside it (such as "b_scale_inv"), though the checkpoint is quantised.',
        ],
        [
          'c',
          'tuned',
          16,
          'dtype-scale-missing',
          'Tensor "c" of /tuned/model.safetensors is stored in F8_E4M3 with scales that do not fit it: "c_scale" is 3 × 1 for 4 × 4.',
        ],
      ],
    );
  });

  it('expects scales where config.json says that the weights are quantised', async () => {
    const f8: Tensors = { a: ['F8_E4M3', [4, 4]] };
    assert.deepEqual(names(await pair(f8, f8)), ['a']);
    const quantised = { quantization_config: { quant_method: 'fp8' } };
    assert.deepEqual(
      reasons(await pair(f8, f8, [{}, quantised])).map(([, , , code]) => code),
      ['dtype-scale-missing'],
    );
  });
});
