// Pairs of checkpoints in memory, given as tensors by name and shape.
import assert from 'node:assert/strict';
import type { Checkpoint, Pairing } from '../../../src/engine/checkpoint/checkpoint.ts';
import { dtypes } from '../../../src/engine/checkpoint/dtype.ts';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { pairCheckpoints } from '../../../src/engine/pairing/pairing.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';
import type { MemoryFiles } from '../checkpoint/support/memoryFileSystem.ts';
import { safetensors } from '../checkpoint/support/safetensorsBytes.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

/** Tensors as `name: shape` in BF16, or `name: [dtype, shape]`. */
export type Tensors = Record<string, number[] | [DtypeName, number[]]>;

export function fileOf(tensors: Tensors): Uint8Array {
  const isTyped = (value: Tensors[string]): value is [DtypeName, number[]] => typeof value[0] === 'string';
  return safetensors(
    Object.fromEntries(
      Object.entries(tensors).map(([name, value]) => [
        name,
        isTyped(value) ? { dtype: value[0], shape: value[1] } : { dtype: 'BF16', shape: value },
      ]),
    ),
  );
}

export const open = (folder: string, files: MemoryFiles): Promise<Checkpoint> =>
  openCheckpoint(memoryFileSystem(files), folder);

export async function side(
  name: string,
  tensors: Tensors,
  config: Record<string, unknown> = {},
): Promise<Checkpoint> {
  const folder = `/${name}`;
  const files = {
    [`${folder}/model.safetensors`]: fileOf(tensors),
    [`${folder}/config.json`]: JSON.stringify(config),
  };
  return open(folder, files);
}

export async function pair(
  base: Tensors,
  tuned: Tensors,
  configs: Record<string, unknown>[] = [],
): Promise<Pairing> {
  const pairing = pairCheckpoints(
    await side('base', base, configs[0]),
    await side('tuned', tuned, configs[1]),
  );
  assertNothingLost(pairing);
  return pairing;
}

export function assertNothingLost(pairing: Pairing): void {
  // Integers are held against each other, but are no parameters.
  const measured = pairing.pairs.filter(({ base }) => dtypes[base.dtype].kind === 'float');
  const sum = [...measured, ...pairing.notCompared].reduce((total, { elements }) => total + elements, 0);
  assert.equal(pairing.elements, sum);
}

export const names = ({ pairs }: Pairing): string[] =>
  pairs.map(({ name, tunedName }) => (tunedName === null ? name : `${name} ~ ${tunedName}`));
export const reasons = ({ notCompared }: Pairing): (string | number)[][] =>
  notCompared.map(({ name, side: where, elements, reason }) => [
    name,
    where,
    elements,
    reason.code,
    reason.message,
  ]);
