// What of a tuned checkpoint a patch has to say: every tensor of both sides is read once, hashed, and its changed elements counted.
import { ThreeGateError } from '../../shared/errors.ts';
import type { TensorWay } from '../../shared/report/patchReport.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import type { TensorValues } from '../checkpoint/tensorValues.ts';
import { chunksOf, storedBytes, storedTensors } from '../hashing/storedTensors.ts';
import { countChanged, isAddressable } from './elements.ts';
import { indexBytes } from './indices.ts';
import type { PatchPorts } from './ports.ts';

export interface TensorChange {
  tensor: PlainTensor;
  /** The base's tensor of this name, dtype and shape; null where there is none. */
  base: PlainTensor | null;
  way: TensorWay;
  /** Null without a base to hold it against. */
  changed: number | null;
  /** SHA-256 of the base's tensor where the patch needs it. */
  baseSha256: string | null;
  sha256: string;
}

/** In natural order of the names. Rejects where a tensor of the tuned side cannot be read. */
export async function findChanges(
  base: Checkpoint,
  tuned: Checkpoint,
  values: TensorValues,
  ports: PatchPorts,
): Promise<TensorChange[]> {
  const [lost] = tuned.unreadable;
  if (lost !== undefined) throw ThreeGateError.from(lost.reason);
  const ours = storedTensors(base);
  const theirs = storedTensors(tuned);
  const found: TensorChange[] = [];
  for (const tensor of theirs.values()) {
    const own = ours.get(tensor.name);
    const partner = own !== undefined && isAlike(own, tensor) ? own : null;
    found.push(await changeOf(tensor, partner, theirs, values, ports));
  }
  return found;
}

function isAlike(base: PlainTensor, tuned: PlainTensor): boolean {
  return (
    base.dtype === tuned.dtype &&
    base.shape.length === tuned.shape.length &&
    base.shape.every((size, dimension) => size === tuned.shape[dimension])
  );
}

async function changeOf(
  tensor: PlainTensor,
  base: PlainTensor | null,
  all: ReadonlyMap<string, PlainTensor>,
  values: TensorValues,
  { openHash, onBytes, signal }: PatchPorts,
): Promise<TensorChange> {
  const { bits } = dtypes[tensor.dtype];
  // Of elements narrower than a byte, bytes are counted: it decides only whether they are equal.
  const width = isAddressable(bits) ? bits / 8 : 1;
  const [before, after] = [openHash(), openHash()];
  const other = base === null ? null : chunksOf(values, base, signal);
  let changed = 0;
  try {
    for await (const { bytes } of chunksOf(values, tensor, signal)) {
      after.update(bytes);
      onBytes(bytes.length, tensor.name);
      const next = await other?.next();
      if (next === undefined || next.done === true) continue;
      before.update(next.value.bytes);
      onBytes(next.value.bytes.length, tensor.name);
      changed += countChanged(next.value.bytes, bytes, width);
    }
  } finally {
    await other?.return(undefined);
  }
  const sha256 = after.digest();
  if (base === null) return { tensor, base, way: 'whole', changed: null, baseSha256: null, sha256 };
  const way = wayOf(tensor, changed, isAddressable(bits), all);
  return { tensor, base, way, changed, baseSha256: way === 'whole' ? null : before.digest(), sha256 };
}

function wayOf(
  tensor: PlainTensor,
  changed: number,
  addressable: boolean,
  all: ReadonlyMap<string, PlainTensor>,
): TensorWay {
  if (changed === 0) return 'equal';
  const { name, elements } = tensor;
  const isTaken = all.has(indicesName(name)) || all.has(valuesName(name));
  if (!addressable || isTaken) return 'whole';
  const dense = storedBytes(tensor);
  return changed * (indexBytes(elements) + dense / elements) < dense ? 'sparse' : 'whole';
}

/** What the two parts of a tensor are called in the patch. */
export const indicesName = (tensor: string): string => `${tensor}.indices`;
export const valuesName = (tensor: string): string => `${tensor}.values`;
