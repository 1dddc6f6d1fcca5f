// Which tensors that were not compared an adapter changes: of them "equal" must never be said.
import type { Checkpoint, Pairing } from '../checkpoint/checkpoint.ts';

/** `made` is what `adaptCheckpoint` made of the base: what is not the base's own object there is the adapter's doing. */
export function markRefused(pairing: Pairing, base: Checkpoint, made: Checkpoint): Pairing {
  const own = new Set(base.unreadable);
  const reasons = new Map(
    made.unreadable.filter((tensor) => !own.has(tensor)).map(({ name, reason }) => [name, reason]),
  );
  const changed = new Set(
    [...made.tensors.values()].filter(({ name }) => isChanged(name)).map(({ name }) => name),
  );
  function isChanged(name: string): boolean {
    const before = base.tensors.get(name);
    return before !== undefined && before !== made.tensors.get(name);
  }
  // Rows that only one side has are left out of a tensor that is compared.
  for (const { name } of pairing.pairs) changed.delete(name);
  const notCompared = pairing.notCompared.map((row) => {
    const reason = reasons.get(row.name) ?? (changed.has(row.name) ? row.reason : undefined);
    return reason === undefined ? row : { ...row, reason, refusedUpdate: true as const };
  });
  return { ...pairing, notCompared };
}
