// What makes two requests the same analysis: the pair, its configs, and the options that change a number or a verdict.
import { createHash } from 'node:crypto';
import type { RunRequest } from './pairRun.ts';

/** These change how fast it is computed, not what. */
const notMeasured = new Set([
  'engine',
  'threads',
  'memoryBytes',
  'useCache',
  'cacheGigabytes',
  'remoteCacheGigabytes',
]);

/** 32 hex digits; fit for a file name. */
export function requestKey({ basePath, tunedPath, configPaths, options }: RunRequest): string {
  const measured = Object.entries(options).filter(([name]) => !notMeasured.has(name));
  const text = JSON.stringify([basePath, tunedPath, configPaths, sorted(Object.fromEntries(measured))]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** The same value with every object's keys in order, so that equal options give equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
