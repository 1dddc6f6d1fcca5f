// A base that holds each expert by itself (`experts.3.up_proj.weight`, as most are stored) seen as the stacks that
// transformers makes of it when it is loaded, [E, out, in] with the gate's outputs before those of `up`: adapters over
// those stacks are then placed on the experts.
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { AdapterUpdate } from '../checkpoint/adapterUpdate.ts';
import { type BaseTargets, isReadable, type Target } from './baseTargets.ts';

/** A stack that is not stored: `parts` are its rows from `firstRow` on, in order. */
export interface SplitStack extends StoredTensor {
  parts: { target: Target; firstRow: number }[];
}

/** Modules of an expert by the parameter that they are stacked into: the outputs of one behind those of the other. */
const splits: Readonly<Record<string, readonly (readonly string[])[]>> = {
  gate_up_proj: [
    ['gate_proj', 'up_proj'],
    ['w1', 'w3'],
  ],
  down_proj: [['down_proj'], ['w2']],
};

export function isSplit(target: Target): target is SplitStack {
  return 'parts' in target;
}

/** The stacks by parameter name; a stack whose experts differ or cannot be read has no matrices, so that nothing fits it. */
export function splitStacks(module: string, targets: BaseTargets): Map<string, SplitStack> {
  const found = new Map<string, SplitStack>();
  // Mixtral's block was renamed when its experts were stacked.
  for (const experts of [module, module.replace(/\bmlp\b(?=\.experts$)/, 'block_sparse_moe')]) {
    for (const [leaf, choices] of Object.entries(splits)) {
      if (found.has(leaf)) continue;
      for (const names of choices) {
        const stack = stackOf(`${module}.${leaf}`, experts, names, targets);
        if (stack !== null) found.set(leaf, stack);
      }
    }
  }
  return found;
}

function stackOf(
  name: string,
  experts: string,
  names: readonly string[],
  targets: BaseTargets,
): SplitStack | null {
  const parts: Target[] = [];
  let count = 0;
  for (; ; count += 1) {
    const expert = names.map((leaf) => {
      const module = `${experts}.${count}.${leaf}`;
      return targets.find(`${module}.weight`) ?? targets.packed(module);
    });
    const own = expert.filter((target) => target !== null);
    if (own.length === 0) break;
    parts.push(...own);
  }
  const [first] = parts;
  if (first === undefined) return null;
  const [rows = 0, columns = 0] = isReadable(first) ? first.shape : [];
  const alike = parts.every(
    (part) =>
      isReadable(part) && part.shape.length === 2 && part.shape[0] === rows && part.shape[1] === columns,
  );
  const whole = alike && parts.length === count * names.length;
  const elements = parts.reduce((sum, part) => sum + (part.elements ?? 0), 0);
  return {
    name,
    dtype: isReadable(first) ? first.dtype : 'U8',
    shape: whole ? [count, rows * names.length, columns] : [0, 0, 0],
    elements,
    ...{ file: '', offset: 0, bytes: 0, scale: null },
    parts: parts.map((target, i) => ({ target, firstRow: i * rows })),
  };
}

/** What of a stack's update lies on one of its parts; null where nothing does. */
export function partOfUpdate(
  update: AdapterUpdate,
  firstRow: number,
  { shape: [rows = 0] }: StoredTensor,
): AdapterUpdate | null {
  if (update.kind !== 'stack') return null;
  const blocks = update.blocks.flatMap((block) => {
    const top = Math.max(block.firstRow, firstRow);
    const bottom = Math.min(block.firstRow + block.rows, firstRow + rows);
    const fromRow = block.fromRow + top - block.firstRow;
    return top < bottom ? [{ ...block, firstRow: top - firstRow, rows: bottom - top, fromRow }] : [];
  });
  return blocks.length === 0 ? null : { ...update, blocks };
}
