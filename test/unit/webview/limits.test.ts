// Rows of the table that break a limit, and none that does not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeLimits } from '../../../src/engine/limits/judge.ts';
import { parseLimitsFile } from '../../../src/engine/limits/limitsFile.ts';
import { panelReport } from '../../../src/shared/protocol/panelReport.ts';
import { initialView } from '../../../webview/pair/state/state.ts';
import { tableRows, type Row } from '../../../webview/pair/table/rows.ts';
import { makeReport } from '../../support/reports.ts';

const report = makeReport({ model: 'nano' });
const nameOf = (row: Row): string => (row.kind === 'layer' ? row.layer.label : row.tensor.name);

function brokenRows(...lines: string[]): [string, number][] {
  const limits = judgeLimits(parseLimitsFile(JSON.stringify({ limits: lines }), 'limits.yaml'), report);
  const view = { ...initialView, expanded: ['0', '1', '2', '3'] };
  const rows = tableRows(panelReport({ ...report, limits }), view);
  return rows
    .filter(({ broken }) => broken.length > 0)
    .map((row): [string, number] => [nameOf(row), row.broken.length]);
}

describe('the table with limits', () => {
  it('marks the layers and tensors that break one, each with every limit that it breaks', () => {
    assert.deepEqual(brokenRows('layer 1|2: relativeDrift < 0', 'layer 2: relativeDrift <= -1'), [
      ['Layer 1', 1],
      ['Layer 2', 2],
    ]);
    assert.deepEqual(brokenRows('layers\\.0\\.self_attn\\.q_proj: relativeDrift < 0'), [
      ['model.layers.0.self_attn.q_proj.weight', 1],
    ]);
  });

  it('marks nothing where all hold, or the whole model alone breaks one', () => {
    assert.deepEqual(brokenRows('layer: relativeDrift >= 0', 'relativeDrift < 0'), []);
  });
});
