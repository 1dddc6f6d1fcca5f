// Numbers, bytes, shapes and durations as text: the same words in the table, the hovers and the command line.
// Every function takes null for "not measured" and gives an en dash.

const dash = '–';

/** A share as percent with three significant digits: 0.7718 → "77.2 %". */
export function formatShare(share: number | null): string {
  if (share === null) return dash;
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  // Never round a share that is not whole up to 100 % or down to 0 %.
  if (percent > 99.9) return `${Math.min(percent, 99.999).toFixed(percent > 99.99 ? 3 : 2)} %`;
  if (percent >= 10) return `${percent.toFixed(1)} %`;
  if (percent >= 1) return `${percent.toFixed(2)} %`;
  return `${formatNumber(percent)} %`;
}

/** Three significant digits; scientific below 1e-3 and from 1e6. */
export function formatNumber(value: number | null): string {
  if (value === null) return dash;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  return value.toPrecision(3);
}

/** A number that somebody chose, such as a learning rate: up to three digits and none that it does not need, 5e-6. */
export function formatSetting(value: number | null): string {
  if (value === null) return dash;
  const rounded = Number(value.toPrecision(3));
  return rounded !== 0 && Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded);
}

/** "×0.78" */
export function formatLift(lift: number | null): string {
  return lift === null ? dash : `×${lift.toFixed(2)}`;
}

/** Degrees: "0.39°", "13.4°", "2.1e-4°". */
export function formatDegrees(degrees: number | null): string {
  if (degrees === null) return dash;
  return `${degrees >= 0.01 && degrees < 10 ? degrees.toFixed(2) : formatNumber(degrees)}°`;
}

/** Decimal multiples as disks count them: 3087467144 → "3.09 GB". */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return dash;
  return scaled(bytes, ['B', 'kB', 'MB', 'GB', 'TB', 'PB']);
}

/** Parameter counts: 1543714304 → "1.54 B". */
export function formatCount(count: number | null): string {
  if (count === null) return dash;
  return scaled(count, ['', 'K', 'M', 'B', 'T']).trimEnd();
}

/** A count to the last one: 10065 → "10,065". */
export function formatWhole(count: number): string {
  return count.toLocaleString('en');
}

export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join(' × ');
}

/** "0.8 s", "41 s", "2 m 41 s", "1 h 05 m". */
export function formatDuration(ms: number | null): string {
  if (ms === null) return dash;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${pad(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
}

/** A sentence that goes on behind a colon or within another. */
export function lowerFirst(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

function pad(value: number): string {
  return value.toString().padStart(2, '0');
}

function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  const digits = unit === 0 ? rest.toString() : rest.toPrecision(3);
  return `${digits} ${units[unit] ?? ''}`;
}
