// Which shard takes what: longest first to the shard that has least, and where a shard still has room, to one that reads the
// same file already. Depends on nothing but the costs, their order and the number of shards.

interface Packable {
  /** Above zero; any unit. */
  cost: number;
  file: string;
}

/** How much longer the longest shard may be for the sake of files that stay together. */
const worthTogether = 1.01;

/** For each of `count` shards the places of its items, ascending. Every item is in exactly one. */
export function pack(items: readonly Packable[], count: number): number[][] {
  const alone = assign(items, count, false);
  const together = assign(items, count, true);
  const chosen = longest(together) <= worthTogether * longest(alone) ? together : alone;
  return chosen.map(({ places }) => places.sort((one, other) => one - other));
}

interface Bin {
  load: number;
  places: number[];
  files: Set<string>;
}

function assign(items: readonly Packable[], count: number, byFile: boolean): Bin[] {
  const bins = Array.from({ length: count }, (): Bin => ({ load: 0, places: [], files: new Set() }));
  const mean = items.reduce((sum, { cost }) => sum + cost, 0) / count;
  const order = items.map((item, place) => ({ ...item, place }));
  order.sort((one, other) => other.cost - one.cost || one.place - other.place);
  for (const { cost, file, place } of order) {
    const holders = byFile ? bins.filter(({ load, files }) => files.has(file) && load + cost <= mean) : [];
    const bin = leastLoaded(holders.length > 0 ? holders : bins);
    bin.load += cost;
    bin.places.push(place);
    bin.files.add(file);
  }
  return bins;
}

/** The first of those that have least. */
function leastLoaded(bins: readonly Bin[]): Bin {
  return bins.reduce((least, bin) => (bin.load < least.load ? bin : least));
}

function longest(bins: readonly Bin[]): number {
  return bins.reduce((most, { load }) => Math.max(most, load), 0);
}
