// A fused checkpoint beside a split one gives the numbers of two split ones, bit for bit: totals of the streaming pass,
// the matrices it hands on, and the values that overlaps and masks read. Random shapes, dtypes and layouts by seed.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Checkpoint, TensorPair } from '../../../src/engine/checkpoint/checkpoint.ts';
import { dtypes } from '../../../src/engine/checkpoint/dtype.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { TensorValues } from '../../../src/engine/checkpoint/tensorValues.ts';
import type { StreamResult, TensorStreamer } from '../../../src/engine/kernels/tensorStreamer.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { createWorkerStreamer } from '../../../src/node/workers/workerStreamer.ts';
import { seeded, type Random } from '../../support/random.ts';
import { dist, scratchFolder } from '../kernels/streamed.ts';
import { byHeads, inTurns, joined, transposed, type Matrix } from '../checkpoint/support/fuse.ts';
import { safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';
import { allHere } from '../../support/allHere.ts';

const { path: scratch, remove } = scratchFolder();
const streamer = await createWorkerStreamer({ bytes: allHere, threads: 2, folder: dist });
after(async () => {
  await streamer.close();
  remove();
});

type Matrices = Map<string, Matrix>;

/** How one side stores what the other keeps apart. */
interface Fusing {
  config: Record<string, unknown>;
  fuse: (parts: Matrices, dtype: DtypeName) => Record<string, TensorSpec>;
}

const experts = 3;
const heads = 2;
const layer = 'model.layers.0';

function expertStack(
  way: (parts: readonly Matrix[]) => Matrix,
  isTransposed: boolean,
  name = 'experts',
): Fusing['fuse'] {
  return (parts, dtype) => {
    const stack = (roles: readonly string[]): TensorSpec => {
      const each = Array.from({ length: experts }, (_, expert) =>
        way(roles.map((role) => parts.get(`${layer}.mlp.experts.${expert}.${role}.weight`)!)),
      );
      const stored = isTransposed ? each.map(transposed) : each;
      const [{ rows, columns }] = stored as [Matrix];
      return { dtype, shape: [experts, rows, columns], data: joined(stored).bytes };
    };
    return {
      [`${layer}.mlp.${name}.gate_up_proj`]: stack(['gate_proj', 'up_proj']),
      [`${layer}.mlp.${name}.down_proj`]: stack(['down_proj']),
    };
  };
}

function attention(leaf: string, way: (parts: readonly Matrix[]) => Matrix): Fusing['fuse'] {
  return (parts, dtype) => {
    const fused = way(['q', 'k', 'v'].map((role) => parts.get(`${layer}.self_attn.${role}_proj.weight`)!));
    const shape = [fused.rows, fused.columns];
    return { [`${layer}.self_attn.${leaf}.weight`]: { dtype, shape, data: fused.bytes } };
  };
}

const layouts: Record<string, Fusing> = {
  'gate before up, out × in': { config: { model_type: 'qwen3_moe' }, fuse: expertStack(joined, false) },
  'gate before up, in × out': { config: { model_type: 'llama4' }, fuse: expertStack(joined, true) },
  'gate and up in turns, in × out': { config: { model_type: 'gpt_oss' }, fuse: expertStack(inTurns, true) },
  'gate and up in turns, out × in': { config: { model_type: 'gpt_oss' }, fuse: expertStack(inTurns, false) },
  'under a wrapper': {
    config: { model_type: 'qwen3_moe' },
    fuse: (parts, dtype) =>
      Object.fromEntries(
        Object.entries(expertStack(joined, false)(parts, dtype)).map(([name, spec]) => [
          `module.${name}`,
          spec,
        ]),
      ),
  },
  'gate_up_proj of a dense block': {
    config: {},
    fuse: (parts, dtype) => {
      const fused = joined(['gate', 'up'].map((role) => parts.get(`${layer}.mlp.${role}_proj.weight`)!));
      const shape = [fused.rows, fused.columns];
      return { [`${layer}.mlp.gate_up_proj.weight`]: { dtype, shape, data: fused.bytes } };
    },
  },
  qkv_proj: { config: {}, fuse: attention('qkv_proj', joined) },
  W_pack: { config: { model_type: 'baichuan' }, fuse: attention('W_pack', joined) },
  'query_key_value by heads': {
    config: { model_type: 'gpt_neox', num_attention_heads: heads },
    fuse: attention('query_key_value', (parts) => byHeads(parts, heads)),
  },
  'query_key_value by groups of heads': {
    config: { model_type: 'falcon', new_decoder_architecture: true, num_kv_heads: heads },
    fuse: attention('query_key_value', (parts) => byHeads(parts, heads)),
  },
  'c_attn of a Conv1D': {
    config: { model_type: 'gpt2' },
    fuse: attention('c_attn', (parts) => transposed(joined(parts))),
  },
};

function randomMatrices(random: Random, dtype: DtypeName): Matrices {
  const width = dtypes[dtype].bits / 8;
  const size = (): number => 1 + random.integer(12);
  const hidden = size();
  const inner = size();
  const perHead = size();
  const shapes: [string, number, number][] = [
    ...Array.from({ length: experts }, (_, expert) => [
      [`mlp.experts.${expert}.gate_proj`, inner, hidden] as [string, number, number],
      [`mlp.experts.${expert}.up_proj`, inner, hidden] as [string, number, number],
      [`mlp.experts.${expert}.down_proj`, hidden, inner] as [string, number, number],
    ]).flat(),
    ['mlp.gate_proj', inner, hidden],
    ['mlp.up_proj', inner, hidden],
    ['self_attn.q_proj', 2 * heads * perHead, hidden],
    ['self_attn.k_proj', heads * perHead, hidden],
    ['self_attn.v_proj', heads * perHead, hidden],
  ];
  return new Map(
    shapes.map(([name, rows, columns]) => {
      const bytes = Uint8Array.from({ length: rows * columns * width }, () => random.integer(256));
      return [`${layer}.${name}.weight`, { rows, columns, width, bytes }];
    }),
  );
}

/** A few elements anew, as an update leaves them. */
function changed(matrices: Matrices, random: Random): Matrices {
  return new Map(
    [...matrices].map(([name, { bytes, ...matrix }]) => {
      const update = bytes.map((byte) => (random.integer(5) === 0 ? random.integer(256) : byte));
      return [name, { ...matrix, bytes: update }];
    }),
  );
}

function split(matrices: Matrices, dtype: DtypeName): Record<string, TensorSpec> {
  return Object.fromEntries(
    [...matrices].map(([name, { rows, columns, bytes }]) => [
      name,
      { dtype, shape: [rows, columns], data: bytes },
    ]),
  );
}

let folders = 0;

async function checkpoint(
  tensors: Record<string, TensorSpec>,
  config: Record<string, unknown>,
): Promise<Checkpoint> {
  const folder = join(scratch, String(folders++));
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.safetensors'), safetensors(tensors));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return openCheckpoint(nodeFileSystem, folder);
}

/** What the engine measures of a pair, without names and places. */
async function measured(pair: TensorPair, by: TensorStreamer): Promise<StreamResult & { bf16: number[][] }> {
  const signal = new AbortController().signal;
  const result = await by.stream(pair, { eta: 1e-3, wantMatrices: true, packBf16: true }, signal);
  const values = new TensorValues(nodeFileSystem);
  const bf16: number[][] = [];
  for (const side of [pair.base, pair.tuned]) {
    const columns = side.shape[side.shape.length - 1] ?? 1;
    // Whole, a few rows, and a piece of a row.
    for (const [first, count] of [
      [0, side.elements],
      [columns, side.elements - columns],
      [Math.floor(columns / 2), 1],
    ] as const) {
      bf16.push([...(await values.readBf16(side, first, count))]);
    }
  }
  await values.close();
  return { ...result, bf16 };
}

async function assertSameNumbers(
  left: Record<string, TensorSpec>,
  right: Record<string, TensorSpec>,
  unfused: [Record<string, TensorSpec>, Record<string, TensorSpec>],
  config: Record<string, unknown>,
): Promise<void> {
  const found = pairCheckpoints(await checkpoint(left, config), await checkpoint(right, config));
  const plain = pairCheckpoints(await checkpoint(unfused[0], {}), await checkpoint(unfused[1], {}));
  assert.deepEqual(found.notCompared, []);
  assert.equal(found.elements, plain.elements);
  const partOf = ({ name, tunedName }: TensorPair): string =>
    [name, tunedName ?? name].find((each) => Object.hasOwn(unfused[0], each)) ?? '';
  const byPart = new Map(found.pairs.map((pair) => [partOf(pair), pair]));
  assert.equal(byPart.size, plain.pairs.length);
  for (const pair of plain.pairs) {
    const slice = byPart.get(pair.name) ?? assert.fail(`${pair.name} is not paired`);
    assert.deepEqual([slice.container, slice.layer, slice.module], [pair.container, pair.layer, pair.module]);
    assert.deepEqual(await measured(slice, streamer), await measured(pair, streamer), pair.name);
  }
}

describe('fused beside split', () => {
  const sides: [DtypeName, DtypeName][] = [
    ['BF16', 'BF16'],
    ['F32', 'F32'],
    ['BF16', 'F32'],
    ['F16', 'F64'],
  ];
  for (const [what, { config, fuse }] of Object.entries(layouts)) {
    it(`gives the numbers of two split checkpoints: ${what}`, async () => {
      for (let seed = 1; seed <= 8; seed += 1) {
        const random = seeded(seed);
        const [dtype, other] = sides[seed % sides.length] ?? ['BF16', 'BF16'];
        const base = randomMatrices(random, dtype);
        const same = dtype === other;
        const tuned = same ? changed(base, random) : randomLike(base, random, other);
        const isBaseFused = seed % 2 === 0;
        const fused = fuse(isBaseFused ? base : tuned, isBaseFused ? dtype : other);
        const used = namesWithin(fused);
        const keep = (matrices: Matrices): Matrices =>
          new Map([...matrices].filter(([name]) => used.test(name)));
        const [left, right] = [split(keep(base), dtype), split(keep(tuned), other)];
        if (isBaseFused) await assertSameNumbers(fused, right, [left, right], config);
        else await assertSameNumbers(left, fused, [left, right], config);
      }
    });
  }

  it('holds for a slice of several chunks that lies across its rows', async () => {
    const random = seeded(99);
    const [inner, hidden] = [2100, 2048];
    const matrix = (): Matrix => {
      const bytes = new Uint8Array(
        new Uint32Array((inner * hidden) / 2).map(() => random.next() * 2 ** 32).buffer,
      );
      return { rows: inner, columns: hidden, width: 2, bytes };
    };
    const [gate, up] = [matrix(), matrix()];
    const base = new Map([
      [`${layer}.mlp.experts.0.gate_proj.weight`, gate],
      [`${layer}.mlp.experts.0.up_proj.weight`, up],
    ]);
    const tuned = changed(base, random);
    const fused = transposedPair([...tuned.values()]);
    const stack: Record<string, TensorSpec> = {
      [`${layer}.mlp.experts.gate_up_proj`]: { dtype: 'BF16', shape: [1, hidden, 2 * inner], data: fused },
    };
    const unfused: [Record<string, TensorSpec>, Record<string, TensorSpec>] = [
      split(base, 'BF16'),
      split(tuned, 'BF16'),
    ];
    await assertSameNumbers(unfused[0], stack, unfused, { model_type: 'llama4' });
  });
});

/** As `transposed(joined(parts))`, quick enough for millions of elements of two bytes. */
function transposedPair(parts: readonly Matrix[]): Uint8Array {
  const all = parts.map(({ bytes }) => new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2));
  const [{ rows, columns }] = parts as [Matrix];
  const made = new Uint16Array(rows * columns * parts.length);
  for (const [at, words] of all.entries()) {
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        made[column * rows * parts.length + at * rows + row] = words[row * columns + column] ?? 0;
      }
    }
  }
  return new Uint8Array(made.buffer);
}

function randomLike(base: Matrices, random: Random, dtype: DtypeName): Matrices {
  const width = dtypes[dtype].bits / 8;
  return new Map(
    [...base].map(([name, { rows, columns }]) => {
      const bytes = Uint8Array.from({ length: rows * columns * width }, () => random.integer(256));
      return [name, { rows, columns, width, bytes }];
    }),
  );
}

/** The parts that these fused tensors hold. */
function namesWithin(fused: Record<string, TensorSpec>): RegExp {
  const [name = ''] = Object.keys(fused);
  if (name.includes('experts')) return /experts\.\d/;
  return name.includes('mlp') ? /mlp\.(?:gate|up)_proj/ : /self_attn/;
}
