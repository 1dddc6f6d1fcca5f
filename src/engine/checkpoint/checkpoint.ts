// A checkpoint as the engine sees it: named tensors, each a span of bytes in a file.
import type { Problem } from '../../shared/errors.ts';
import type { LayerId } from '../../shared/report/layers.ts';
import type { ModuleKind } from '../../shared/report/moduleKinds.ts';
import type { CheckpointInfo, NotCompared } from '../../shared/report/report.ts';
import type { AdapterContents, AdapterUpdate } from './adapterUpdate.ts';
import type { PackedWeight } from './packed/packedWeight.ts';
import type { PlainTensor } from './plainTensor.ts';

/** How a model's attention is cut into heads, where config.json says. */
export interface AttentionHeads {
  heads: number | null;
  keyValueHeads: number | null;
  /** Falcon's `new_decoder_architecture` and `multi_query`. */
  newDecoder: boolean | null;
  multiQuery: boolean | null;
}

/** What a checkpoint holds under a name: numbers as they are stored, or what stands for them. */
export interface StoredTensor extends PlainTensor {
  /** Not stored at all: the base's tensor of this name, changed by an adapter. `file` is then the adapter's. */
  adapter?: AdapterUpdate;
  /**
   * Stored in a quantised format: name and shape are then those of the weight, dtype is F32, as which its values are
   * read, and file, offset and bytes are those of its codes.
   */
  packed?: PackedWeight;
}

/** The dtype, or the scheme of a packed weight: what people call it. */
export function storedAs({ dtype, packed }: Pick<StoredTensor, 'dtype' | 'packed'>): string {
  return packed?.scheme ?? dtype;
}

/** A tensor that the checkpoint should hold but that cannot be read. */
export interface UnreadableTensor {
  name: string;
  /** Null where even its shape is unknown (a shard that is missing). */
  elements: number | null;
  reason: Problem;
}

export interface Checkpoint {
  info: CheckpointInfo;
  /** Absolute path of the folder that holds the files; config.json lies here. */
  folder: string;
  /** In file order. What belongs to a scaled or packed weight is not listed on its own. */
  tensors: ReadonlyMap<string, StoredTensor>;
  /** What is stored beside weights and is none: parts of packed weights that are not read, ranges of activations. */
  beside?: StoredTensor[];
  /** In file order; none of them is in `tensors`. */
  unreadable: readonly UnreadableTensor[];
  /** `tie_word_embeddings` of config.json; null where it does not say. */
  tiesEmbeddings: boolean | null;
  /** Of config.json. */
  attention?: AttentionHeads;
  /** How it was opened where that is not obvious, in words. */
  notes: string[];
  /** `__metadata__` of the first file. */
  metadata: Record<string, string>;
  /** What is wrong with it although it can be used. */
  problems: Problem[];
  /** What makes it a PEFT adapter: `tensors` are then its factors, and mean something only with a base. */
  adapter?: AdapterContents;
  /** Folders of unmerged adapters that lie within it. */
  adaptersInside?: string[];
}

/** Two tensors to compare. Where the sides have different row counts, the first `shape[0]` rows of both. */
export interface TensorPair extends LayerId {
  name: string;
  /** Name on the tuned side where it differs. */
  tunedName: string | null;
  base: StoredTensor;
  tuned: StoredTensor;
  /** The compared shape. */
  shape: number[];
  elements: number;
  module: ModuleKind;
}

export interface Pairing {
  pairs: TensorPair[];
  notCompared: NotCompared[];
  /** Parameters of the union of both sides. */
  elements: number;
  /** What was done beyond exact pairing, in words. */
  notes: string[];
}
