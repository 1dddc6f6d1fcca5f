// Where the words of a reference line stand: beside their line, clear of the curves and of other words. Pure.

/** Pixels of the picture. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** What words should keep clear of. */
interface Drawn {
  /** Each drawn from point to point. */
  curves: readonly (readonly Point[])[];
  words: readonly Box[];
}

interface Caption {
  /** Of the line that it belongs to: across the picture at this height, or down it at this place. */
  axis: 'x' | 'y';
  at: number;
  width: number;
  height: number;
}

/** Between the words and their line. */
const gap = 3;
/** Places that are tried along a line. */
const tries = 7;

/** The first of the usual places where nothing is met, else the one that meets the least. */
export function placeCaption(caption: Caption, area: Box, drawn: Drawn): Box {
  const places = placesOf(caption, area);
  const met = places.map((box) => meetings(box, drawn));
  const least = met.reduce((fewest, count) => Math.min(fewest, count), Infinity);
  return places[met.indexOf(least)] ?? { left: area.left, top: area.top, width: 0, height: 0 };
}

/** Nearest to where one looks for them: along the line from its end, on the one side before the other. */
function placesOf({ axis, at, width, height }: Caption, area: Box): Box[] {
  const right = area.left + area.width;
  const bottom = area.top + area.height;
  const places = Array.from({ length: tries }, (_, place) => place / (tries - 1)).flatMap((share) => {
    if (axis === 'y') {
      const left = right - gap - width - share * (area.width - 2 * gap - width);
      return [at - gap - height, at + gap].map((top) => ({ left, top, width, height }));
    }
    const top = area.top + share * (area.height - height);
    return [at + gap, at - gap - width].map((left) => ({ left, top, width, height }));
  });
  const inside = places.filter(
    (box) =>
      box.left >= area.left && box.left + width <= right && box.top >= area.top && box.top + height <= bottom,
  );
  return inside.length > 0 ? inside : places;
}

function meetings(box: Box, { curves, words }: Drawn): number {
  const onCurves = curves.flatMap((points) =>
    points.filter((to, at) => crosses(box, points[at - 1] ?? to, to)),
  ).length;
  return onCurves + words.filter((other) => overlaps(box, other)).length;
}

function overlaps(one: Box, other: Box): boolean {
  return (
    one.left < other.left + other.width &&
    other.left < one.left + one.width &&
    one.top < other.top + other.height &&
    other.top < one.top + one.height
  );
}

/** Whether a straight line from one point to another runs through a box (clipping after Liang and Barsky, 1984). */
export function crosses({ left, top, width, height }: Box, from: Point, to: Point): boolean {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const edges = [
    [-dx, from.x - left],
    [dx, left + width - from.x],
    [-dy, from.y - top],
    [dy, top + height - from.y],
  ] as const;
  let [enters, leaves] = [0, 1];
  for (const [slope, distance] of edges) {
    if (slope === 0 && distance < 0) return false;
    if (slope < 0) enters = Math.max(enters, distance / slope);
    if (slope > 0) leaves = Math.min(leaves, distance / slope);
  }
  return enters <= leaves;
}
