// What a plan of shards follows from, written into every shard: two shards belong together when it is the same. What differs is
// named in words.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import { formatBytes } from '../../shared/text/format.ts';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint.ts';
import { tensorsOf } from '../checkpoint/adapterUpdate.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { relativePath } from '../files/naming.ts';
import type { OpenedPair } from '../analysis/runAnalysis.ts';

/** Options that change no number and no verdict: each shard may have its own. */
export const ownOptions = [
  'threads',
  'memoryBytes',
  'useCache',
  'cacheGigabytes',
  'remoteCacheGigabytes',
] as const;

export type OwnOptions = Pick<AnalysisOptions, (typeof ownOptions)[number]>;

type SharedOptions = Omit<AnalysisOptions, keyof OwnOptions>;

interface FileFact {
  /** Relative to the checkpoint's folder. */
  name: string;
  bytes: number;
  /** ISO 8601 date of its last change; or what names its content, where that is known. */
  state: string;
}

interface SideFacts {
  /** As it was given; another node may have it elsewhere. */
  path: string;
  files: FileFact[];
}

export interface PlanFacts {
  version: string;
  /** How many shards there are. */
  shards: number;
  options: SharedOptions;
  base: SideFacts;
  tuned: SideFacts;
  tensors: number;
  /** Of names, shapes and dtypes of all pairs. */
  tensorsHash: string;
  /** Of all of this but the two paths. */
  hash: string;
}

export type Digest = (text: string) => string;

interface Asked {
  basePath: string;
  tunedPath: string;
  options: AnalysisOptions;
  version: string;
  shards: number;
}

export async function factsOf(
  { base, tuned, plan }: OpenedPair,
  asked: Asked,
  files: Pick<FileSystem, 'stat'>,
  digest: Digest,
): Promise<PlanFacts> {
  const { basePath, tunedPath, options, version, shards } = asked;
  const tensors = plan.steps.map(({ pair }) => [
    pair.name,
    pair.tunedName,
    pair.module,
    pair.shape,
    ...[pair.base, pair.tuned].map(({ dtype, packed, adapter, shape }) => [
      dtype,
      shape,
      packed?.scheme ?? null,
      adapter === undefined
        ? null
        : [adapter.kind, adapter.method, 'scaling' in adapter ? adapter.scaling : 1],
    ]),
  ]);
  const baseTensors = plan.steps.map(({ pair }) => pair.base);
  const tunedTensors = plan.steps.map(({ pair }) => pair.tuned);
  const facts = {
    version,
    shards,
    options: sharedOptions(options),
    base: { path: basePath, files: await filesOf(base, baseTensors, files) },
    tuned: { path: tunedPath, files: await filesOf(tuned, tunedTensors, files) },
    tensors: tensors.length,
    tensorsHash: digest(JSON.stringify(tensors)),
  };
  return { ...facts, hash: hashOf(facts, digest) };
}

export function ownOptionsOf(options: AnalysisOptions): OwnOptions {
  const { threads, memoryBytes, useCache, cacheGigabytes, remoteCacheGigabytes } = options;
  return { threads, memoryBytes, useCache, cacheGigabytes, remoteCacheGigabytes };
}

function sharedOptions(options: AnalysisOptions): SharedOptions {
  const own: readonly string[] = ownOptions;
  return Object.fromEntries(Object.entries(options).filter(([name]) => !own.includes(name))) as SharedOptions;
}

function hashOf(facts: Omit<PlanFacts, 'hash'>, digest: Digest): string {
  const { version, shards, options, base, tuned, tensors, tensorsHash } = facts;
  const named = Object.entries(options).sort(([one], [other]) => (one < other ? -1 : 1));
  return digest(JSON.stringify([version, shards, named, base.files, tuned.files, tensors, tensorsHash]));
}

async function filesOf(
  { folder }: Checkpoint,
  tensors: readonly StoredTensor[],
  files: Pick<FileSystem, 'stat'>,
): Promise<FileFact[]> {
  const paths = [...new Set(tensors.flatMap(pathsOf))].sort();
  return await Promise.all(
    paths.map(async (path): Promise<FileFact> => {
      const status = await files.stat(path);
      const date = new Date(status?.modifiedMs ?? 0).toISOString();
      const name = relativePath(folder, path);
      return { name, bytes: status?.size ?? 0, state: status?.identity ?? date };
    }),
  );
}

function pathsOf({ file, pieces, adapter, scale }: StoredTensor): string[] {
  const factors = adapter === undefined ? [] : tensorsOf(adapter).map((factor) => factor.file);
  const parts = pieces?.parts.map((part) => part.file) ?? [];
  return [file, ...parts, ...factors, ...(scale === null ? [] : [scale.file])];
}

/** What keeps two plans from being one, in clauses; empty where nothing does. */
export function differences(one: PlanFacts, other: PlanFacts): string[] {
  if (one.hash === other.hash) return [];
  const found = [
    ...(one.version === other.version ? [] : [`Three-Gate ${one.version} against ${other.version}`]),
    ...(one.shards === other.shards ? [] : [`${one.shards} shards against ${other.shards}`]),
    ...optionDifferences(one.options, other.options),
    ...fileDifferences('base', one.base, other.base),
    ...fileDifferences('tuned', one.tuned, other.tuned),
  ];
  if (found.length > 0) return found;
  return one.tensors === other.tensors
    ? ['tensors of other names, shapes or dtypes']
    : [`${one.tensors} tensors against ${other.tensors}`];
}

function optionDifferences(one: SharedOptions, other: SharedOptions): string[] {
  const names = Object.keys(one) as (keyof SharedOptions)[];
  return names
    .map((name) => ({ name, own: JSON.stringify(one[name]), foreign: JSON.stringify(other[name]) }))
    .filter(({ own, foreign }) => own !== foreign)
    .map(({ name, own, foreign }) => `option ${name} is ${own} against ${foreign}`);
}

function fileDifferences(side: 'base' | 'tuned', one: SideFacts, other: SideFacts): string[] {
  const known = new Map(other.files.map((file) => [file.name, file]));
  return one.files.flatMap(({ name, bytes, state }) => {
    const file = known.get(name);
    if (file === undefined)
      return [`${name} of the ${side} checkpoint (${one.path}) against none (${other.path})`];
    if (file.bytes === bytes && file.state === state) return [];
    const own = `${formatBytes(bytes)} of ${state}`;
    return [
      `${name} of the ${side} checkpoint is ${own} against ${formatBytes(file.bytes)} of ${file.state}`,
    ];
  });
}
