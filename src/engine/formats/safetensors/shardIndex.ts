// `*.safetensors.index.json`: which tensor lies in which shard. `metadata.total_size` is not read: writers leave it stale.
import { ThreeGateError } from '../../../shared/errors.ts';
import type { FileSystem } from '../../files/fileSystem.ts';
import { nameForeignContent } from '../../files/foreignContent.ts';
import { compareNaturally } from '../../files/naturalOrder.ts';
import { maxHeaderBytes } from './safetensorsHeader.ts';
import { isInsideFolder } from '../../files/paths.ts';
import { parseStrictJson, StrictJsonError } from '../../files/strictJson.ts';
import type { JsonValue } from '../../files/strictJson.ts';

export interface ShardIndex {
  path: string;
  /** Tensor name → shard, relative to the folder of the index. */
  weightMap: Map<string, string>;
  /** Every shard once, in natural order. */
  shards: string[];
}

/** Throws `index-json` for anything but an index, `shard-path` when a shard would lie outside the folder. */
export async function readShardIndex(fileSystem: FileSystem, path: string): Promise<ShardIndex> {
  const root = parse(path, await fileSystem.readText(path, maxHeaderBytes));
  const map = root instanceof Map ? root.get('weight_map') : undefined;
  if (!(map instanceof Map)) throw failure(path, 'has no "weight_map" object, so it is not a shard index');
  if (map.size === 0) throw failure(path, 'lists no tensors');
  const weightMap = new Map<string, string>();
  const shards = new Set<string>();
  for (const [tensor, shard] of map) {
    if (typeof shard !== 'string') throw failure(path, `names no file for tensor "${tensor}"`, tensor);
    if (!shards.has(shard)) checkShardPath(path, tensor, shard);
    shards.add(shard);
    weightMap.set(tensor, shard);
  }
  return { path, weightMap, shards: [...shards].sort(compareNaturally) };
}

function parse(path: string, text: string): JsonValue {
  try {
    return parseStrictJson(text);
  } catch (thrown) {
    if (!(thrown instanceof StrictJsonError)) throw thrown;
    const [owner, tensor] = thrown.keys;
    if (thrown.kind === 'duplicate' && owner === 'weight_map' && tensor !== undefined) {
      throw failure(path, `lists the tensor "${tensor}" twice`, tensor);
    }
    const start = new TextEncoder().encode(text.slice(0, 512));
    throw nameForeignContent(path, start) ?? failure(path, `is not JSON: ${thrown.message}`);
  }
}

function checkShardPath(path: string, tensor: string, shard: string): void {
  if (isInsideFolder(shard)) return;
  const place = { file: path, tensor };
  throw new ThreeGateError(
    'shard-path',
    `${path} places tensor "${tensor}" in ${JSON.stringify(shard)}, which is not a file inside its folder.`,
    place,
  );
}

function failure(path: string, what: string, tensor?: string): ThreeGateError {
  const place = tensor === undefined ? { file: path } : { file: path, tensor };
  return new ThreeGateError('index-json', `${path} ${what}.`, place);
}
