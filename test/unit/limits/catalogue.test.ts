// What limits may name against the report: every number of its pools and tensors, and the table of docs/limits.md.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { limitCatalogue } from '../../../src/engine/limits/catalogue.ts';
import { metricCatalogue } from '../../../src/shared/text/metrics.ts';
import { makeReport } from '../../support/reports.ts';
import { namesTable, page, tableOf } from './namesTable.ts';

const root = join(import.meta.dirname, '../../..');
const names = new Set(limitCatalogue.map(({ name }) => name));

/** Every number of an object, by its path; lists are no numbers. */
function numbersIn(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof inner === 'number') return [name];
    return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? numbersIn(inner, name) : [];
  });
}

/** Counts behind the lifts, what the null compares, places in stacks, ranges of one side, and facts of the shape. */
const left =
  /^(?:maskCounts|besideNull|rotation(?:Left|Right)MeanExpectedDeg|stripe)\.|^(?:shown|rows|columns|passes)$/u;

describe('the names of limits', () => {
  it('are unique, and hold every number of layers, modules, tensors and the whole', () => {
    assert.equal(names.size, limitCatalogue.length);
    const { layers, modules, tensors, summary } = makeReport();
    const groups = [...layers, ...modules, ...tensors, summary].flatMap(({ precision, anchor, geometry }) => [
      ...[precision.value, anchor.value, geometry.value].filter((group) => group !== null),
    ]);
    const found = new Set(groups.flatMap((group) => numbersIn(group)).filter((name) => !left.test(name)));
    assert.ok(found.size > 70);
    assert.deepEqual(
      [...found].filter((name) => !names.has(name)),
      [],
    );
  });

  it('hold every metric that has a name for people', () => {
    // The panel makes a share of the histogram; the log has three numbers of the KL.
    const others = new Set(['oneStepShare', 'kl']);
    for (const name of Object.keys(metricCatalogue)) assert.ok(others.has(name) || names.has(name), name);
  });

  it('stand in docs/limits.md as they are (test/unit/limits/redraw.ts writes them)', () => {
    assert.deepEqual(tableOf(readFileSync(join(root, page), 'utf8')), namesTable());
  });
});
