// From the path a user gave to the files of one checkpoint: a file, an index, a folder, or a trainer's folder that
// holds one. Never guesses between several.
import { isMlxFile, refuseMlxFolder } from '../formats/peft/mlxAdapter.ts';
import { adapterFileIn, adapterFiles } from '../formats/peft/openAdapter.ts';
import { problem, ThreeGateError } from '../../shared/errors.ts';
import type { Problem } from '../../shared/errors.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import {
  classifyFolder,
  isChunkName,
  isOptimizerStates,
  isTorchName,
  shardCountInName,
} from '../formats/folderContent.ts';
import type { FolderContent } from '../formats/folderContent.ts';
import { refuseDeepspeed, refuseForeign } from './foreignFolders.ts';
import { fetchHint } from './hfCache.ts';
import { quoteList, relativePath } from '../files/naming.ts';
import { findNested, inKnownPlace, isWeights } from './nestedCheckpoint.ts';
import { readShardIndex } from '../formats/safetensors/shardIndex.ts';
import type { ShardIndex } from '../formats/safetensors/shardIndex.ts';
import { staleIndex } from './staleIndex.ts';

export interface Location {
  /** Absolute path of the folder that holds the files. */
  folder: string;
  /** Names relative to `folder`, in order. */
  files: string[];
  /** Null where no index says which tensor lies where. */
  index: ShardIndex | null;
  /**
   * What the files are: each with tensors of its own, or those of the processes of one run, where each holds a part of
   * every tensor (`ranks`, or `distributed` by a .metadata).
   */
  layout: 'shards' | 'ranks' | 'distributed';
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
  if (isMlxFile(name)) await refuseMlxFolder(fileSystem, folder);
  if (adapterFiles.includes(name)) return fromContent(fileSystem, folder, { kind: 'adapter' });
  if (isChunkName(name)) {
    const content = classifyFolder((await fileSystem.list(folder)).filter(isChunkName));
    return fromContent(fileSystem, folder, content);
  }
  if (isOptimizerStates(name)) return fromContent(fileSystem, folder, classifyFolder([name]));
  if (isTorchName(name)) {
    const only = classifyFolder([name]);
    if (only.kind !== 'ranks') return fromContent(fileSystem, folder, { kind: 'torch', file: name });
    // The file says which set of processes is meant where several lie side by side.
    const [world] = only.worlds;
    const ofWorld = new RegExp(`^model_world_size_${world ?? 0}_`);
    const names = (await fileSystem.list(folder)).filter((other) => ofWorld.test(other));
    return fromContent(fileSystem, folder, classifyFolder(names));
  }
  const shards = shardCountInName(name);
  const notes =
    shards === null ? [] : [`Only the shard ${name} of ${shards} is read, as it was given by itself.`];
  return { ...plainLocation(folder), files: [name], format: 'safetensors', notes };
}

function plainLocation(folder: string): Omit<Location, 'files' | 'format'> {
  return {
    folder,
    index: null,
    layout: 'shards',
    adapter: false,
    configFolder: folder,
    problems: [],
    notes: [],
  };
}

async function locateInFolder(fileSystem: FileSystem, folder: string): Promise<Location> {
  const content = classifyFolder(await fileSystem.list(folder));
  if (isWeights(content) || content.kind === 'adapter') return fromContent(fileSystem, folder, content);
  // Beside torch files, a nested copy counts only where a trainer is known to put it: anything else is another model.
  const nested =
    content.kind === 'none' ? await findNested(fileSystem, folder) : await inKnownPlace(fileSystem, folder);
  if (nested === null) return fromContent(fileSystem, folder, content);
  const found = await locateInFolder(fileSystem, nested.folder);
  const note = `${folder} holds its checkpoint in ${relativePath(folder, found.folder)}.`;
  const notes = [
    note,
    ...nested.notes,
    ...found.notes.filter((other) => !other.startsWith(`${nested.folder} holds its checkpoint`)),
  ];
  return { ...found, notes };
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
    case 'series':
      return series(fileSystem, folder, content);
    case 'combined':
      return {
        ...plain,
        files: content.files,
        format: `safetensors, ${content.files.length} files without index`,
        notes: [
          `The ${content.files.length} files in ${folder} have no index; their tensors are taken together.`,
        ],
      };
    case 'slices':
      return slices(fileSystem, folder, content);
    case 'distributed':
      return distributed(fileSystem, folder, content);
    case 'deepspeed':
      return deepspeed(fileSystem, folder, content);
    case 'foreign':
      throw refuseForeign(folder, content);
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
    case 'none': {
      const sentence = `${folder} holds no .safetensors file.${fetchHint(folder)}`;
      throw new ThreeGateError('not-a-checkpoint', sentence, { file: folder });
    }
  }
}

function series(
  fileSystem: FileSystem,
  folder: string,
  { files, missing }: Extract<FolderContent, { kind: 'series' }>,
): Location {
  const format = isTorchName(files[0] ?? '') ? 'torch' : 'safetensors';
  return {
    ...plainLocation(folder),
    files,
    format: `${format}, ${files.length} of ${files.length + missing.length} shards without index`,
    problems: missing.map((name) => shardMissing(fileSystem.resolve(folder, name))),
    notes: [`The shards in ${folder} have no index; their tensors are taken together.`],
  };
}

async function slices(
  fileSystem: FileSystem,
  folder: string,
  { files, missing }: Extract<FolderContent, { kind: 'slices' }>,
): Promise<Location> {
  return {
    ...plainLocation(folder),
    files,
    format: `torch distributed checkpoint in safetensors, ${plural(files.length, 'slice file')}`,
    configFolder: await configFolderOf(fileSystem, folder),
    problems: missing.map((name) => shardMissing(fileSystem.resolve(folder, name))),
  };
}

async function indexed(fileSystem: FileSystem, folder: string, name: string): Promise<Location> {
  const index = await readShardIndex(fileSystem, fileSystem.resolve(folder, name));
  const ending = name.endsWith('.bin.index.json') ? '.bin' : '.safetensors';
  const beside = (await fileSystem.list(folder)).filter((other) =>
    ending === '.bin' ? /^pytorch_model-.*\.bin$/.test(other) : other.endsWith(ending),
  );
  const extra = beside.filter((other) => !other.startsWith('.') && !index.shards.includes(other));
  const stale = await staleIndex(fileSystem, folder, index, extra);
  if (stale !== null) return { ...plainLocation(folder), ...stale };
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

/** A torch distributed checkpoint: accelerate's pytorch_model_fsdp_0, NeMo-RL's policy/weights, torchtitan's step-N. */
async function distributed(
  fileSystem: FileSystem,
  folder: string,
  { files, metadata }: Extract<FolderContent, { kind: 'distributed' }>,
): Promise<Location> {
  if (!metadata) {
    const sentence = `${folder} holds ${plural(files.length, 'file')} of a torch distributed checkpoint (${quoteList(files)}) without the .metadata that says what they hold: it was not written to its end, or not copied with them.`;
    throw new ThreeGateError('not-a-checkpoint', sentence, { file: folder });
  }
  return {
    ...plainLocation(folder),
    files,
    layout: 'distributed',
    configFolder: await configFolderOf(fileSystem, folder),
    format: `torch distributed checkpoint, ${plural(files.length, 'file')}`,
  };
}

/** One file of DeepSpeed that holds the whole weights, as ZeRO-1 and ZeRO-2 leave it. */
async function deepspeed(
  fileSystem: FileSystem,
  folder: string,
  content: Extract<FolderContent, { kind: 'deepspeed' }>,
): Promise<Location> {
  const [file, ...more] = content.whole;
  if (file === undefined || more.length > 0 || content.parts.length > 0) {
    throw await refuseDeepspeed(fileSystem, folder, content);
  }
  const { optimizer } = content;
  return {
    ...plainLocation(folder),
    files: [file],
    configFolder: await configFolderOf(fileSystem, folder),
    format: 'torch, DeepSpeed model states',
    notes: optimizer.length === 0 ? [] : [`${file} is read; the optimizer states beside it are not weights.`],
  };
}

/** Trainers keep config.json in the folder itself, in `huggingface/` inside or beside it, or one level up. */
async function configFolderOf(fileSystem: FileSystem, folder: string): Promise<string> {
  const candidates = ['.', 'huggingface', '..', '../huggingface'].map((place) =>
    fileSystem.resolve(folder, place),
  );
  for (const candidate of candidates) {
    const config = await fileSystem.stat(fileSystem.resolve(candidate, 'config.json'));
    if (config?.kind === 'file') return candidate;
  }
  return folder;
}

/** The files of an FSDP run's processes; verl keeps the model's config.json in `huggingface/` beside them. */
async function ranked(
  fileSystem: FileSystem,
  folder: string,
  { worlds, files, missing }: Extract<FolderContent, { kind: 'ranks' }>,
): Promise<Location> {
  if (worlds.length > 1) {
    const examples = worlds.map((world) => `model_world_size_${world}_rank_0.pt`).join(' or ');
    const sentence = `${folder} holds rank files of runs on ${worlds.join(' and ')} processes; name a file of the run to read, ${examples}.`;
    throw new ThreeGateError('not-a-checkpoint', sentence, { file: folder });
  }
  return {
    ...plainLocation(folder),
    files,
    layout: 'ranks',
    configFolder: await configFolderOf(fileSystem, folder),
    format: `torch FSDP, ${files.length} of ${files.length + missing.length} rank files`,
    problems: missing.map((name) => shardMissing(fileSystem.resolve(folder, name))),
  };
}

async function adapted(fileSystem: FileSystem, folder: string): Promise<Location> {
  const file = await adapterFileIn(fileSystem, folder);
  if (file === null) {
    await refuseMlxFolder(fileSystem, folder);
    const sentence = `${folder} holds an adapter_config.json without adapter weights beside it.`;
    throw new ThreeGateError('adapter-unsupported', sentence, { file: folder });
  }
  const files = [fileSystem.basename(file)];
  return { ...plainLocation(folder), files, adapter: true, format: 'PEFT adapter' };
}

export function shardMissing(path: string): Problem {
  return problem('shard-missing', `${path} is missing.${fetchHint(path)}`, { file: path });
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
