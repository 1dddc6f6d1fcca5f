// The joint counts of the masks against their definition, element by element: lanes beyond the end, bf16 ties,
// subnormals, zeros of either sign, and every kind of η; of float32 sides and of packed ones; and M_princ from a first guess
// of its limit.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { settled } from '../../../src/engine/gates/countMasks.ts';
import type { MaskRange, MaskTally, PairPanel } from '../../../src/engine/linalg/maskCounter.ts';
import { linalgKernels } from '../../support/geometryEngine.ts';

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

interface Expected {
  members: Float64Array;
  between: Uint32Array;
  squares: number;
  energy: number;
}

/** By definition, element by element; `from` ≤ bits of |W⁽ᵏ⁾| < `to` are counted apart. */
function count(
  { base, tuned, r }: ReturnType<typeof values>,
  { from, to, lowBits, eta }: MaskRange,
): Expected {
  const members = new Float64Array(7);
  const between = new Uint32Array(4 * (to - from));
  let squares = 0;
  let energy = 0;
  for (let i = 0; i < base.length; i++) {
    const [w = 0, v = 0, x = 0] = [base[i], tuned[i], r[i]];
    const p = bitsOf(x) >= to;
    const l = bitsOf(w) <= lowBits;
    const [left, right] = [bf16(w), bf16(v)];
    const u = Math.abs(right - left) > eta * Math.max(Math.abs(left), Math.abs(right));
    [p, l, u, p && l, p && u, l && u, p && l && u].forEach((isMember, set) => {
      if (isMember) members[set] = (members[set] ?? 0) + 1;
    });
    if (!p && bitsOf(x) >= from) {
      const at = (Number(l) + 2 * Number(u)) * (to - from) + bitsOf(x) - from;
      between[at] = (between[at] ?? 0) + 1;
    }
    squares += w * w;
    energy += (v - w) ** 2;
  }
  return { members, between, squares, energy };
}

async function check(
  sides: PairPanel,
  input: ReturnType<typeof values>,
  range: MaskRange,
): Promise<MaskTally> {
  const expected = count(input, range);
  const tally = await linalgKernels().masks.count(range, (add) => {
    add(sides, input.r);
    return Promise.resolve();
  });
  assert.deepEqual([...tally.members], [...expected.members]);
  assert.deepEqual(tally.between, expected.between);
  const { squares, energy } = expected;
  assert.ok(Math.abs((tally.energies[0] ?? 0) - squares) <= 1e-14 * squares * input.r.length);
  assert.ok(Math.abs((tally.energies[1] ?? 0) - energy) <= 1e-14 * energy * input.r.length);
  return tally;
}

for (const [elements, eta] of [
  [1, 1e-3],
  [7, 1e-3],
  [1024, 1e-3],
  [1026, 0],
  [1027, 0.02],
  // More than one stretch, the last of which does not end with whole rounds.
  [40_009, 1e-3],
] as const) {
  for (const span of [0, 3 << 16]) {
    it(`counts ${elements} elements at η = ${eta}, ${span} steps of |W⁽ᵏ⁾| apart`, async () => {
      const range = { from: bitsOf(0.01), to: bitsOf(0.01) + span, lowBits: bitsOf(0.003), eta };
      const input = values(elements, 17 + elements);
      await check({ base: input.base, tuned: input.tuned }, input, range);
      const halves = { ...input, base: input.base.map(bf16), tuned: input.tuned.map(bf16) };
      const [base, tuned] = [halves.base, halves.tuned].map(({ buffer }) => new Uint32Array(buffer));
      const packed = Uint32Array.from(
        base ?? [],
        (bits, i) => ((tuned?.[i] ?? 0) & 0xffff0000) | (bits >>> 16),
      );
      await check({ packed }, halves, range);
    });
  }
}

it('takes what was counted apart into M_princ from its largest down, with all equals, or says that the limit is elsewhere', async () => {
  const input = values(20_000, 5);
  // Many are equal.
  input.r.forEach((value, i) => (input.r[i] = bf16(value)));
  const sorted = [...input.r].map(bitsOf).sort((a, b) => b - a);
  const range = { from: bitsOf(0.01), to: bitsOf(0.01) + (3 << 16), lowBits: bitsOf(0.003), eta: 1e-3 };
  const tally = await check({ base: input.base, tuned: input.tuned }, input, range);
  const above = sorted.filter((bits) => bits >= range.to).length;
  const held = sorted.filter((bits) => bits >= range.from).length;
  for (const wanted of [above + 1, above + 2, Math.floor((above + held) / 2), held]) {
    const limit = sorted[wanted - 1] ?? 0;
    const expected = count(input, { ...range, from: limit, to: limit });
    assert.deepEqual([...(settled(tally, wanted)?.members ?? [])], [...expected.members], `${wanted}`);
  }
  assert.equal(settled(tally, above), null);
  assert.equal(settled(tally, held + 1), null);
});
