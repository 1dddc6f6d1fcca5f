// Reads the headers of a checkpoint's files and merges them: what one shard cannot give becomes rows with a reason.
import { asProblem, problem, ThreeGateError } from '../../shared/errors.ts';
import type { Problem } from '../../shared/errors.ts';
import type { StoredTensor, UnreadableTensor } from '../checkpoint/checkpoint.ts';
import type { ShardContents } from '../checkpoint/shardContents.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { shardMissing } from './locateCheckpoint.ts';
import type { Location } from './locateCheckpoint.ts';
import { readDistributed } from '../formats/torch/distributed/readDistributed.ts';
import { readRankFiles } from '../formats/torch/rankFiles.ts';
import { readTorchHeader } from '../formats/torch/torchFile.ts';
import { isTorchName } from '../formats/folderContent.ts';
import { readSafetensorsHeader } from '../formats/safetensors/safetensorsHeader.ts';
import type { SafetensorsHeader } from '../formats/safetensors/safetensorsHeader.ts';
import type { ShardIndex } from '../formats/safetensors/shardIndex.ts';
import { joinSlices } from '../formats/safetensors/slices.ts';

const headersAtOnce = 16;

interface Shard {
  name: string;
  path: string;
  bytes: number;
  header: SafetensorsHeader | null;
  /** Why there is no header. */
  failure: Problem | null;
}

/** Throws when not one tensor can be read; the reason is then the first file's. */
export async function readShards(fileSystem: FileSystem, location: Location): Promise<ShardContents> {
  if (location.layout === 'ranks') return readRankFiles(fileSystem, location.folder, location.files);
  if (location.layout === 'distributed') return readDistributed(fileSystem, location.folder);
  const shards: Shard[] = [];
  for (let first = 0; first < location.files.length; first += headersAtOnce) {
    const batch = location.files.slice(first, first + headersAtOnce);
    shards.push(...(await Promise.all(batch.map((name) => readShard(fileSystem, location.folder, name)))));
  }
  const { index } = location;
  const merged = mergeShards(shards, index);
  const failures = shards.flatMap(({ failure }) => failure ?? []);
  const [reason] = [...failures, ...merged.unreadable.map((tensor) => tensor.reason)];
  if (merged.tensors.size === 0 && reason !== undefined) throw ThreeGateError.from(reason);
  return {
    tensors: merged.tensors,
    unreadable: merged.unreadable,
    metadata: shards.find(({ header }) => header !== null)?.header?.metadata ?? {},
    problems: [...failures, ...truncations(shards), ...merged.problems],
    files: shards.filter(({ failure }) => failure?.code !== 'shard-missing').map(({ name }) => name),
    bytes: shards.reduce((sum, shard) => sum + shard.bytes, 0),
  };
}

async function readShard(fileSystem: FileSystem, folder: string, name: string): Promise<Shard> {
  const path = fileSystem.resolve(folder, name);
  try {
    if ((await fileSystem.stat(path)) === null) {
      return { name, path, bytes: 0, header: null, failure: shardMissing(path) };
    }
    const source = await fileSystem.open(path);
    try {
      const header = await (isTorchName(name) ? readTorchHeader(source) : readSafetensorsHeader(source));
      return { name, path, bytes: source.size, header, failure: null };
    } finally {
      await source.close();
    }
  } catch (thrown) {
    return { name, path, bytes: 0, header: null, failure: asProblem(thrown) };
  }
}

/** One problem for a truncated file, whatever the number of tensors it lost. */
function truncations(shards: readonly Shard[]): Problem[] {
  return shards.flatMap(({ header }) => {
    const lost = header?.unreadable.filter(({ reason }) => reason.code === 'file-truncated') ?? [];
    const file = lost[0]?.reason.file;
    if (file === undefined || file === null) return [];
    const whole = `${file} is truncated: ${lost.length} of its tensors lie beyond its end.`;
    return [problem('file-truncated', whole, { file })];
  });
}

function mergeShards(shards: readonly Shard[], index: ShardIndex | null): Merged {
  const sliced = joinSlices(shards);
  if (sliced !== null) return { ...sliced, problems: [] };
  return index === null ? mergeAll(shards) : mergeIndexed(shards, index);
}

type Merged = Pick<ShardContents, 'tensors' | 'unreadable' | 'problems'>;

function mergeAll(shards: readonly Shard[]): Merged {
  const merged: Merged = { tensors: new Map(), unreadable: [], problems: [] };
  const lostNames = new Set<string>();
  const clashes = new Map<string, UnreadableTensor>();
  let owners: ReadonlyMap<string, string> | null = null;
  for (const { path: shard, header } of shards) {
    for (const tensor of [...(header?.tensors ?? []), ...(header?.unreadable ?? [])]) {
      const { name } = tensor;
      if (!merged.tensors.has(name) && !lostNames.has(name)) {
        if ('file' in tensor) merged.tensors.set(name, tensor);
        else {
          lostNames.add(name);
          merged.unreadable.push(tensor);
        }
      } else {
        owners ??= firstOwners(shards);
        const message = `Tensor "${name}" is in both ${owners.get(name) ?? shard} and ${shard}, and no index says which one counts.`;
        const reason = problem('header-duplicate', message, { file: shard, tensor: name });
        clashes.set(name, { name, elements: tensor.elements, reason });
      }
    }
  }
  for (const [name, clash] of clashes) {
    merged.tensors.delete(name);
    merged.unreadable = merged.unreadable.filter((tensor) => tensor.name !== name);
    merged.unreadable.push(clash);
  }
  return merged;
}

/** For each name the first shard that has it. */
function firstOwners(shards: readonly Shard[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { path, header } of shards) {
    for (const { name } of [...(header?.tensors ?? []), ...(header?.unreadable ?? [])]) {
      if (!owners.has(name)) owners.set(name, path);
    }
  }
  return owners;
}

function mergeIndexed(shards: readonly Shard[], index: ShardIndex): Merged {
  const merged: Merged = { tensors: new Map(), unreadable: [], problems: [] };
  const known = new Set<string>();
  const misplaced = new Map<string, StoredTensor>();
  for (const { name: shard, path, header } of shards) {
    if (header === null) continue;
    const unlisted: string[] = [];
    for (const tensor of [...header.tensors, ...header.unreadable]) {
      const { name } = tensor;
      const owner = index.weightMap.get(name);
      if (owner === undefined) unlisted.push(name);
      if (owner !== undefined && owner !== shard) {
        if ('file' in tensor) misplaced.set(name, tensor);
      } else if (!known.has(name)) {
        known.add(name);
        if ('file' in tensor) merged.tensors.set(name, tensor);
        else merged.unreadable.push(tensor);
      }
    }
    if (unlisted.length > 0) merged.problems.push(notListed(index, path, unlisted));
  }
  const failures = new Map(shards.map(({ name, failure }) => [name, failure]));
  for (const [name, shard] of index.weightMap) {
    if (known.has(name)) continue;
    const elsewhere = misplaced.get(name);
    if (elsewhere !== undefined) {
      const message = `${index.path} places tensor "${name}" in ${shard}, but it is in ${elsewhere.file}.`;
      merged.problems.push(problem('shard-tensor-missing', message, { file: index.path, tensor: name }));
      merged.tensors.set(name, elsewhere);
      continue;
    }
    merged.unreadable.push({
      name,
      elements: null,
      reason: lost(index, name, shard, failures.get(shard) ?? null),
    });
  }
  return merged;
}

function notListed(index: ShardIndex, path: string, tensors: readonly string[]): Problem {
  const [first = ''] = tensors;
  const what = tensors.length === 1 ? `tensor "${first}"` : `${tensors.length} tensors, "${first}" first,`;
  const message = `${path} holds ${what} without an entry in ${index.path}; what it holds is read all the same.`;
  return problem('shard-extra', message, { file: path, tensor: first });
}

function lost(index: ShardIndex, name: string, shard: string, failure: Problem | null): Problem {
  if (failure === null) {
    const message = `${index.path} places tensor "${name}" in ${shard}, which lacks it.`;
    return problem('shard-tensor-missing', message, { file: index.path, tensor: name });
  }
  const message = `Tensor "${name}" cannot be read: ${failure.message}`;
  return problem(failure.code, message, { file: failure.file ?? shard, tensor: name });
}
