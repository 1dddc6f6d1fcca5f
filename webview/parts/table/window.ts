// Which rows of a long list are in view. Pure; pixels in, positions out.
import { formatWhole } from '../../../src/shared/text/format.ts';

interface Window {
  first: number;
  /** One past the last. */
  end: number;
}

/** Pixels: where a list is scrolled to, and how much of it shows. */
export interface Scrolled {
  scrollTop: number;
  height: number;
  rowHeight: number;
}

/** Rows drawn beyond each edge, so that a quick scroll does not show blank space. */
const overscan = 8;

export function visibleWindow({ scrollTop, height, rowHeight }: Scrolled, count: number): Window {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight) - overscan));
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + overscan);
  return { first, end: Math.max(first, end) };
}

/** Most rows that are put on paper: about twenty pages. */
export const mostPrinted = 1000;

/** What is said below the rows on paper where they are not all. */
export function printedNote(count: number): string {
  return count <= mostPrinted
    ? ''
    : `The first ${formatWhole(mostPrinted)} of ${formatWhole(count)} rows; filter the table to print others.`;
}

/** The scroll position that brings a row fully into view, as little moved as possible. */
export function scrollToRow(index: number, { scrollTop, height, rowHeight }: Scrolled): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop;
}
