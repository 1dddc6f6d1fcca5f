// Time and peak memory against parameters, both axes logarithmic, as an SVG that reads on light and dark pages.
import { formatBytes, formatCount, formatDuration } from '../../src/shared/text/format.ts';
import type { WholeBench } from './whole.bench.ts';

const width = 640;
const height = 300;
const left = 70;
const right = 70;
const top = 30;
const bottom = 45;

interface Series {
  colour: string;
  title: string;
  values: { x: number; y: number; label: string }[];
}

export function scalingFigure(sizes: readonly WholeBench[]): string {
  const ordered = sizes.toSorted((a, b) => a.parameters - b.parameters);
  const time: Series = {
    colour: '#2a78c8',
    title: 'time',
    values: ordered.map(({ parameters: x, seconds: y }) => ({ x, y, label: formatDuration(1000 * y) })),
  };
  const memory: Series = {
    colour: '#c8622a',
    title: 'peak memory',
    values: ordered.flatMap(({ parameters: x, peakBytes: y }) =>
      y === null ? [] : [{ x, y, label: formatBytes(y) }],
    ),
  };
  const place = scale(
    ordered.map(({ parameters }) => parameters),
    left,
    width - right,
  );
  const ticks = ordered.map(
    ({ parameters }) =>
      `<text x="${place(parameters)}" y="${height - bottom + 18}" text-anchor="middle">${formatCount(parameters)}</text>`,
  );
  const axis = `<path d="M${left} ${top}V${height - bottom}H${width - right}V${top}" fill="none" stroke="#808080"/>`;
  const caption = `<text x="${width / 2}" y="${height - 6}" text-anchor="middle">parameters of the pair (time left, memory right; logarithmic)</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#808080">`,
    axis,
    ...ticks,
    caption,
    draw(time, place, left + 4, -10),
    draw(memory, place, width - right - 80, 18),
    '</svg>',
    '',
  ].join('\n');
}

function draw(
  { colour, title, values }: Series,
  place: (x: number) => number,
  at: number,
  offset: number,
): string {
  const rise = scale(
    values.map(({ y }) => y),
    height - bottom - 20,
    top + 20,
  );
  const points = values.map(({ x, y }) => `${place(x)},${rise(y)}`).join(' ');
  const marks = values.map(
    ({ x, y, label }) =>
      `<circle cx="${place(x)}" cy="${rise(y)}" r="4"/><text x="${place(x)}" y="${rise(y) + offset}" text-anchor="middle">${label}</text>`,
  );
  return [
    `<g fill="${colour}"><text x="${at}" y="${top - 8}">${title}</text>`,
    `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...marks,
    '</g>',
  ].join('\n');
}

/** Logarithmic, with a tenth of the range on either side; in the middle where all values are equal. */
function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  const margin = 0.1 * (to - from);
  return (value) => {
    const share = high > low ? (Math.log(value) - low) / (high - low) : 0.5;
    return Math.round(from + margin + share * (to - from - 2 * margin));
  };
}
