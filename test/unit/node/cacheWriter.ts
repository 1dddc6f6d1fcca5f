// A process that fills a cache: [directory, count]. Tells its parent once entries exist; without a count it never ends.
import { DiskCache } from '../../../src/node/disk/diskCache.ts';

const [directory = '', count] = process.argv.slice(2);
const cache = new DiskCache(directory, (message) => {
  throw new Error(message);
});
const limit = count === undefined ? Infinity : Number(count);
for (let i = 0; i < limit; i++) {
  await cache.put(cache.digest(Buffer.from(`entry ${i}`)), { data: new Float64Array(100_000).fill(i) });
  if (i === 5) process.send?.('started');
}
process.disconnect();
