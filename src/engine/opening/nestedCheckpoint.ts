// The checkpoint inside a trainer's own folder: where trainers are known to put it, what their marker of the latest step
// names, or the only one there is. Never guesses between several.
import { ThreeGateError } from '../../shared/errors.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { classifyFolder } from '../formats/folderContent.ts';
import type { FolderContent } from '../formats/folderContent.ts';
import { snapshotOf } from './hfCache.ts';
import { quoteList, relativePath } from '../files/naming.ts';
import { scanForCheckpoints } from './scanForCheckpoints.ts';

interface Nested {
  folder: string;
  /** What else lies there and is not read, in words. */
  notes: string[];
}

/** Where trainers put the weights inside their own checkpoint folder: verl (FSDP, Megatron), NeMo-RL, slime, Automodel. */
const knownPlaces = [
  ['huggingface'],
  ['actor', 'huggingface'],
  ['actor', 'model', 'huggingface'],
  ['model', 'huggingface'],
  ['policy', 'hf'],
  ['consolidated'],
  ['model', 'consolidated'],
  ['policy', 'weights', 'model', 'consolidated'],
];
/** Files that name the latest step, and how its folder is called: DeepSpeed, then Megatron and verl. */
const markers: [file: string, folders: (content: string) => string[]][] = [
  ['latest', (content) => [content]],
  [
    'latest_checkpointed_iteration.txt',
    (content) => [`iter_${content.padStart(7, '0')}`, `global_step_${content}`, content],
  ],
];
/** What trainers save beside the policy and its optimizer. */
const valueModel = /^(?:critic|_critic|value|value_model|reward|reward_model|ref|reference)$/;
const optimizerFolder = /^(?:optim|optimizer|optim_states?)(?:_\d+)?$/;

export async function findNested(fileSystem: FileSystem, folder: string): Promise<Nested | null> {
  const snapshot = await snapshotOf(fileSystem, folder);
  if (snapshot !== null) return { folder: snapshot, notes: [] };
  const known = await inKnownPlace(fileSystem, folder);
  if (known !== null) return known;
  const marked = await namedByMarker(fileSystem, folder);
  if (marked !== null) return marked;
  const limits = { maxDepth: 3, maxEntries: 2000, maxResults: 50 };
  const { found } = await scanForCheckpoints(fileSystem, folder, limits);
  const usable = found.filter(({ kind, path }) => kind !== 'file' && path !== folder);
  const weights = usable.filter(({ path }) => !isWithin(folder, path, optimizerFolder));
  const policies = weights.filter(({ path }) => !isWithin(folder, path, valueModel));
  // Files of processes beside merged weights are the same run: the weights are the easier read.
  const merged = policies.filter(({ kind }) => kind !== 'torch');
  const [only, ...more] = [merged, policies, weights, usable].find((some) => some.length > 0) ?? [];
  if (only === undefined) return null;
  if (more.length > 0) {
    const places = [only, ...more].map(({ path }) => relativePath(folder, path));
    throw new ThreeGateError(
      'not-a-checkpoint',
      `${folder} holds ${places.length} checkpoints (${quoteList(places)}); name the one to read.`,
      { file: folder },
    );
  }
  return { folder: only.path, notes: await besideThePolicy(fileSystem, folder, only.path) };
}

/** Merged weights that a trainer put beside its own files: they are read instead of those. */
export async function inKnownPlace(fileSystem: FileSystem, folder: string): Promise<Nested | null> {
  for (const place of knownPlaces) {
    const candidate = fileSystem.resolve(folder, ...place);
    if ((await fileSystem.stat(candidate))?.kind !== 'directory') continue;
    if (!isWeights(classifyFolder(await fileSystem.list(candidate)))) continue;
    return { folder: candidate, notes: await besideThePolicy(fileSystem, folder, candidate) };
  }
  return null;
}

/** Whole weights in safetensors. */
export function isWeights(content: FolderContent): boolean {
  return ['single', 'indexed', 'series', 'combined'].includes(content.kind);
}

/** verl and others keep the value model, or the reward's, in a folder beside the policy's. */
async function besideThePolicy(fileSystem: FileSystem, folder: string, chosen: string): Promise<string[]> {
  if (isWithin(folder, chosen, valueModel)) return [];
  const found: string[] = [];
  for (const name of (await fileSystem.list(folder)).filter((each) => valueModel.test(each))) {
    if ((await fileSystem.stat(fileSystem.resolve(folder, name)))?.kind === 'directory') found.push(name);
  }
  if (found.length === 0) return [];
  const read = relativePath(folder, chosen);
  return [
    `${folder} holds ${quoteList(found)} beside the policy ${read}, which is read: name the other to compare it.`,
  ];
}

async function namedByMarker(fileSystem: FileSystem, folder: string): Promise<Nested | null> {
  for (const [name, foldersOf] of markers) {
    const file = fileSystem.resolve(folder, name);
    if ((await fileSystem.stat(file))?.kind !== 'file') continue;
    const content = (await fileSystem.readText(file, 1000)).trim();
    if (!/^[\w.-]+$/.test(content) || content.startsWith('.')) continue;
    for (const candidate of foldersOf(content).map((each) => fileSystem.resolve(folder, each))) {
      if ((await fileSystem.stat(candidate))?.kind !== 'directory') continue;
      return { folder: candidate, notes: [`${file} names ${content} as the latest step, which is read.`] };
    }
  }
  return null;
}

function isWithin(root: string, path: string, named: RegExp): boolean {
  return relativePath(root, path)
    .split('/')
    .some((segment) => named.test(segment));
}
