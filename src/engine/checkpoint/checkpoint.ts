// A checkpoint as the engine sees it: named tensors, each a span of bytes in a file.
import type { Problem } from '../../shared/errors.ts';
import type { LayerId } from '../../shared/layers.ts';
import type { CheckpointInfo, ModuleKind, NotCompared } from '../../shared/report.ts';
import type { AdapterContents, AdapterUpdate } from '../adapters/adapter.ts';
import type { PackedWeight } from './packed/packedWeight.ts';

/** dtype names of the safetensors format; case-sensitive. */
export type DtypeName =
  | 'BOOL'
  | 'U8'
  | 'I8'
  | 'I16'
  | 'U16'
  | 'I32'
  | 'U32'
  | 'I64'
  | 'U64'
  | 'F16'
  | 'BF16'
  | 'F32'
  | 'F64'
  | 'F8_E4M3'
  | 'F8_E5M2'
  | 'F8_E8M0'
  | 'F8_E4M3FNUZ'
  | 'F8_E5M2FNUZ'
  | 'F6_E2M3'
  | 'F6_E3M2'
  | 'F4'
  | 'C64';

/**
 * A tensor cut along one dimension over several files. Seen as a matrix of `rows` rows (the product of the dimensions
 * before the cut), part i holds the next `columns` columns, row after row.
 */
export interface StoredPieces {
  rows: number;
  parts: StoredPart[];
}

/** Row after row of `columns` columns at `offset` of `file`, or, as one run of elements, in pieces again. */
export interface StoredPart {
  file: string;
  offset: number;
  columns: number;
  pieces?: StoredPieces;
}

/**
 * A matrix within a larger tensor: its element (row, column) is element `first + row·rowStep + column·columnStep` of the
 * tensor that lies at `file` and `offset`, or in `pieces`.
 */
export interface StoredView {
  first: number;
  columns: number;
  rowStep: number;
  columnStep: number;
}

/** How a model's attention is cut into heads, where config.json says. */
export interface AttentionHeads {
  heads: number | null;
  keyValueHeads: number | null;
  /** Falcon's `new_decoder_architecture` and `multi_query`. */
  newDecoder: boolean | null;
  multiQuery: boolean | null;
}

/** Row-major tensor data: `bytes` bytes at `offset` of `file`. */
export interface StoredTensor {
  name: string;
  dtype: DtypeName;
  shape: number[];
  elements: number;
  /** Absolute path. */
  file: string;
  /** Absolute byte offset in the file. */
  offset: number;
  bytes: number;
  /** Where the data really lies when it is not in one stretch: `file` and `offset` are then those of the first part. */
  pieces?: StoredPieces;
  /** A slice of what is stored: dtype, shape, elements and bytes are the slice's own. */
  view?: StoredView;
  /** Not stored at all: the base's tensor of this name, changed by an adapter. `file` is then the adapter's. */
  adapter?: AdapterUpdate;
  /** Scales of an F8 weight, where they are stored beside it. */
  scale: StoredTensor | null;
  /** Rows and columns that share one of them, where the config says so. */
  scaleBlock?: readonly [number, number];
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
  tensors: Map<string, StoredTensor>;
  /** What is stored beside weights and is none: parts of packed weights that are not read, ranges of activations. */
  beside?: StoredTensor[];
  /** In file order; none of them is in `tensors`. */
  unreadable: UnreadableTensor[];
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
