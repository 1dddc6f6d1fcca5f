// Two reports beside each other: what differs of the whole model, and nothing else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareReports } from '../../../src/engine/limits/compareReports.ts';
import { makeReport } from '../../support/reports.ts';

const rlvr = makeReport({ model: 'nano' });
const sft = makeReport({ model: 'nano', training: 'sft' });

describe('two reports', () => {
  it('differ in nothing where they are the same', () => {
    const { differences, same } = compareReports(rlvr, structuredClone(rlvr), 'b.json');
    assert.deepEqual(differences, []);
    assert.ok(same > 60);
  });

  it('differ in regime, gates, readings beyond size and numbers, words first', () => {
    const { differences, pair, file } = compareReports(rlvr, sft, 'b.json');
    assert.deepEqual(differences[0]?.values, [rlvr.summary.regime.name, sft.summary.regime.name]);
    const titled = (title: string): readonly string[] | undefined =>
      differences.find((each) => each.title === title)?.values;
    const { verdict } = sft.summary.gates.anchor;
    assert.deepEqual(titled('Word of Gate I · KL anchor'), [rlvr.summary.gates.anchor.verdict, verdict]);
    assert.equal(titled('Relative drift ‖Δ‖/‖W‖')?.length, 2);
    assert.deepEqual([pair, file], [`${sft.pair.base.label} → ${sft.pair.tuned.label}`, 'b.json']);
  });

  it('are told apart to the digit, and by what was not measured', () => {
    const { anchor } = rlvr.summary;
    const value = { ...(anchor.value ?? assert.fail()), relativeDrift: 0.010000001, maxAbsDelta: 0.01 };
    const near = { ...rlvr, summary: { ...rlvr.summary, anchor: { value, reason: null } } };
    const far = {
      ...rlvr,
      summary: { ...rlvr.summary, anchor: { value: { ...value, relativeDrift: 0.01 }, reason: null } },
    };
    const none = {
      ...rlvr,
      summary: { ...rlvr.summary, anchor: { value: { ...value, relativeDrift: null }, reason: null } },
    };
    assert.deepEqual(compareReports(near, far, 'b').differences[0]?.values, ['0.010000001', '0.01']);
    assert.deepEqual(compareReports(near, none, 'b').differences[0]?.values, ['0.0100', 'not measured']);
  });
});
