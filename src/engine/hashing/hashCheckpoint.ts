// SHA-256 of every tensor of a checkpoint, and one of the whole that depends on names, dtypes, shapes and bytes alone: not on how the
// checkpoint is cut into files, on its format, on metadata or on the order of its tensors. docs/hash.md defines both.
import { asProblem } from '../../shared/errors.ts';
import type { HashReport, TensorHash } from '../../shared/report/hashReport.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import { TensorValues } from '../checkpoint/tensorValues.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { chunksOf, storedBytes, storedTensors } from './storedTensors.ts';

interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Hexadecimal. */
  digest(): string;
}

export interface HashingPorts {
  files: FileSystem;
  openHash: () => Sha256;
  /** After every chunk: its bytes, and the tensor that they are of. */
  onBytes: (bytes: number, tensor: string) => void;
  signal: AbortSignal;
}

type Hashes = Pick<HashReport, 'sha256' | 'tensors' | 'unreadable'>;

/** A tensor that cannot be read is listed with its reason; then there is no hash of the whole. */
export async function hashCheckpoint(checkpoint: Checkpoint, ports: HashingPorts): Promise<Hashes> {
  const values = new TensorValues(ports.files);
  const tensors: TensorHash[] = [];
  const unreadable = checkpoint.unreadable.map(({ name, reason }) => ({ name, reason }));
  try {
    for (const tensor of storedTensors(checkpoint).values()) {
      const { name, dtype, shape } = tensor;
      try {
        const sha256 = await hashTensor(values, tensor, ports);
        tensors.push({ name, dtype, shape, bytes: storedBytes(tensor), sha256 });
      } catch (error) {
        ports.signal.throwIfAborted();
        unreadable.push({ name, reason: asProblem(error) });
      }
    }
  } finally {
    await values.close();
  }
  return { sha256: unreadable.length > 0 ? null : hashOfAll(tensors, ports), tensors, unreadable };
}

async function hashTensor(
  values: TensorValues,
  tensor: PlainTensor,
  { openHash, onBytes, signal }: HashingPorts,
): Promise<string> {
  const hash = openHash();
  for await (const { bytes } of chunksOf(values, tensor, signal)) {
    hash.update(bytes);
    onBytes(bytes.length, tensor.name);
  }
  return hash.digest();
}

/** One line of JSON a tensor, in the order of the names' code points. */
export function hashOfAll(
  tensors: readonly Pick<TensorHash, 'name' | 'dtype' | 'shape' | 'sha256'>[],
  { openHash }: Pick<HashingPorts, 'openHash'>,
): string {
  const hash = openHash();
  const encoder = new TextEncoder();
  for (const { name, dtype, shape, sha256 } of [...tensors].sort(byCodePoints)) {
    hash.update(encoder.encode(`${JSON.stringify([name, dtype, shape, sha256])}\n`));
  }
  return hash.digest();
}

/** That of UTF-8 bytes, too; JavaScript's own order is that of UTF-16. */
function byCodePoints(
  { name: one }: Pick<TensorHash, 'name'>,
  { name: other }: Pick<TensorHash, 'name'>,
): number {
  const [left, right] = [Array.from(one), Array.from(other)];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at === -1) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}
