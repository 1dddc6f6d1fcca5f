// What the parts of `npm run bench` found, kept from run to run: each part with its own date, machine and duration.
import { format, resolveConfig } from 'prettier';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { dirname } from 'node:path';
import type { ClusterBench } from './cluster.bench.ts';
import type { GeometryBench } from './geometry.bench.ts';
import type { HeaderBench } from './header.bench.ts';
import type { NullBench } from './null.bench.ts';
import type { RemoteBench } from './remote.bench.ts';
import type { RunsBench } from './runs.bench.ts';
import type { StreamingBench } from './streaming.bench.ts';
import type { WholeBench } from './whole.bench.ts';

/** What each part gives; `panel` is the printed text of its bench. */
export interface PartValues {
  streaming: StreamingBench[];
  runs: RunsBench[];
  geometry: GeometryBench;
  null: NullBench;
  wasm: { native: GeometryBench; wasm: GeometryBench };
  whole: WholeBench;
  sizes: WholeBench[];
  wide: WholeBench;
  remote: RemoteBench;
  cluster: ClusterBench;
  header: HeaderBench;
  panel: string;
}

export type PartName = keyof PartValues;

interface Machine {
  processor: string;
  threads: number;
  memoryBytes: number;
  system: string;
  node: string;
}

export interface PartResult<Value> {
  /** ISO 8601. */
  date: string;
  machine: Machine;
  /** The whole part, generating its data included. */
  seconds: number;
  value: Value;
}

export type Results = { [Name in PartName]?: PartResult<PartValues[Name]> };

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
  };
}

export function readResults(path: string): Results {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Results) : {};
}

export function writeResults(path: string, results: Results): Promise<void> {
  return writeFormatted(path, JSON.stringify(results), 'json');
}

/** As the repository's formatter would leave it. */
export async function writeFormatted(path: string, text: string, parser: 'json' | 'markdown'): Promise<void> {
  const config = await resolveConfig('BENCHMARKS.md');
  writeText(path, await format(text, { ...config, parser }));
}

export function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
