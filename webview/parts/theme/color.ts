// Colours as numbers: parsing what a theme gives, mixing in OKLab (Björn Ottosson, 2020), and ramps whose lightness
// only rises or only falls, so that they read the same with any colour vision. Pure.

/** Red, green, blue and opacity in 0…1. */
export type Color = readonly [number, number, number, number];

/** `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` and `rgba(…)`; null for anything else. */
export function parseColor(text: string): Color | null {
  const value = text.trim().toLowerCase();
  const hex = /^#([0-9a-f]{3,8})$/u.exec(value)?.[1];
  if (hex !== undefined) {
    const long = hex.length <= 4 ? hex.replace(/./gu, '$&$&') : hex;
    if (long.length !== 6 && long.length !== 8) return null;
    const channel = (at: number): number => parseInt(long.slice(at, at + 2), 16) / 255;
    return [channel(0), channel(2), channel(4), long.length === 8 ? channel(6) : 1];
  }
  const inner = /^rgba?\(([^)]*)\)$/u.exec(value)?.[1];
  if (inner === undefined) return null;
  const parts = inner.split(/[\s,/]+/u).filter(Boolean);
  const [red = NaN, green = NaN, blue = NaN] = parts.map((part) => parseFloat(part) / 255);
  const alpha = parts[3] === undefined ? 1 : parseFloat(parts[3]) / (parts[3].endsWith('%') ? 100 : 1);
  return [red, green, blue, alpha].every(Number.isFinite) ? [red, green, blue, alpha] : null;
}

export function cssColor([red, green, blue, alpha]: Color): string {
  const byte = (channel: number): number => Math.round(Math.min(1, Math.max(0, channel)) * 255);
  return `rgba(${byte(red)}, ${byte(green)}, ${byte(blue)}, ${Number(alpha.toFixed(3))})`;
}

/** The colour as it looks on an opaque ground. */
export function over(color: Color, ground: Color): Color {
  const alpha = color[3];
  const blend = (top: number, bottom: number): number => top * alpha + bottom * (1 - alpha);
  return [blend(color[0], ground[0]), blend(color[1], ground[1]), blend(color[2], ground[2]), 1];
}

/** `share` of the way from one opaque colour to another, in OKLab. */
export function mix(from: Color, to: Color, share: number): Color {
  const start = toOklab(from);
  const end = toOklab(to);
  const at = (index: 0 | 1 | 2): number => start[index] + (end[index] - start[index]) * share;
  return fromOklab([at(0), at(1), at(2)]);
}

/** Perceived lightness, 0 black to 1 white. */
export function lightness(color: Color): number {
  return toOklab(color)[0];
}

/** WCAG 2 contrast ratio of two opaque colours, 1…21. */
export function contrast(first: Color, second: Color): number {
  const luminance = ([red, green, blue]: Color): number =>
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const [one, two] = [luminance(first), luminance(second)];
  return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
}

/** Black or white, whichever reads better on the colour. */
export function inkOn(color: Color): Color {
  const black: Color = [0, 0, 0, 1];
  const white: Color = [1, 1, 1, 1];
  return contrast(color, black) >= contrast(color, white) ? black : white;
}

/**
 * A ramp from close to the ground through an accent to close to the ink, for positions 0…1. Its lightness is
 * interpolated straight from end to end, and the accent lends only its hue, so it stays monotonic for any theme.
 */
export function sequentialRamp(ground: Color, accent: Color, ink: Color): (position: number) => Color {
  const low = toOklab(mix(ground, accent, 0.16));
  const high = toOklab(mix(accent, ink, 0.8));
  const middle = toOklab(accent);
  return (position) => {
    const share = Math.min(1, Math.max(0, position));
    const light = low[0] + (high[0] - low[0]) * share;
    const hue = (index: 1 | 2): number =>
      share < 0.5
        ? low[index] + (middle[index] - low[index]) * share * 2
        : middle[index] + (high[index] - middle[index]) * (share * 2 - 1);
    return fromOklab([light, hue(1), hue(2)]);
  };
}

/**
 * A ramp from one accent through close to the ground to another, for positions 0…1. Lightness rises and falls about the
 * middle alike on both sides, and the accents lend only their hue, so how far from the middle reads the same either way.
 */
export function divergingRamp(
  ground: Color,
  low: Color,
  high: Color,
  ink: Color,
): (position: number) => Color {
  const middle = toOklab(mix(ground, ink, 0.1));
  const far = lightness(mix(ground, ink, 0.72));
  const ends = { low: toOklab(low), high: toOklab(high) };
  return (position) => {
    const share = Math.min(1, Math.max(0, position)) * 2 - 1;
    const end = share < 0 ? ends.low : ends.high;
    const reach = Math.abs(share);
    const hue = (index: 1 | 2): number => middle[index] + (end[index] - middle[index]) * reach;
    return fromOklab([middle[0] + (far - middle[0]) * reach, hue(1), hue(2)]);
  };
}

type Lab = readonly [number, number, number];

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}

function gamma(channel: number): number {
  return channel <= 0.0031308 ? channel * 12.92 : 1.055 * channel ** (1 / 2.4) - 0.055;
}

function toOklab(color: Color): Lab {
  const [red, green, blue] = [linear(color[0]), linear(color[1]), linear(color[2])];
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

function fromOklab([light, a, b]: Lab): Color {
  const long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (channel: number): number => Math.min(1, Math.max(0, gamma(Math.max(0, channel))));
  return [
    clamp(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    clamp(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    clamp(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
    1,
  ];
}
