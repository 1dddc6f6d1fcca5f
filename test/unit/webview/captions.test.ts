// Where words stand in a chart, and how long labels are broken.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { crosses, placeCaption, type Box, type Point } from '../../../webview/parts/charts/captions.ts';
import { labelLines } from '../../../webview/parts/charts/labels.ts';

const area: Box = { left: 40, top: 10, width: 300, height: 120 };
const size = { width: 60, height: 12 };
const none = { curves: [], words: [] };

function apart(one: Box, other: Box): boolean {
  return (
    one.left >= other.left + other.width ||
    other.left >= one.left + one.width ||
    one.top >= other.top + other.height ||
    other.top >= one.top + one.height
  );
}

describe('the words of a reference line', () => {
  it('stand at its end, above it, or below where it runs along the upper edge', () => {
    assert.deepEqual(placeCaption({ axis: 'y', at: 70, ...size }, area, none), {
      left: 277,
      top: 55,
      ...size,
    });
    assert.deepEqual(placeCaption({ axis: 'y', at: 12, ...size }, area, none), {
      left: 277,
      top: 15,
      ...size,
    });
  });

  it('stand at the top of an upright line, to its left where its right has no room', () => {
    assert.deepEqual(placeCaption({ axis: 'x', at: 100, ...size }, area, none), {
      left: 103,
      top: 10,
      ...size,
    });
    assert.deepEqual(placeCaption({ axis: 'x', at: 330, ...size }, area, none), {
      left: 267,
      top: 10,
      ...size,
    });
  });

  it('leave the curve and other words alone', () => {
    const curve = [
      { x: 40, y: 125 },
      { x: 200, y: 66 },
      { x: 340, y: 62 },
    ];
    const limit = placeCaption({ axis: 'y', at: 70, ...size }, area, { curves: [curve], words: [] });
    assert.equal(limit.top, 73, 'the curve runs above the line there');
    const settles = placeCaption({ axis: 'x', at: 280, ...size }, area, { curves: [curve], words: [limit] });
    assert.ok(apart(settles, limit), 'the words lie on each other');
    const [, middle, end] = curve as [Point, Point, Point];
    assert.equal(crosses(settles, middle, end), false);
  });

  it('stand inside the picture, wherever the line is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('x' as const, 'y' as const),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (axis, share) => {
          const at = axis === 'y' ? area.top + share * area.height : area.left + share * area.width;
          const { left, top } = placeCaption({ axis, at, ...size }, area, none);
          assert.ok(
            left >= area.left && left + size.width <= area.left + area.width,
            `${axis} ${at}: ${left}`,
          );
          assert.ok(top >= area.top && top + size.height <= area.top + area.height, `${axis} ${at}: ${top}`);
        },
      ),
    );
  });
});

describe('a line and a box', () => {
  it('meet where some point of the line lies in the box', () => {
    const point = fc.record({
      x: fc.double({ min: 0, max: 400, noNaN: true }),
      y: fc.double({ min: 0, max: 200, noNaN: true }),
    });
    fc.assert(
      fc.property(point, point, (from, to) => {
        const samples = Array.from({ length: 2001 }, (_, at) => at / 2000);
        const inside = (margin: number): boolean =>
          samples.some((share) => {
            const x = from.x + share * (to.x - from.x);
            const y = from.y + share * (to.y - from.y);
            return (
              x >= area.left - margin &&
              x <= area.left + area.width + margin &&
              y >= area.top - margin &&
              y <= area.top + area.height + margin
            );
          });
        const met = crosses(area, from, to);
        // Between samples a line may just touch a corner.
        if (inside(0)) assert.equal(met, true);
        if (!inside(0.5)) assert.equal(met, false);
      }),
    );
  });
});

describe('a label', () => {
  it('is broken between words once it is long, in lines as even as can be', () => {
    assert.equal(labelLines('principal, not low  ×0.50'), 'principal, not low  ×0.50');
    assert.deepEqual(labelLines('low or not principal  ×1.09'), ['low or not', 'principal ×1.09']);
    assert.deepEqual(labelLines('outside of the leading subspace'), ['outside of the', 'leading subspace']);
  });

  it('of one word is left whole', () => {
    assert.equal(labelLines('a'.repeat(40)), 'a'.repeat(40));
    assert.equal(labelLines(''), '');
  });
});
