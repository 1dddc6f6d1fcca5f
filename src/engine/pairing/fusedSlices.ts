// A matrix of a fused tensor as a tensor of its own, read from where the fused one lies. Pure: nothing is copied.
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { scaleLayout } from '../checkpoint/scales.ts';
import type { StoredView } from '../checkpoint/plainTensor.ts';

/** Where a part lies in a fused tensor, in elements of it. */
interface Part {
  /** In brackets behind the fused tensor's name. */
  index: string;
  /** Of the part. */
  shape: number[];
  first: number;
  rowStep: number;
  columnStep: number;
}

/** In words, why a tensor cannot be cut so. */
export type Slice = StoredTensor | string;

export function sliceOf(fused: StoredTensor, part: Part): Slice {
  const columns = lastOf(part.shape);
  const view: StoredView = { first: part.first, columns, rowStep: part.rowStep, columnStep: part.columnStep };
  const isStretch = part.columnStep === 1 && (part.rowStep === columns || part.shape.length < 2);
  if (fused.packed !== undefined) return 'its values are packed, and not cut';
  if (fused.view !== undefined || fused.adapter !== undefined) return 'it is not stored by itself';
  const scale = fused.scale === null ? null : scaleOfSlice(fused, fused.scale, part, isStretch);
  if (typeof scale === 'string') return scale;
  const made = shaped(fused, part);
  if (!isStretch) return { ...made, scale, view };
  const start = (part.first * dtypes[fused.dtype].bits) / 8;
  return fused.pieces === undefined
    ? { ...made, scale, offset: fused.offset + start }
    : { ...made, scale, view: { ...view, rowStep: columns } };
}

/** Rows that come in groups, each `rows` long and beginning at one of `starts`: heads of a fused query, key and value. */
export function groupedSlice(
  fused: StoredTensor,
  part: Omit<Part, 'first' | 'rowStep' | 'columnStep'>,
  starts: readonly number[],
  rows: number,
): Slice {
  const isWhole = fused.view === undefined && fused.pieces === undefined && fused.packed === undefined;
  if (!isWhole || fused.adapter !== undefined) {
    return 'it is not stored in one stretch';
  }
  if (fused.scale !== null && fused.scale.elements !== 1) return 'it has scales that do not follow its heads';
  const width = dtypes[fused.dtype].bits / 8;
  const columns = part.shape.length < 2 ? 1 : lastOf(part.shape);
  const parts = starts.map((start) => ({
    file: fused.file,
    offset: fused.offset + start * columns * width,
    columns: rows * columns,
  }));
  return { ...shaped(fused, part), pieces: { rows: 1, parts }, offset: parts[0]?.offset ?? fused.offset };
}

/** Columns of a matrix, elements of a vector. */
function lastOf(shape: readonly number[]): number {
  return shape[shape.length - 1] ?? 1;
}

function shaped(fused: StoredTensor, { index, shape }: Pick<Part, 'index' | 'shape'>): StoredTensor {
  const elements = shape.reduce((product, size) => product * size, 1);
  const bytes = (elements * dtypes[fused.dtype].bits) / 8;
  return { ...fused, name: `${fused.name}[${index}]`, shape, elements, bytes };
}

/** The scales that belong to a slice: those of its blocks of rows, or the one scale of everything. */
function scaleOfSlice(
  fused: StoredTensor,
  scale: StoredTensor,
  { shape, first }: Part,
  isStretch: boolean,
): Slice {
  if (scale.elements === 1) return scale;
  if (scale.pieces !== undefined) return 'it has scales in several pieces';
  const layout = scaleLayout(fused.shape, scale.shape, fused.scaleBlock);
  const columns = lastOf(fused.shape);
  const rows = shape.length < 2 ? 1 : (shape[0] ?? 1);
  if (layout === null || !isStretch || lastOf(shape) !== columns) {
    return 'it has scales that cannot be cut as its values are';
  }
  const firstRow = first / columns;
  const { blockRows, blockColumns, matrixRows, scaleRows, scaleColumns } = layout;
  const within = firstRow % matrixRows;
  const block = Math.floor(within / blockRows);
  const isInOne = block === Math.floor((within + rows - 1) / blockRows);
  if (within % blockRows !== 0 && !isInOne) return 'it has blocks of scales that its parts share';
  const firstScale = (Math.floor(firstRow / matrixRows) * scaleRows + block) * scaleColumns;
  const shares = isInOne ? 1 : Math.ceil(rows / blockRows);
  const cut = sliceOf(
    { ...scale, scale: null },
    {
      index: 'of a slice',
      shape: [shares, scaleColumns],
      first: firstScale,
      rowStep: scaleColumns,
      columnStep: 1,
    },
  );
  if (typeof cut === 'string') return cut;
  const found = scaleLayout(shape, cut.shape, fused.scaleBlock);
  const fits =
    found !== null &&
    (shares === 1 || found.blockRows === blockRows) &&
    (scaleColumns === 1 || found.blockColumns === blockColumns);
  return fits ? cut : 'it has scales that do not fit its parts';
}
