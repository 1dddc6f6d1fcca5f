// Where the elements of a slice lie in the tensor that is stored, as runs of consecutive elements of it.
import type { StoredView } from './plainTensor.ts';

/**
 * `count` consecutive elements of the stored tensor from `from` on, of which every `every`-th belongs to the slice: the
 * first to position `to` of what was asked for, each next one `toStep` further.
 */
interface Run {
  from: number;
  count: number;
  every: number;
  to: number;
  toStep: number;
}

/** Runs that together are the elements first … first + count − 1 of a slice in row-major order. */
export function* runsOf(view: StoredView, first: number, count: number): Generator<Run> {
  const { columns, rowStep, columnStep } = view;
  if (columnStep === 1 && rowStep === columns) {
    yield { from: view.first + first, count, every: 1, to: 0, toStep: 1 };
    return;
  }
  const end = first + count;
  const isDown = isTransposed(view) && first % columns === 0 && end % columns === 0;
  if (isDown) yield* columnRuns(view, first / columns, count / columns);
  else yield* rowRuns(view, first, end);
}

/** Whether rows of the slice lie across the rows that are stored: few rows then take as many reads as there are columns. */
export function isTransposed({ columns, rowStep, columnStep }: StoredView): boolean {
  return columns > 1 && columnStep > rowStep;
}

/** Whole rows, column by column: the steps from row to row are the short ones. */
function* columnRuns(view: StoredView, firstRow: number, rows: number): Generator<Run> {
  const { columns, rowStep, columnStep } = view;
  for (let column = 0; column < columns; column += 1) {
    const from = view.first + firstRow * rowStep + column * columnStep;
    yield { from, count: (rows - 1) * rowStep + 1, every: rowStep, to: column, toStep: columns };
  }
}

const closeSteps = 16;

/** Row by row, or what of a row was asked for. */
function* rowRuns(view: StoredView, first: number, end: number): Generator<Run> {
  const { columns, rowStep, columnStep } = view;
  for (let at = first; at < end;) {
    const column = at % columns;
    // Far apart, elements are read one by one: a stretch over all of them would be many times what is wanted.
    const taken = columnStep > closeSteps ? 1 : Math.min(columns - column, end - at);
    const from = view.first + Math.floor(at / columns) * rowStep + column * columnStep;
    yield { from, count: (taken - 1) * columnStep + 1, every: columnStep, to: at - first, toStep: 1 };
    at += taken;
  }
}

/** Whether a run's elements lie in `target` as they are stored, and can be read there. */
export function isStraight({ every, toStep, count }: Run): boolean {
  return count === 1 || (every === 1 && toStep === 1);
}

/** Puts what was read of a run where it belongs; `width` bytes an element. */
export function place(run: Run, stored: Uint8Array, target: Uint8Array, width: number): void {
  const { count, every, to, toStep } = run;
  for (let from = 0, at = to; from < count; from += every, at += toStep) {
    for (let byte = 0; byte < width; byte += 1) target[at * width + byte] = stored[from * width + byte] ?? 0;
  }
}
