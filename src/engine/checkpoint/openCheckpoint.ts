// From a path to a Checkpoint: locates the files, reads their headers (never their data) and what lies beside them.
import { readAdapterContents } from '../adapters/openAdapter.ts';
import type { Checkpoint, StoredTensor } from './checkpoint.ts';
import { checkpointLabel, stepInPath } from './checkpointLabel.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { locateCheckpoint } from './locateCheckpoint.ts';
import { readModelFiles } from './modelFiles.ts';
import { relativePath } from './naming.ts';
import { readShards } from './readShards.ts';
import type { ShardContents } from './readShards.ts';
import { attachScales } from './scales.ts';

/**
 * Opens a .safetensors file, an index, or a folder that holds a checkpoint. Throws a ThreeGateError when nothing of it
 * can be read; what can only partly be read comes back with `unreadable` and `problems`.
 */
export async function openCheckpoint(fileSystem: FileSystem, path: string): Promise<Checkpoint> {
  const given = fileSystem.resolve(path);
  const location = await locateCheckpoint(fileSystem, given);
  const contents = await readShards(fileSystem, location);
  const beside = await readModelFiles(fileSystem, location.configFolder, stepInPath(location.folder));
  const { tensors, unreadable } = attachScales(contents.tensors, contents.unreadable, beside.quantized);
  const adapter = location.adapter ? await readAdapterContents(fileSystem, location.folder) : null;
  const root = given.startsWith(location.folder) ? location.folder : given;
  return {
    info: {
      path: given,
      label: checkpointLabel(given.startsWith(location.folder) ? given : location.folder),
      format: location.format,
      files: contents.files.map((name) => relativePath(root, fileSystem.resolve(location.folder, name))),
      bytes: contents.bytes,
      tensors: tensors.size,
      ...countParameters(tensors.values()),
      architecture: beside.architecture,
      modelType: beside.modelType,
      step: beside.step,
      namedBase: beside.namedBase,
    },
    folder: location.folder,
    tensors,
    unreadable,
    tiesEmbeddings: beside.tiesEmbeddings,
    attention: beside.attention,
    notes: [...location.notes, ...(contents.notes ?? []), ...quantisedByMlx(location.folder, contents)],
    metadata: contents.metadata,
    problems: [...location.problems, ...contents.problems, ...beside.problems],
    ...(adapter && { adapter }),
  };
}

/** MLX packs a quantised weight into integers, with `.scales` and `.biases` beside it. */
function quantisedByMlx(folder: string, { metadata, tensors }: ShardContents): string[] {
  const packed = [...tensors.keys()].filter(
    (name) => name.endsWith('.scales') && tensors.has(name.replace(/scales$/, 'biases')),
  );
  if (metadata['format'] !== 'mlx' || packed.length === 0) return [];
  const command = `mlx_lm.convert --hf-path ${folder} --mlx-path OUT --dequantize`;
  return [
    `${folder} was quantised by MLX: ${packed.length} of its weights are packed and not read as numbers; "${command}" unpacks them.`,
  ];
}

function countParameters(tensors: Iterable<StoredTensor>): {
  parameters: number;
  dtypes: Record<string, number>;
} {
  const dtypes: Record<string, number> = {};
  let parameters = 0;
  for (const { dtype, elements } of tensors) {
    parameters += elements;
    dtypes[dtype] = (dtypes[dtype] ?? 0) + elements;
  }
  return { parameters, dtypes };
}
