// Boxes cut out of a tensor at random, joined again: every run of elements lies where counting says it does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Box, joinBoxes, spansOf } from '../../../src/engine/checkpoint/pieces.ts';

const width = 2;

/** Cuts a box again and again; `random` gives numbers below its argument. */
function cut(box: Box, times: number, random: (below: number) => number): Box[] {
  const axes = box.sizes.flatMap((size, axis) => (size > 1 ? [axis] : []));
  if (times === 0 || axes.length === 0) return [box];
  const axis = axes[random(axes.length)] ?? 0;
  const first = 1 + random(box.sizes[axis]! - 1);
  const low = { ...box, sizes: box.sizes.with(axis, first) };
  const high = {
    ...box,
    offsets: box.offsets.with(axis, box.offsets[axis]! + first),
    sizes: box.sizes.with(axis, box.sizes[axis]! - first),
  };
  return [...cut(low, times - 1, random), ...cut(high, times - 1, random)];
}

/** File and byte of every element, by going through each box. */
function places(shape: readonly number[], boxes: readonly Box[]): string[] {
  const found: string[] = [];
  for (const { offsets, sizes, file, offset } of boxes) {
    const count = sizes.reduce((product, size) => product * size, 1);
    for (let element = 0; element < count; element++) {
      let rest = element;
      const index = [...sizes]
        .reverse()
        .map((size) => {
          const at = rest % size;
          rest = Math.floor(rest / size);
          return at;
        })
        .reverse();
      const flat = index.reduce((sum, at, axis) => sum * shape[axis]! + at + offsets[axis]!, 0);
      found[flat] = `${file}:${offset + element * width}`;
    }
  }
  return found;
}

/** What is wrong with boxes that do not join. */
function fault(shape: readonly number[], boxes: readonly Box[]): string {
  const joined = joinBoxes(shape, boxes);
  assert.ok(typeof joined === 'string');
  return joined;
}

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });

describe('boxes', () => {
  it('join to the tensor that they were cut from', () => {
    fc.assert(
      fc.property(shapes, fc.nat(4), fc.infiniteStream(fc.nat(997)), (shape, times, numbers) => {
        const random = (below: number): number => (numbers.next().value ?? 0) % below;
        const whole = { offsets: shape.map(() => 0), sizes: shape, file: '', offset: 0 };
        const boxes = cut(whole, times, random).map((box, index) => ({
          ...box,
          file: `f${index}`,
          offset: 100 + index,
        }));
        const joined = joinBoxes(shape, [...boxes].reverse());
        assert.ok(typeof joined !== 'string');
        const wanted = places(shape, boxes);
        const first = random(wanted.length);
        const count = 1 + random(wanted.length - first);
        const spans = spansOf(joined, width, first, count);
        const found = spans.flatMap((span) =>
          Array.from({ length: span.count }, (_, index) => `${span.file}:${span.offset + index * width}`),
        );
        assert.deepEqual(found, wanted.slice(first, first + count));
        assert.deepEqual(
          spans.map((span) => span.first),
          spans.map((_, index) => first + spans.slice(0, index).reduce((sum, span) => sum + span.count, 0)),
        );
      }),
      { seed: 20_261_127, numRuns: 2000 },
    );
  });

  it('are refused where one is missing, doubled or moved', () => {
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.nat(997)), (shape, numbers) => {
        const random = (below: number): number => (numbers.next().value ?? 0) % below;
        const whole = { offsets: shape.map(() => 0), sizes: shape, file: '', offset: 0 };
        const boxes = cut(whole, 3, random);
        const [first] = boxes;
        if (first === undefined || boxes.length < 2) return;
        assert.match(fault(shape, boxes.slice(1)), /are missing$/);
        assert.match(fault(shape, [...boxes, first]), /overlap/);
        assert.equal(
          typeof joinBoxes(shape, [...boxes.slice(1), { ...boxes[1]!, sizes: first.sizes }]),
          'string',
        );
        const beyond = first.offsets.with(0, shape[0]!);
        assert.match(fault(shape, [{ ...first, offsets: beyond }, ...boxes.slice(1)]), /outside/);
      }),
      { seed: 20_261_127, numRuns: 1000 },
    );
  });

  it('that lie like a pinwheel are refused, as no cut goes through between them', () => {
    const box = (offsets: number[], sizes: number[]): Box => ({ offsets, sizes, file: 'f', offset: 0 });
    const pinwheel = [
      box([0, 0], [1, 2]),
      box([0, 2], [2, 1]),
      box([2, 1], [1, 2]),
      box([1, 0], [2, 1]),
      box([1, 1], [1, 1]),
    ];
    assert.equal(joinBoxes([3, 3], pinwheel), 'has chunks that overlap, or do not lie side by side');
  });
});
