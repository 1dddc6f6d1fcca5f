// Numbers as they lie in files: a span of bytes, or several that make one tensor.
import type { DtypeName } from './dtype.ts';

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

/** Row-major tensor data: `bytes` bytes at `offset` of `file`. */
export interface PlainTensor {
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
  /** Scales of an F8 weight, where they are stored beside it. */
  scale: PlainTensor | null;
  /** Rows and columns that share one of them, where the config says so. */
  scaleBlock?: readonly [number, number];
}
