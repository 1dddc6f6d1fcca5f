// The files of an FSDP run's processes (verl's model_world_size_N_rank_R.pt) as one checkpoint: every DTensor is joined
// from its shards along the placement it names, without moving a byte. What cannot be joined is a row with its reason.
import { asProblem, problem, ThreeGateError } from '../../../shared/errors.ts';
import type { Problem } from '../../../shared/errors.ts';
import { formatShape } from '../../../shared/text/format.ts';
import type { StoredTensor, UnreadableTensor } from '../../checkpoint/checkpoint.ts';
import { dtypes } from '../../checkpoint/dtype.ts';
import type { ByteSource, FileSystem } from '../../files/fileSystem.ts';
import type { LocalTensor, Mesh, ShardedTensor, StateDictEntry } from './stateDict.ts';
import { tensorPolicy } from './tensorPolicy.ts';
import { TorchArchive } from './torchArchive.ts';
import type { StoredPieces } from '../../checkpoint/plainTensor.ts';
import type { ShardContents } from '../../checkpoint/shardContents.ts';

interface Rank {
  /** Name of its file. */
  name: string;
  file: TorchArchive;
  entries: Map<string, StateDictEntry>;
}

/** `files`: those that are there, named `…_world_size_N_rank_R.pt`. Throws when not one tensor can be read. */
export async function readRankFiles(
  fileSystem: FileSystem,
  folder: string,
  files: readonly string[],
): Promise<ShardContents> {
  const sources: ByteSource[] = [];
  const problems: Problem[] = [];
  const ranks = new Map<number, Rank>();
  try {
    for (const name of files) {
      try {
        const source = await fileSystem.open(fileSystem.resolve(folder, name));
        sources.push(source);
        const file = await TorchArchive.open(source, tensorPolicy);
        const entries = new Map(file.requireStateDict().entries.map((entry) => [entry.name, entry]));
        ranks.set(rankOf(name), { name, file, entries });
      } catch (thrown) {
        problems.push(asProblem(thrown));
      }
    }
    const joined = await joinAll(ranks, worldOf(files));
    const [reason] = [...problems, ...joined.unreadable.map((tensor) => tensor.reason)];
    if (joined.tensors.size === 0 && reason !== undefined) throw ThreeGateError.from(reason);
    const bytes = sources.reduce((sum, { size }) => sum + size, 0);
    const names = [...ranks.values()].map(({ name }) => name);
    return { ...joined, metadata: { format: 'pt' }, problems, files: names, bytes };
  } finally {
    await Promise.all(sources.map((source) => source.close()));
  }
}

async function joinAll(
  ranks: ReadonlyMap<number, Rank>,
  world: number,
): Promise<Pick<ShardContents, 'tensors' | 'unreadable'>> {
  const tensors = new Map<string, StoredTensor>();
  const unreadable: UnreadableTensor[] = [];
  const names = new Set([...ranks.values()].flatMap(({ entries }) => [...entries.keys()]));
  for (const name of names) {
    const found = await joinOne(name, ranks, world);
    if ('reason' in found) unreadable.push(found);
    else tensors.set(name, found);
  }
  return { tensors, unreadable };
}

async function joinOne(
  name: string,
  ranks: ReadonlyMap<number, Rank>,
  world: number,
): Promise<StoredTensor | UnreadableTensor> {
  const holder = [...ranks.values()].find(({ entries }) => entries.has(name));
  const entry = holder?.entries.get(name);
  if (holder === undefined || entry === undefined) throw new Error(`No rank file holds ${name}`);
  const { file } = holder;
  if ('fault' in entry) return file.unreadable(name, entry.elements, entry.fault);
  if ('tensor' in entry)
    return world === 1 ? file.locate(name, entry.tensor) : joinPlain(name, entry.tensor, ranks, world);
  const { shape, placements, mesh } = entry.sharded;
  const elements = file.elementsOf(shape);
  const cuts = placements.flatMap((placement, axis) =>
    placement.kind === 'shard' ? [{ axis, dimension: placement.dimension }] : [],
  );
  const [cut] = cuts;
  if (cuts.length > 1) {
    const what = `is cut along ${cuts.length} dimensions of its mesh (FSDP with tensor parallelism), which is not joined`;
    return file.unreadable(name, elements, what);
  }
  if (cut !== undefined && cut.dimension >= shape.length) {
    return file.unreadable(
      name,
      elements,
      `is cut along dimension ${cut.dimension} of ${formatShape(shape)}`,
    );
  }
  const holders = await ranksAlong(file, mesh, placements.length, cut?.axis ?? null, world);
  if (holders === null) {
    return file.unreadable(name, elements, 'does not say which process of its mesh holds which part');
  }
  const shards: Shard[] = [];
  for (const rank of holders) {
    const shard = ranks.get(rank);
    const part = shard?.entries.get(name);
    if (shard === undefined || part === undefined || !('sharded' in part)) {
      return lacking(name, elements, rank, world, shard?.name ?? null);
    }
    shards.push({ rank: shard, sharded: part.sharded });
  }
  return join(name, entry.sharded, shards, cut?.dimension ?? null);
}

/**
 * A plain tensor of every rank: FSDP2 leaves beside its DTensors only what it does not cut, so these are copies, which
 * must be the same. Where no DTensor lies beside, only a number (0-d) is surely no piece.
 */
async function joinPlain(
  name: string,
  tensor: LocalTensor,
  ranks: ReadonlyMap<number, Rank>,
  world: number,
): Promise<StoredTensor | UnreadableTensor> {
  const [first, ...others] = [...ranks.values()].filter(({ entries }) => entries.has(name));
  if (first === undefined) throw new Error(`No rank file holds ${name}`);
  const { file } = first;
  const elements = file.elementsOf(tensor.shape);
  const isBesideShards = [...first.entries.values()].some((entry) => 'sharded' in entry);
  if (!isBesideShards && tensor.shape.length > 0) {
    const what = `is a plain tensor in each of the ${world} rank files: nothing says whether those are copies or pieces`;
    return file.unreadable(name, elements, what);
  }
  for (const other of others) {
    const copy = other.entries.get(name);
    const isCopy =
      copy !== undefined &&
      'tensor' in copy &&
      JSON.stringify([copy.tensor.dtype, copy.tensor.shape]) ===
        JSON.stringify([tensor.dtype, tensor.shape]) &&
      (await file.holdsSame(tensor, other.file, copy.tensor));
    if (isCopy) continue;
    const what = `is a plain tensor that differs between ${first.name} and ${other.name}, so it is neither a copy nor a piece that says where it lies`;
    return file.unreadable(name, elements, what);
  }
  return file.locate(name, tensor);
}

interface Shard {
  rank: Rank;
  sharded: ShardedTensor;
}

async function join(
  name: string,
  { shape, local, placements }: ShardedTensor,
  shards: readonly Shard[],
  dimension: number | null,
): Promise<StoredTensor | UnreadableTensor> {
  const located: StoredTensor[] = [];
  let size = 0;
  for (const { rank, sharded } of shards) {
    const { file } = rank;
    const part = sharded.local;
    const fits = part.shape.every((length, axis) => axis === dimension || length === shape[axis]);
    const alike =
      part.dtype === local.dtype &&
      JSON.stringify([sharded.shape, sharded.placements]) === JSON.stringify([shape, placements]);
    if (part.shape.length !== shape.length || !fits || !alike) {
      const what = `is ${formatShape(part.shape)} ${part.dtype} here, which is no part of ${formatShape(shape)} ${local.dtype} as ${shards[0]?.rank.name ?? 'the first rank'} places it`;
      return file.unreadable(name, file.elementsOf(shape), what);
    }
    const stored = await file.locate(name, part);
    if ('reason' in stored) return { ...stored, elements: file.elementsOf(shape) };
    size += dimension === null ? 0 : (part.shape[dimension] ?? 0);
    if (stored.elements > 0) located.push(stored);
  }
  const [first] = located;
  const elements = shape.reduce((product, length) => product * length, 1);
  const { file } = shards[0]?.rank ?? {};
  if (file === undefined) throw new Error(`No shard of ${name}`);
  if (dimension !== null && size !== shape[dimension]) {
    const what = `has shards of ${size} along dimension ${dimension} together, where its shape ${formatShape(shape)} needs ${shape[dimension] ?? 0}`;
    return file.unreadable(name, elements, what);
  }
  if (first === undefined) return file.unreadable(name, elements, 'has no elements in any rank file');
  const bytes = (elements * dtypes[local.dtype].bits) / 8;
  const whole: StoredTensor = { ...first, shape, elements, bytes };
  if (dimension === null || located.length === 1) return whole;
  const rows = shape.slice(0, dimension).reduce((product, length) => product * length, 1);
  const parts = located.map((part) => ({
    file: part.file,
    offset: part.offset,
    columns: part.elements / rows,
  }));
  const pieces: StoredPieces = { rows, parts };
  return { ...whole, pieces };
}

/** The ranks along one axis of the mesh at the start of all others, in order; the first rank for no axis. */
async function ranksAlong(
  file: TorchArchive,
  mesh: Mesh | null,
  axes: number,
  axis: number | null,
  world: number,
): Promise<number[] | null> {
  if (mesh === null) {
    // A mesh of one axis over all processes can only be in their order.
    if (axes !== 1) return null;
    return axis === null ? [0] : Array.from({ length: world }, (_, rank) => rank);
  }
  const ranks = await file.integers(mesh.ranks);
  if (ranks === null || mesh.shape.length !== axes) return null;
  const length = axis === null ? 1 : (mesh.shape[axis] ?? 0);
  const stride = axis === null ? 0 : mesh.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  return Array.from({ length }, (_, step) => ranks[step * stride] ?? -1);
}

function lacking(
  name: string,
  elements: number,
  rank: number,
  world: number,
  file: string | null,
): UnreadableTensor {
  const where = file === null ? `the file of rank ${rank} of ${world} is missing` : `${file} lacks it`;
  const message = `Tensor "${name}" cannot be joined: ${where}.`;
  return { name, elements, reason: problem('shard-tensor-missing', message, { tensor: name }) };
}

function rankOf(name: string): number {
  return Number(/_rank_(\d+)\.pt$/.exec(name)?.[1]);
}

function worldOf(files: readonly string[]): number {
  return Number(/_world_size_(\d+)_/.exec(files[0] ?? '')?.[1]);
}
