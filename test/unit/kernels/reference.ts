// The metrics' definitions once more, in plain scalar TypeScript on float64 values: slow, and sharing nothing with the
// kernels. Values come in decoded, with their bf16 views.
import { countNames, type CountName } from '../../../src/engine/kernels/chunkTotals.ts';

interface ReferenceTotals {
  counts: Record<CountName, number>;
  sumSquaresBase: number;
  sumSquaresDelta: number;
  maxAbsDelta: number;
  exponents: Map<number, number>;
  deltaCounts: Map<number, number>;
  deltaEnergies: Map<number, number>;
  rowChanged: number[];
  columnChanged: number[];
}

/** Nearest bf16 value, ties to even; infinite beyond the largest. */
function toBf16(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const spacing = 2 ** (exponentOf(value) - 7);
  const steps = value / spacing;
  const down = Math.floor(steps);
  const rest = steps - down;
  const rounded = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
  const result = rounded * spacing;
  if (Math.abs(result) >= 2 ** 128) return Math.sign(value) * Infinity;
  return result === 0 && value < 0 ? -0 : result;
}

/** ⌊log₂|value|⌋, at least −126. Math.log2 may round up to the next integer just below a power of two. */
function exponentOf(value: number): number {
  const size = Math.abs(value);
  const exponent = Math.max(Math.floor(Math.log2(size)), -126);
  return 2 ** exponent > size && exponent > -126 ? exponent - 1 : exponent;
}

/** Position of |value| among the non-negative bf16 values. */
function rankOf(value: number): number {
  const size = Math.abs(value);
  if (size < 2 ** -126) return size * 2 ** 133;
  const exponent = exponentOf(size);
  return (exponent + 127) * 128 + (size / 2 ** exponent - 1) * 128;
}

export function referenceTotals(
  base: ArrayLike<number>,
  tuned: ArrayLike<number>,
  columns: number,
  eta: number,
): ReferenceTotals {
  const counts = Object.fromEntries(countNames.map((name) => [name, 0])) as Record<CountName, number>;
  const found: ReferenceTotals = {
    counts,
    sumSquaresBase: 0,
    sumSquaresDelta: 0,
    maxAbsDelta: 0,
    exponents: new Map(),
    deltaCounts: new Map(),
    deltaEnergies: new Map(),
    rowChanged: new Array<number>(base.length / columns).fill(0),
    columnChanged: new Array<number>(columns).fill(0),
  };
  const squares = new Compensated();
  const energies = new Compensated();
  for (let i = 0; i < base.length; i++) {
    const [w, v] = [base[i]!, tuned[i]!];
    const [wView, vView] = [toBf16(w), toBf16(v)];
    if (!Number.isFinite(wView) || !Number.isFinite(vView)) {
      counts.nonFinite++;
      if (!Number.isFinite(wView)) counts.nonFiniteBase++;
      if (!Number.isFinite(vView)) counts.nonFiniteTuned++;
      continue;
    }
    counts.compared++;
    bump(found.exponents, Math.floor(rankOf(wView) / 128));
    squares.add(w * w);
    const size = Math.abs(v - w);
    if (size <= 1e-5) counts.unchangedAbs1e5++;
    if (w === v) continue;
    counts.rawChanged++;
    energies.add(size * size);
    found.maxAbsDelta = Math.max(found.maxAbsDelta, size);
    const bin = new Uint32Array(new Float32Array([size]).buffer)[0]! >>> 16;
    bump(found.deltaCounts, bin);
    bump(found.deltaEnergies, bin, size * size);
    if (Math.abs(vView - wView) <= eta * Math.max(Math.abs(wView), Math.abs(vView))) {
      counts.hidden++;
      continue;
    }
    counts.changedBf16++;
    found.rowChanged[Math.floor(i / columns)]!++;
    found.columnChanged[i % columns]!++;
    counts[ulpName(wView, vView)]++;
  }
  found.sumSquaresBase = squares.sum;
  found.sumSquaresDelta = energies.sum;
  return found;
}

function ulpName(wView: number, vView: number): CountName {
  if (wView * vView < 0 || (Math.sign(wView) !== Math.sign(vView) && wView !== 0 && vView !== 0)) {
    return 'signFlips';
  }
  const steps = Math.abs(rankOf(vView) - rankOf(wView));
  if (steps === 1) return 'one';
  if (steps === 2) return 'two';
  if (steps <= 4) return 'threeToFour';
  if (steps <= 8) return 'fiveToEight';
  return steps <= 16 ? 'nineToSixteen' : 'overSixteen';
}

function bump(counts: Map<number, number>, key: number, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** Neumaier's sum. */
class Compensated {
  private main = 0;
  private rest = 0;

  get sum(): number {
    return this.main + this.rest;
  }

  add(value: number): void {
    const next = this.main + value;
    this.rest += Math.abs(this.main) >= Math.abs(value) ? this.main - next + value : value - next + this.main;
    this.main = next;
  }
}
