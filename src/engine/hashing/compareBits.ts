// Whether two checkpoints hold the same tensors bit by bit: NaN payloads and the sign of zero count. Tensors pair by name alone, and
// of each that differs the first differing element is told.
import { asProblem } from '../../shared/errors.ts';
import type { ElementDifference, IdentityReport, TensorDifference } from '../../shared/report/hashReport.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import { TensorValues } from '../checkpoint/tensorValues.ts';
import { compareNaturally } from '../files/naturalOrder.ts';
import type { HashingPorts } from './hashCheckpoint.ts';
import { storedElement } from './storedElement.ts';
import { chunksOf, storedBytes, storedTensors } from './storedTensors.ts';

type Comparison = Pick<IdentityReport, 'equalTensors' | 'equalBytes' | 'different' | 'unreadable'>;

/** What cannot be read on a side is neither equal nor different, but listed. */
export async function compareBits(
  base: Checkpoint,
  tuned: Checkpoint,
  ports: Omit<HashingPorts, 'openHash'>,
): Promise<Comparison> {
  const values = new TensorValues(ports.files);
  const [ours, theirs] = [storedTensors(base), storedTensors(tuned)];
  const unreadable = [...base.unreadable, ...tuned.unreadable].map(({ name, reason }) => ({ name, reason }));
  const unread = new Set(unreadable.map(({ name }) => name));
  const found: Comparison = { equalTensors: 0, equalBytes: 0, different: [], unreadable };
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].sort(compareNaturally);
  try {
    for (const name of names.filter((each) => !unread.has(each))) {
      try {
        const difference = await compareTensor(values, [ours.get(name), theirs.get(name)], name, ports);
        if (difference === null) {
          found.equalTensors += 1;
          found.equalBytes += storedBytes(ours.get(name) ?? { dtype: 'U8', elements: 0 });
        } else found.different.push(difference);
      } catch (error) {
        ports.signal.throwIfAborted();
        unreadable.push({ name, reason: asProblem(error) });
      }
    }
  } finally {
    await values.close();
  }
  return found;
}

async function compareTensor(
  values: TensorValues,
  [base, tuned]: readonly [base: PlainTensor | undefined, tuned: PlainTensor | undefined],
  name: string,
  { onBytes, signal }: Omit<HashingPorts, 'openHash'>,
): Promise<TensorDifference | null> {
  if (base === undefined || tuned === undefined) {
    const { shape } = base ?? tuned ?? { shape: [] };
    const words = `${name} is in the ${base === undefined ? 'tuned' : 'base'} checkpoint alone.`;
    return { name, shape, element: null, words };
  }
  const { dtype, shape } = base;
  const [left, right] = [typeText(base), typeText(tuned)];
  if (left !== right) {
    return { name, shape, element: null, words: `${name} is ${left} in the base and ${right} in the tuned.` };
  }
  // Equal dtypes and shapes are cut into equal chunks.
  const other = chunksOf(values, tuned, signal);
  try {
    for await (const { first, bytes } of chunksOf(values, base, signal)) {
      const next = await other.next();
      const theirs = next.done === true ? new Uint8Array() : next.value.bytes;
      const at = firstDifference(bytes, theirs);
      onBytes(2 * bytes.length, name);
      if (at === -1) continue;
      const within = Math.floor((at * 8) / dtypes[dtype].bits);
      const element = elementAt(first + within, shape, [
        storedElement(dtype, bytes, within),
        storedElement(dtype, theirs, within),
      ]);
      return { name, shape, element, words: differenceWords(name, shape, element) };
    }
  } finally {
    await other.return(undefined);
  }
  return null;
}

function typeText({ dtype, shape }: PlainTensor): string {
  return `${dtype} ${formatShape(shape)}`;
}

/** Position of the first byte that differs; -1 where none does. Four bytes at a time, as chunks begin aligned. */
function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const words = Math.floor(one.length / 4);
  const left = new Uint32Array(one.buffer, one.byteOffset, words);
  const right = new Uint32Array(other.buffer, other.byteOffset, words);
  let at = 0;
  while (at < words && left[at] === right[at]) at += 1;
  for (let byte = at * 4; byte < one.length; byte += 1) if (one[byte] !== other[byte]) return byte;
  return -1;
}

function elementAt(
  index: number,
  shape: readonly number[],
  [base, tuned]: readonly [ElementDifference['base'], ElementDifference['tuned']],
): ElementDifference {
  const position: number[] = [];
  let rest = index;
  for (const length of [...shape].reverse()) {
    position.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return { index, position, base, tuned };
}

function differenceWords(
  name: string,
  shape: readonly number[],
  { index, position, base, tuned }: ElementDifference,
): string {
  const text = ({ bits, value }: ElementDifference['base']): string =>
    value === null ? bits : `${value} (${bits})`;
  const where = shape.length < 2 ? '' : ` at [${position.join(', ')}]`;
  return `${name}: element ${index}${where} is ${text(base)} in the base and ${text(tuned)} in the tuned.`;
}
