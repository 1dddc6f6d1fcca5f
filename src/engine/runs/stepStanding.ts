// Whether a checkpoint of a run that is being written can be analysed: every file that it consists of is there and as long as
// its header or its index says. A file that was made at its full length and is still being filled cannot be told by that: only
// two looks at its size and time can, and those are the caller's.
import { asProblem, type ProblemCode } from '../../shared/errors.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { openCheckpoint } from '../opening/openCheckpoint.ts';

/** `weights`: names, sizes and times of the files of weights; two equal ones are the same checkpoint. */
type StepStanding = { kind: 'whole'; weights: string } | { kind: 'unfinished'; reason: string };

/** What a file says that was not written to its end, or a folder that lacks some of its files. */
const unfinished: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'file-truncated',
  'file-trailing-bytes',
  'header-too-small',
  'header-length',
  'header-utf8',
  'header-json',
  'header-offset',
  'header-span',
  'shard-missing',
  'shard-tensor-missing',
  'index-json',
  'archive-refused',
  'read-failed',
]);

/** Reads headers, and of their data nothing. Never throws for what is wrong with the checkpoint. */
export async function stepStanding(files: FileSystem, path: string): Promise<StepStanding> {
  try {
    const checkpoint = await openCheckpoint(files, path);
    const { problems, unreadable } = checkpoint;
    const reasons = [...problems, ...unreadable.map(({ reason }) => reason)];
    const lacking = reasons.find(({ code }) => unfinished.has(code));
    if (lacking !== undefined) return { kind: 'unfinished', reason: lacking.message };
    return { kind: 'whole', weights: await weightsOf(files, checkpoint) };
  } catch (error) {
    return { kind: 'unfinished', reason: asProblem(error).message };
  }
}

async function weightsOf(files: FileSystem, { folder, info, tensors }: Checkpoint): Promise<string> {
  const paths = new Set([...tensors.values()].map(({ file }) => file));
  const lines = [...paths].sort().map(async (path) => {
    const found = await files.stat(path);
    return `${path.slice(folder.length)} ${found?.size ?? 0} ${found?.modifiedMs ?? 0}`;
  });
  return `${info.tensors} tensors: ${(await Promise.all(lines)).join(', ')}`;
}

/** What grows while a run trains, and is no part of a checkpoint. */
const growing = /(?:\.(?:log|out|txt|jsonl)|^events\.out\.tfevents.*)$/i;

/**
 * Names, sizes and times of all that lies in a checkpoint's folder, whose optimizer and log are written after its weights.
 * Null where nothing is there. @param depth how far down; 0 = the folder's own files
 */
export async function folderStamp(files: FileSystem, folder: string, depth: number): Promise<string | null> {
  try {
    const lines: string[] = [];
    for (const name of await files.list(folder)) {
      const path = files.resolve(folder, name);
      const found = await files.stat(path);
      if (found === null || growing.test(name)) continue;
      if (found.kind === 'file') lines.push(`${name} ${found.size} ${found.modifiedMs}`);
      if (found.kind === 'directory' && depth > 0) {
        lines.push(`${name}/ ${(await folderStamp(files, path, depth - 1)) ?? ''}`);
      }
    }
    return lines.join('\n');
  } catch {
    return null;
  }
}
