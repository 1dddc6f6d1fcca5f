// From the path a user gave to the files of one checkpoint: a file, an index, a folder, or a trainer's folder that
// holds one. Never guesses between several.
import { adapterFileIn, adapterFiles } from '../adapters/openAdapter.ts';
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type { Problem } from '../../shared/errors.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { classifyFolder, isTorchName, shardCountInName } from './folderContent.ts';
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
  /** The files are those of the processes of one run: each holds a part of every tensor. */
  ranks: boolean;
  /** A PEFT adapter: its tensors are factors. */
  adapter: boolean;
  /** Folder of config.json. */
  configFolder: string;
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
  if (adapterFiles.includes(name)) return fromContent(fileSystem, folder, { kind: 'adapter' });
  if (isTorchName(name)) {
    const only = classifyFolder([name]);
    return only.kind === 'ranks' && only.missing.length > 0
      ? locateInFolder(fileSystem, folder)
      : fromContent(fileSystem, folder, { kind: 'torch', file: name });
  }
  const shards = shardCountInName(name);
  const notes =
    shards === null ? [] : [`Only the shard ${name} of ${shards} is read, as it was given by itself.`];
  return { ...plainLocation(folder), files: [name], format: 'safetensors', notes };
}

function plainLocation(folder: string): Omit<Location, 'files' | 'format'> {
  return { folder, index: null, ranks: false, adapter: false, configFolder: folder, problems: [], notes: [] };
}

async function locateInFolder(fileSystem: FileSystem, folder: string): Promise<Location> {
  const content = classifyFolder(await fileSystem.list(folder));
  if (isWeights(content) || content.kind === 'adapter') return fromContent(fileSystem, folder, content);
  // Beside torch files, a nested copy counts only where a trainer is known to put it: anything else is another model.
  const nested =
    content.kind === 'none' ? await findNested(fileSystem, folder) : await inKnownPlace(fileSystem, folder);
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
  const plain = plainLocation(folder);
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
        format: `${isTorchName(files[0] ?? '') ? 'torch' : 'safetensors'}, ${files.length} of ${files.length + missing.length} shards without index`,
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
      return adapted(fileSystem, folder);
    case 'torch':
      return { ...plain, files: [content.file], format: 'torch' };
    case 'pickle': {
      const { files } = content;
      if (files.length === 1) return { ...plain, files, format: 'torch' };
      const sentence = `${folder} holds ${files.length} files of torch (${quoteList(files)}); name the one to read.`;
      throw new ThreeGateError('not-a-checkpoint', sentence, { file: folder });
    }
    case 'torchIndexed':
      return indexed(fileSystem, folder, content.index);
    case 'ranks':
      return ranked(fileSystem, folder, content);
    case 'none':
      throw new ThreeGateError('not-a-checkpoint', `${folder} holds no .safetensors file.`, { file: folder });
  }
}

async function indexed(fileSystem: FileSystem, folder: string, name: string): Promise<Location> {
  const index = await readShardIndex(fileSystem, fileSystem.resolve(folder, name));
  const ending = name.endsWith('.bin.index.json') ? '.bin' : '.safetensors';
  const beside = (await fileSystem.list(folder)).filter((other) =>
    ending === '.bin' ? /^pytorch_model-.*\.bin$/.test(other) : other.endsWith(ending),
  );
  const extra = beside.filter((other) => !other.startsWith('.') && !index.shards.includes(other));
  return {
    ...plainLocation(folder),
    files: index.shards,
    index,
    format: `${ending === '.bin' ? 'torch' : 'safetensors'}, ${index.shards.length} shards`,
    problems: extra.map((other) => {
      const file = fileSystem.resolve(folder, other);
      return problem('shard-extra', `${file} is not listed in ${name} and is not read.`, { file });
    }),
  };
}

/** The files of an FSDP run's processes; verl keeps the model's config.json in `huggingface/` beside them. */
async function ranked(
  fileSystem: FileSystem,
  folder: string,
  { worlds, files, missing }: Extract<FolderContent, { kind: 'ranks' }>,
): Promise<Location> {
  if (worlds.length > 1) {
    throw new ThreeGateError(
      'not-a-checkpoint',
      `${folder} holds rank files of runs on ${worlds.join(' and ')} processes; move all but one set away.`,
      { file: folder },
    );
  }
  const huggingface = fileSystem.resolve(folder, 'huggingface');
  const hasConfig = (await fileSystem.stat(fileSystem.resolve(huggingface, 'config.json')))?.kind === 'file';
  return {
    ...plainLocation(folder),
    files,
    ranks: true,
    configFolder: hasConfig ? huggingface : folder,
    format: `torch FSDP, ${files.length} of ${files.length + missing.length} rank files`,
    problems: missing.map((name) => shardMissing(fileSystem.resolve(folder, name))),
  };
}

async function adapted(fileSystem: FileSystem, folder: string): Promise<Location> {
  const file = await adapterFileIn(fileSystem, folder);
  if (file === null) {
    const sentence = `${folder} holds an adapter_config.json without adapter weights beside it.`;
    throw new ThreeGateError('adapter-unsupported', sentence, { file: folder });
  }
  const files = [fileSystem.basename(file)];
  return { ...plainLocation(folder), files, adapter: true, format: 'PEFT adapter' };
}

async function findNested(fileSystem: FileSystem, folder: string): Promise<string | null> {
  const snapshot = await snapshotOf(fileSystem, folder);
  if (snapshot !== null) return snapshot;
  const known = await inKnownPlace(fileSystem, folder);
  if (known !== null) return known;
  const limits = { maxDepth: 3, maxEntries: 2000, maxResults: 50 };
  const { found } = await scanForCheckpoints(fileSystem, folder, limits);
  const usable = found.filter(({ kind, path }) => kind !== 'file' && path !== folder);
  // verl keeps the value model beside the policy.
  const policies = usable.filter(({ path }) => fileSystem.basename(fileSystem.dirname(path)) !== 'critic');
  // Rank files beside merged weights are the same run: the weights are the easier read.
  const merged = policies.filter(({ kind }) => kind !== 'torch');
  const [only, ...more] = [merged, policies, usable].find((some) => some.length > 0) ?? [];
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

/** Merged weights that a trainer put beside its own files: they are read instead of those. */
async function inKnownPlace(fileSystem: FileSystem, folder: string): Promise<string | null> {
  for (const place of knownPlaces) {
    const candidate = fileSystem.resolve(folder, ...place);
    if ((await fileSystem.stat(candidate))?.kind !== 'directory') continue;
    if (isWeights(classifyFolder(await fileSystem.list(candidate)))) return candidate;
  }
  return null;
}

/** Whole weights in safetensors. */
function isWeights(content: FolderContent): boolean {
  return ['single', 'indexed', 'series', 'combined'].includes(content.kind);
}

export function shardMissing(path: string): Problem {
  return problem('shard-missing', `${path} is missing.`, { file: path });
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
