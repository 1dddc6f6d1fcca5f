// From a path to a Checkpoint: locates the files, reads their headers and what lies beside them; of their data only the small
// descriptions of packed weights.
import { problemsOf } from '../formats/peft/adapterConfig.ts';
import { refuseMlxTensors } from '../formats/peft/mlxAdapter.ts';
import { readAdapterContents, requireTensors } from '../formats/peft/openAdapter.ts';
import { adaptersInside } from './adaptersInside.ts';
import {
  storedAs,
  type Checkpoint,
  type StoredTensor,
  type UnreadableTensor,
} from '../checkpoint/checkpoint.ts';
import { checkpointLabel, stepInPath } from '../checkpoint/checkpointLabel.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { locateCheckpoint } from './locateCheckpoint.ts';
import { readModelFiles } from './modelFiles.ts';
import { relativePath } from '../files/naming.ts';
import { storedParts } from '../checkpoint/packed/packedWeight.ts';
import { recognisePacked } from '../checkpoint/packed/recognise.ts';
import { readShards } from './readShards.ts';
import { attachScales } from '../checkpoint/scales.ts';
import type { ShardContents } from '../checkpoint/shardContents.ts';

/**
 * Opens a .safetensors file, an index, or a folder that holds a checkpoint. Throws a ThreeGateError when nothing of it
 * can be read; what can only partly be read comes back with `unreadable` and `problems`.
 */
export async function openCheckpoint(fileSystem: FileSystem, path: string): Promise<Checkpoint> {
  const given = fileSystem.resolve(path);
  const location = await locateCheckpoint(fileSystem, given);
  const contents = await readShards(fileSystem, location);
  refuseMlxTensors(location.folder, contents.tensors.keys());
  const beside = await readModelFiles(fileSystem, location.configFolder, stepInPath(location.folder));
  const { quantization } = beside;
  const readSmall = (tensor: StoredTensor): Promise<Uint8Array> => readWhole(fileSystem, tensor);
  const unpacked = await recognisePacked(
    { tensors: contents.tensors, quantization, readSmall },
    contents.unreadable,
  );
  const { tensors, unreadable } = attachScales(unpacked.tensors, unpacked.unreadable, quantization);
  const adapter = location.adapter ? await readAdapterContents(fileSystem, location.folder) : null;
  if (adapter !== null) requireTensors(location.folder, location.files, contents);
  const root = given.startsWith(location.folder) ? location.folder : given;
  const inside = adapter === null ? await adaptersInside(fileSystem, root) : [];
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
    beside: storedBeside(contents.tensors, tensors, unreadable),
    unreadable,
    tiesEmbeddings: beside.tiesEmbeddings,
    attention: beside.attention,
    notes: [...location.notes, ...(contents.notes ?? []), ...quantisedByMlx(location.folder, contents)],
    metadata: contents.metadata,
    problems: [
      ...location.problems,
      ...contents.problems,
      ...beside.problems,
      ...(adapter === null ? [] : problemsOf(adapter.settings)),
    ],
    ...(adapter && { adapter }),
    ...(inside.length > 0 && { adaptersInside: inside }),
  };
}

/** MLX packs a quantised weight into integers, with `.scales` and `.biases` beside it. */
function quantisedByMlx(folder: string, { metadata, tensors }: ShardContents): string[] {
  if (metadata['format'] !== 'mlx') return [];
  const packed = [...tensors.keys()].filter(
    (name) => name.endsWith('.scales') && tensors.has(name.replace(/scales$/, 'biases')),
  );
  if (packed.length === 0) return [];
  const command = `mlx_lm.convert --hf-path ${folder} --mlx-path OUT --dequantize`;
  return [
    `${folder} was quantised by MLX: ${packed.length} of its weights are packed and not read as numbers; "${command}" unpacks them.`,
  ];
}

/** What is on the list no longer, neither as a weight nor as the reason why there is none. */
function storedBeside(
  stored: ReadonlyMap<string, StoredTensor>,
  tensors: ReadonlyMap<string, StoredTensor>,
  unreadable: readonly UnreadableTensor[],
): StoredTensor[] {
  if (tensors === stored) return [];
  const told = new Set(unreadable.map(({ name }) => name));
  for (const tensor of tensors.values()) for (const { name } of storedParts(tensor)) told.add(name);
  return [...stored.values()].filter(({ name }) => !told.has(name));
}

/** The bytes of a tensor that lies in one stretch; none of one that does not. */
async function readWhole(fileSystem: FileSystem, tensor: StoredTensor): Promise<Uint8Array> {
  if (tensor.pieces !== undefined) return new Uint8Array();
  const bytes = new Uint8Array(tensor.bytes);
  const source = await fileSystem.open(tensor.file);
  try {
    await source.read(tensor.offset, bytes);
  } finally {
    await source.close();
  }
  return bytes;
}

function countParameters(tensors: Iterable<StoredTensor>): {
  parameters: number;
  dtypes: Record<string, number>;
} {
  const dtypes: Record<string, number> = {};
  let parameters = 0;
  for (const tensor of tensors) {
    const { elements } = tensor;
    const dtype = storedAs(tensor);
    parameters += elements;
    dtypes[dtype] = (dtypes[dtype] ?? 0) + elements;
  }
  return { parameters, dtypes };
}
