// How far shards are from the best that any packing could do.

/** By how much the longest shard exceeds what no packing can go below: the mean, or the largest item. */
export function imbalance(
  items: readonly { cost: number }[],
  shards: readonly (readonly number[])[],
): number {
  const loads = shards.map((places) => places.reduce((sum, place) => sum + (items[place]?.cost ?? 0), 0));
  const total = items.reduce((sum, { cost }) => sum + cost, 0);
  const least = items.reduce((most, { cost }) => Math.max(most, cost), total / shards.length);
  return least === 0 ? 0 : Math.max(...loads) / least - 1;
}
