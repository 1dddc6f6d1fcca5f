// The joint counts of the masks against their definition, element by element: lanes beyond the end, bf16 ties,
// subnormals, zeros of either sign, and every kind of η.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { MaskTally } from '../../../src/engine/linalg/denseKernels.ts';
import { denseKernels } from '../../support/geometryEngine.ts';

const word = new Uint32Array(1);
const single = new Float32Array(word.buffer);

function bitsOf(value: number): number {
  single[0] = value;
  return (word[0] ?? 0) & 0x7fffffff;
}

function bf16(value: number): number {
  single[0] = value;
  const bits = word[0] ?? 0;
  word[0] = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
  return single[0];
}

/** Small and large values, ties of the rounding, subnormals and zeros, many of them equal on both sides. */
function values(count: number, seed: number): { base: Float32Array; tuned: Float32Array; r: Float32Array } {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const odd = [0, -0, 1e-40, 2e-40, -1e-39, 1.00390625, 1.01171875, 1.5, -1.5];
  const draw = (): number =>
    next() < 0.3 ? (odd[Math.floor(next() * odd.length)] ?? 0) : (next() - 0.5) * 2 ** (-20 * next());
  const base = Float32Array.from({ length: count }, draw);
  const tuned = base.map((value) =>
    next() < 0.4 ? value : next() < 0.5 ? value * (1 + next() / 100) : draw(),
  );
  return { base, tuned, r: Float32Array.from({ length: count }, draw) };
}

for (const [count, eta] of [
  [1, 1e-3],
  [7, 1e-3],
  [1024, 1e-3],
  [1026, 0],
  [1027, 0.02],
] as const) {
  it(`counts ${count} elements at η = ${eta}`, () => {
    const { base, tuned, r } = values(count, 17 + count);
    const principalBits = bitsOf(0.01);
    const lowBits = bitsOf(0.003);
    const tally: MaskTally = { members: new Float64Array(7), energies: new Float64Array(2) };
    denseKernels().countMasks(base, tuned, r, { principalBits, lowBits, eta }, tally);
    const expected = new Float64Array(7);
    let squares = 0;
    let energy = 0;
    for (let i = 0; i < count; i++) {
      const [w = 0, v = 0, x = 0] = [base[i], tuned[i], r[i]];
      const p = bitsOf(x) >= principalBits;
      const l = bitsOf(w) <= lowBits;
      const [left, right] = [bf16(w), bf16(v)];
      const u = Math.abs(right - left) > eta * Math.max(Math.abs(left), Math.abs(right));
      [p, l, u, p && l, p && u, l && u, p && l && u].forEach((isMember, set) => {
        if (isMember) expected[set] = (expected[set] ?? 0) + 1;
      });
      squares += w * w;
      energy += (v - w) ** 2;
    }
    assert.deepEqual([...tally.members], [...expected]);
    assert.ok(Math.abs((tally.energies[0] ?? 0) - squares) <= 1e-14 * squares * count);
    assert.ok(Math.abs((tally.energies[1] ?? 0) - energy) <= 1e-14 * energy * count);
  });
}
