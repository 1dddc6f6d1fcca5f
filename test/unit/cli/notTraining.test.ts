// Pairs whose differences are no training, through the built command line: casts, four-bit round trips, packed storage, and
// weights that are not finite. What they share is that no published range may be named for them.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { roundToBf16, TensorValues } from '../../../src/engine/checkpoint/tensorValues.ts';
import { nodeFileSystem } from '../../../src/node/disk/nodeFileSystem.ts';
import { reportText } from '../../../src/cli/reportText.ts';
import { styleFor } from '../../../src/cli/style.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { reportMarkdown } from '../../../src/shared/text/reportMarkdown.ts';
import { halfBits, nf4, quantised } from '../../support/narrowed.ts';
import { seeded } from '../../support/random.ts';
import { safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';
import { scratchFolder } from '../kernels/streamed.ts';

const scratch = scratchFolder();
const base = 'test/fixtures/nano/base';
interface Weights {
  shape: number[];
  values: Float32Array;
}
const weights = new Map<string, Weights>();

before(async () => {
  const reader = new TensorValues(nodeFileSystem);
  for (const [name, tensor] of (await openCheckpoint(nodeFileSystem, base)).tensors) {
    const values = new Float32Array(tensor.elements);
    await reader.readFloat32(tensor, 0, values);
    weights.set(name, { shape: tensor.shape, values });
  }
  await reader.close();
});
after(() => {
  scratch.remove();
});

/** A checkpoint of the nano base, each tensor as `make` stores it. */
function checkpoint(name: string, make: (weights: Weights, name: string) => TensorSpec): string {
  const folder = join(scratch.path, name);
  mkdirSync(folder, { recursive: true });
  const tensors = Object.fromEntries([...weights].map(([key, one]) => [key, make(one, key)]));
  writeFileSync(join(folder, 'model.safetensors'), safetensors(tensors));
  return folder;
}

function bytes(values: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function bf16(shape: number[], values: Float32Array): TensorSpec {
  return { dtype: 'BF16', shape, data: bytes(roundToBf16(values)) };
}

function reportOf(tuned: string, against = base): { report: Report; status: number | null } {
  const quick = ['--gates', 'anchor,precision', '--quiet', '--no-cache', '--json', '-'];
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['dist/cli.cjs', 'analyze', against, tuned, ...quick],
    { encoding: 'utf8', maxBuffer: 1 << 27 },
  );
  assert.ok(status === 0 || status === 3, stderr);
  return { report: JSON.parse(stdout) as Report, status };
}

describe('differences that are no training', () => {
  it('are rounding where the base was cast to F16', () => {
    const cast = checkpoint('f16', ({ shape, values }) => ({
      dtype: 'F16',
      shape,
      data: bytes(halfBits(values.map(Math.fround).map(nearestHalf))),
    }));
    const { report, status } = reportOf(cast);
    assert.equal(status, 0);
    assert.equal(report.summary.regime.name, 'rounding');
    assert.equal(
      report.summary.regime.sentence,
      "The differences are rounding, no training is visible: every element is what the base's BF16 gives when cast to F16.",
    );
    assert.equal(report.summary.regime.beyondSize, null);
    const changed = report.tensors.filter(({ precision }) => (precision.value?.rawChanged ?? 0) > 0);
    assert.ok(changed.length > 3);
    assert.ok(changed.every(({ rounding }) => rounding?.kind === 'cast'));
  });

  it('are rounding where the matrices went through four bits', () => {
    const merged = checkpoint('nf4', ({ shape, values }) =>
      bf16(shape, shape.length === 2 ? quantised(values, 64, nf4) : values),
    );
    const { report } = reportOf(merged);
    assert.equal(report.summary.regime.name, 'rounding');
    assert.match(report.summary.regime.sentence, /at most 16 distinct values in each block of 64/);
  });

  it('are more than rounding where one tensor was trained', () => {
    const random = seeded(3);
    const [trained] = weights.keys();
    const mixed = checkpoint('mixed', ({ shape, values }, name) =>
      name === trained
        ? bf16(
            shape,
            values.map((value) => value * (1 + random.between(-0.02, 0.02))),
          )
        : bf16(shape, shape.length === 2 ? quantised(values, 64, nf4) : values),
    );
    const { report } = reportOf(mixed);
    assert.notEqual(report.summary.regime.name, 'rounding');
    const kinds = report.tensors.map(({ rounding }) => rounding?.kind ?? null);
    assert.ok(kinds.includes('four-bit') && kinds.includes(null));
  });

  it('are not weights where the matrices are packed', () => {
    const packed = (side: string): string => {
      const folder = join(scratch.path, side);
      mkdirSync(folder, { recursive: true });
      const random = seeded(side.length);
      const codes = Uint8Array.from({ length: 4 * 8 * 64 }, () => random.integer(256));
      const tensors: Record<string, TensorSpec> = {
        'model.embed_tokens.weight': { dtype: 'BF16', shape: [8, 64] },
      };
      for (const module of ['q_proj', 'k_proj']) {
        tensors[`model.layers.0.self_attn.${module}.qweight`] = { dtype: 'I32', shape: [8, 64], data: codes };
        tensors[`model.layers.0.self_attn.${module}.scales`] = { dtype: 'F16', shape: [1, 64] };
        tensors[`model.layers.0.self_attn.${module}.g_idx`] = { dtype: 'I32', shape: [64] };
      }
      writeFileSync(join(folder, 'model.safetensors'), safetensors(tensors));
      return folder;
    };
    const { report, status } = reportOf(packed('left'), packed('right-side'));
    assert.equal(status, 3);
    assert.equal(report.summary.regime.name, 'not-weights');
    assert.equal(report.coverage.compared, 512);
    assert.equal(report.coverage.elements, 512 + 2 * 64 * 64);
    assert.match(report.summary.regime.sentence, /^94\.1 % of the parameters are packed or quantised/);
  });

  it('are warned of where weights are not finite, in text and report', () => {
    const broken = checkpoint('broken', ({ shape, values }, name) => {
      const made = values.map((value, at) => (name.includes('down_proj') && at === 7 ? Infinity : value));
      return bf16(shape, made);
    });
    const { report, status } = reportOf(broken);
    assert.equal(status, 0);
    const [warning] = report.problems;
    assert.equal(warning?.code, 'non-finite');
    assert.match(
      warning.message,
      /^\d weights are NaN, infinite .* in the tuned checkpoint: model\.layers\.0\./,
    );
    const said = /weights are NaN, infinite/;
    assert.match(reportText(report, styleFor({}, {}), 400), said);
    assert.match(reportMarkdown(report), said);
  });
});

/** To F16 by its spacing, ties to even. */
function nearestHalf(value: number): number {
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 1)));
  const step = 2 ** (exponent - 10);
  const steps = value / step;
  const down = Math.floor(steps);
  const rest = steps - down;
  const even = down % 2 === 0 ? down : down + 1;
  return (rest === 0.5 ? even : Math.round(steps)) * step;
}
