// An index that was left over from an earlier save: its shards are gone, and others lie beside it. Where these are one
// whole set by their own names they are read in its place; else the error says what lies there and what to do.
import { ThreeGateError } from '../../shared/errors.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { classifyFolder } from '../formats/folderContent.ts';
import type { ShardIndex } from '../formats/safetensors/shardIndex.ts';

/** What is read in place of the index; null where some of its shards are there, or nothing lies beside it. */
export async function staleIndex(
  fileSystem: FileSystem,
  folder: string,
  { path, shards }: ShardIndex,
  beside: readonly string[],
): Promise<{ files: string[]; format: string; notes: string[] } | null> {
  if (beside.length === 0) return null;
  for (const shard of shards) {
    if ((await fileSystem.stat(fileSystem.resolve(folder, shard))) !== null) return null;
  }
  const name = fileSystem.basename(path);
  const gone = `none of the ${shards.length} shards that ${name} lists is there (${shards[0] ?? ''} first)`;
  const content = classifyFolder(beside);
  const isWhole =
    content.kind === 'series' && content.missing.length === 0 && content.files.length === beside.length;
  if (!isWhole) {
    const some = beside.slice(0, 4).join(', ');
    const more = beside.length > 4 ? ` and ${beside.length - 4} more` : '';
    throw new ThreeGateError(
      'shard-missing',
      `${folder} has a stale index: ${gone}, and it does not list what lies beside it, ${some}${more}. Delete or rename ${name} if those files are the checkpoint, or name one of them.`,
      { file: path },
    );
  }
  const { files } = content;
  const ending = files[0]?.endsWith('.bin') === true ? 'torch' : 'safetensors';
  return {
    files,
    format: `${ending}, ${files.length} shards beside a stale index`,
    notes: [
      `${folder} has a stale index: ${gone}. The ${files.length} shards beside it are a whole set by their names (${files[0] ?? ''} first) and are read in its place.`,
    ],
  };
}
