// What the host sends of a report: every number, no curve, in messages of bounded size; and the curves when asked for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  panelMessages,
  panelReport,
  panelTensor,
  tensorCurves,
  tensorsPerMessage,
  type PanelReport,
} from '../../../src/shared/protocol/panelReport.ts';
import { reduce } from '../../../webview/pair/state/reduce.ts';
import { initialState, initialView, type PanelState } from '../../../webview/pair/state/state.ts';
import { wantedCurves } from '../../../webview/pair/state/curves.ts';
import { makeDocument, makeReport } from '../../support/reports.ts';

const whole = makeReport({ model: 'nano', rank: 16 });
const name = 'model.layers.2.mlp.down_proj.weight';

/** The longest list of numbers anywhere below a value. */
function longestList(value: unknown): number {
  if (Array.isArray(value) && value.every((each) => typeof each === 'number')) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Math.max(0, ...Object.values(value).map(longestList));
}

describe('a report as the panel holds it', () => {
  it('has every number and no curve, so its size does not grow with the rank', () => {
    const held = panelReport(whole);
    assert.ok(whole.tensors.some((tensor) => longestList(tensor) >= 256));
    for (const tensor of held.tensors) assert.ok(longestList(tensor) <= 4, tensor.name);
    const tensor = whole.tensors.find((each) => each.name === name)!;
    const { value } = panelTensor(tensor).geometry;
    assert.equal(value?.spectralDriftTopK, tensor.geometry.value?.spectralDriftTopK);
    assert.deepEqual(value?.maskCounts, tensor.geometry.value?.maskCounts);
    const norm = Math.hypot(...tensor.geometry.value!.sigmaBase);
    assert.ok(value !== null && Math.abs(value.sigmaNorm / norm - 1) < 1e-14);
    const size = (rank: number): number =>
      JSON.stringify(panelReport(makeReport({ model: 'nano', rank }))).length;
    assert.ok(Math.abs(size(64) / size(4) - 1) < 0.05);
  });

  it('together with the curves is all that is drawn', () => {
    const tensor = whole.tensors.find((each) => each.name === name)!;
    const curves = tensorCurves(tensor);
    assert.equal(curves.geometry?.sigmaTuned, tensor.geometry.value?.sigmaTuned);
    assert.equal(curves.stripe, tensor.precision.value?.stripe);
    assert.deepEqual(tensorCurves(makeReport({ model: 'nano', rank: 2, done: 0 }).tensors[20]!), {
      geometry: null,
      stripe: null,
    });
  });
});

describe('a finished run of 10,000 tensors', () => {
  const big = makeReport({ model: 'moe', rank: 1 });
  const messages = panelMessages([{ kind: 'finished', report: big }]);

  it('comes in messages of bounded size and folds to the whole', () => {
    assert.ok(big.tensors.length > 10_000);
    for (const message of messages) {
      for (const event of message) {
        assert.ok(
          event.kind === 'tensors' ? event.changed.length <= tensorsPerMessage : event.kind === 'heading',
        );
      }
    }
    const running = makeReport({ model: 'moe', rank: 1, done: 0, status: 'running' });
    const state = messages.reduce(
      (before, events): PanelState => reduce(before, { kind: 'events', events }),
      reduce(initialState({ ...initialView }), {
        kind: 'document',
        document: makeDocument(running, { kind: 'running', progress: null }),
      }),
    );
    const folded: PanelReport | null = state.document?.report ?? null;
    assert.ok(folded !== null);
    assert.ok(folded.tensors.every(({ status }) => status === 'done'));
    assert.deepEqual({ ...folded, tensors: [] }, { ...big, tensors: [] });
    assert.deepEqual(folded.tensors[5000], panelTensor(big.tensors[5000]!));
  });
});

describe('curves', () => {
  const document = makeDocument(whole);
  const opened = reduce(initialState({ ...initialView }), { kind: 'document', document });
  const selected = reduce(opened, { kind: 'select', selection: { kind: 'tensor', name } });

  it('are wanted of the selected tensor alone, and once', () => {
    assert.equal(wantedCurves(opened), null);
    const wanted = wantedCurves(selected);
    assert.equal(wanted?.name, name);
    const value = tensorCurves(whole.tensors.find((each) => each.name === name)!);
    assert.equal(wantedCurves(reduce(selected, { kind: 'curves', of: wanted, value })), null);
    // An answer that there are none is an answer.
    assert.equal(wantedCurves(reduce(selected, { kind: 'curves', of: wanted, value: null })), null);
  });

  it('are wanted again when the tensor was measured on', () => {
    const wanted = wantedCurves(selected)!;
    const known = reduce(selected, { kind: 'curves', of: wanted, value: null });
    const index = whole.tensors.findIndex((each) => each.name === name);
    const again = reduce(known, {
      kind: 'events',
      events: [{ kind: 'tensors', changed: [{ index, tensor: { ...wanted } }] }],
    });
    assert.equal(wantedCurves(again)?.name, name);
  });

  it('are not asked for where there are none', () => {
    const norm = { kind: 'tensor', name: 'model.norm.weight' } as const;
    assert.equal(wantedCurves(reduce(opened, { kind: 'select', selection: norm })), null);
  });
});
