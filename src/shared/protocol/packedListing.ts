// A listing as it is sent between processes: what tensors have in common is said once, so that a hundred thousand of them
// are a list of names and one of numbers, which are written and read several times faster than as many objects.
import type { CheckpointListing, PackedListing, TensorEntry } from './engineProtocol.ts';

export function packListing({ tensors, ...rest }: CheckpointListing): PackedListing {
  const packed: PackedListing = { ...rest, names: [], kinds: [], kindOf: [] };
  const known = new Map<string, number>();
  for (const { name, dtype, shape, elements, bytes, file } of tensors) {
    const key = `${dtype} ${shape.join()} ${elements} ${bytes} ${file}`;
    let index = known.get(key);
    if (index === undefined) {
      index = packed.kinds.push({ dtype, shape, elements, bytes, file }) - 1;
      known.set(key, index);
    }
    packed.names.push(name);
    packed.kindOf.push(index);
  }
  return packed;
}

/** The listing that was packed; tensors of a kind share their shape. */
export function unpackListing({ names, kinds, kindOf, ...rest }: PackedListing): CheckpointListing {
  const tensors: TensorEntry[] = [];
  for (const [at, name] of names.entries()) {
    const kind = kinds[kindOf[at] ?? -1];
    if (kind === undefined) continue;
    const { dtype, shape, elements, bytes, file } = kind;
    tensors.push({ name, dtype, shape, elements, bytes, file });
  }
  return { ...rest, tensors };
}
