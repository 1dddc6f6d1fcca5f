// From the path a user gave to the files of one checkpoint: a file, an index, a folder, or a trainer's folder that
// holds one. Never guesses between several.
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type { Problem } from '../../shared/errors.ts';
import type { FileSystem } from './fileSystem.ts';
import { classifyFolder, shardCountInName } from './folderContent.ts';
import type { FolderContent } from './folderContent.ts';
import { snapshotOf } from './hfCache.ts';
import { scanForCheckpoints } from './scanForCheckpoints.ts';
import { readShardIndex } from './shardIndex.ts';
import type { ShardIndex } from './shardIndex.ts';

export interface Location {
  /** Absolute path of the folder that holds the files. */
  folder: string;
  /** Names relative to `folder`, in order. */
  files: string[];
  /** Null where no index says which tensor lies where. */
  index: ShardIndex | null;
  /** What kind of checkpoint it is, for people. */
  format: string;
  problems: Problem[];
  /** How it was found where that is not obvious, in words. */
  notes: string[];
}

/** Where trainers put the weights inside their own checkpoint folder: verl (FSDP, Megatron), NeMo-RL, slime. */
const knownPlaces = [
  ['huggingface'],
  ['actor', 'huggingface'],
  ['actor', 'model', 'huggingface'],
  ['model', 'huggingface'],
  ['policy', 'hf'],
];

export async function locateCheckpoint(fileSystem: FileSystem, path: string): Promise<Location> {
  const status = await fileSystem.stat(path);
  if (status === null) throw new ThreeGateError('not-found', `${path} does not exist.`, { file: path });
  if (status.kind === 'directory') return locateInFolder(fileSystem, path);
  return locateFile(fileSystem, path);
}

async function locateFile(fileSystem: FileSystem, path: string): Promise<Location> {
  const name = fileSystem.basename(path);
  const folder = fileSystem.dirname(path);
  if (name.endsWith('.index.json')) return indexed(fileSystem, folder, name);
  if (name === 'adapter_model.safetensors') throw adapterUnsupported(folder);
  if (classifyFolder([name]).kind === 'pickle') throw pickleRefused(path);
  const shards = shardCountInName(name);
  const notes =
    shards === null ? [] : [`Only the shard ${name} of ${shards} is read, as it was given by itself.`];
  return { folder, files: [name], index: null, format: 'safetensors', problems: [], notes };
}

async function locateInFolder(fileSystem: FileSystem, folder: string): Promise<Location> {
  const content = classifyFolder(await fileSystem.list(folder));
  if (content.kind !== 'none' && content.kind !== 'pickle') return fromContent(fileSystem, folder, content);
  // Beside pickles, a nested copy counts only where a trainer is known to put it: anything else is another model.
  const nested = await findNested(fileSystem, folder, content.kind === 'none');
  if (nested !== null) {
    const found = await locateInFolder(fileSystem, nested);
    const note = `${folder} holds its checkpoint in ${relativePath(folder, found.folder)}.`;
    return { ...found, notes: [note, ...found.notes.filter((other) => !other.startsWith(nested))] };
  }
  return fromContent(fileSystem, folder, content);
}

async function fromContent(
  fileSystem: FileSystem,
  folder: string,
  content: FolderContent,
): Promise<Location> {
  const plain = { folder, index: null, problems: [], notes: [] };
  switch (content.kind) {
    case 'single': {
      const { file, ignored } = content;
      const notes = ignored.length === 0 ? [] : [`${file} is read; beside it ${quoteList(ignored)} is not.`];
      return { ...plain, files: [file], format: 'safetensors', notes };
    }
    case 'indexed':
      return indexed(fileSystem, folder, content.index);
    case 'series': {
      const { files, missing } = content;
      return {
        ...plain,
        files,
        format: `safetensors, ${files.length} of ${files.length + missing.length} shards without index`,
        problems: missing.map((name) => shardMissing(fileSystem.resolve(folder, name))),
        notes: [`The shards in ${folder} have no index; their tensors are taken together.`],
      };
    }
    case 'combined':
      return {
        ...plain,
        files: content.files,
        format: `safetensors, ${content.files.length} files without index`,
        notes: [
          `The ${content.files.length} files in ${folder} have no index; their tensors are taken together.`,
        ],
      };
    case 'adapter':
      throw adapterUnsupported(folder);
    case 'pickle':
      throw pickleRefused(fileSystem.resolve(folder, content.file));
    case 'none':
      throw new ThreeGateError('not-a-checkpoint', `${folder} holds no .safetensors file.`, { file: folder });
  }
}

async function indexed(fileSystem: FileSystem, folder: string, name: string): Promise<Location> {
  const index = await readShardIndex(fileSystem, fileSystem.resolve(folder, name));
  const beside = (await fileSystem.list(folder)).filter((other) => other.endsWith('.safetensors'));
  const extra = beside.filter((other) => !other.startsWith('.') && !index.shards.includes(other));
  return {
    folder,
    files: index.shards,
    index,
    format: `safetensors, ${index.shards.length} shards`,
    problems: extra.map((other) => {
      const file = fileSystem.resolve(folder, other);
      return problem('shard-extra', `${file} is not listed in ${name} and is not read.`, { file });
    }),
    notes: [],
  };
}

async function findNested(fileSystem: FileSystem, folder: string, anywhere: boolean): Promise<string | null> {
  const snapshot = await snapshotOf(fileSystem, folder);
  if (snapshot !== null) return snapshot;
  for (const place of knownPlaces) {
    const candidate = fileSystem.resolve(folder, ...place);
    if ((await fileSystem.stat(candidate))?.kind !== 'directory') continue;
    if (isWeights(classifyFolder(await fileSystem.list(candidate)))) return candidate;
  }
  if (!anywhere) return null;
  const limits = { maxDepth: 3, maxEntries: 2000, maxResults: 50 };
  const { found } = await scanForCheckpoints(fileSystem, folder, limits);
  const usable = found.filter(({ kind, path }) => kind !== 'file' && path !== folder);
  // verl keeps the value model beside the policy.
  const policies = usable.filter(({ path }) => fileSystem.basename(fileSystem.dirname(path)) !== 'critic');
  const [only, ...more] = policies.length > 0 ? policies : usable;
  if (more.length > 0 && only !== undefined) {
    const places = [only, ...more].map(({ path }) => relativePath(folder, path));
    throw new ThreeGateError(
      'not-a-checkpoint',
      `${folder} holds ${places.length} checkpoints (${quoteList(places)}); name the one to read.`,
      { file: folder },
    );
  }
  return only?.path ?? null;
}

function isWeights(content: FolderContent): boolean {
  return content.kind !== 'none' && content.kind !== 'pickle' && content.kind !== 'adapter';
}

export function shardMissing(path: string): Problem {
  return problem('shard-missing', `${path} is missing.`, { file: path });
}

function adapterUnsupported(folder: string): ThreeGateError {
  return new ThreeGateError(
    'adapter-unsupported',
    `${folder} holds a PEFT adapter, not whole weights; merge it into its base (merge_and_unload) and compare the result.`,
    { file: folder },
  );
}

function pickleRefused(path: string): ThreeGateError {
  return new ThreeGateError(
    'pickle-refused',
    `${path} is a PyTorch pickle, which is never executed; save the model as safetensors (safe_serialization=True) first.`,
    { file: path },
  );
}

/** `path` as seen from `folder`, with forward slashes; `path` itself when it lies elsewhere. */
export function relativePath(folder: string, path: string): string {
  if (path === folder) return '.';
  if (!path.startsWith(folder)) return path;
  return path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, '');
}

function quoteList(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
