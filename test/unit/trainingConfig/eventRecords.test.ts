// Event files as they are written: byte by byte against another implementation of the format, and against TensorBoard's own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { headRecord, scalarRecord } from '../../../src/engine/trainingConfig/logs/eventRecords.ts';
import { readEvents } from '../../../src/engine/trainingConfig/logs/tensorBoard.ts';

const logs = resolve(import.meta.dirname, '../../fixtures/logs');

describe('event records', () => {
  const written = Buffer.concat([
    headRecord(1_700_000_000.25),
    scalarRecord(1_700_000_000.25, 50, [['three-gate/relativeDrift', 0.0005910631179642455]]),
    scalarRecord(1_700_000_001.5, 300, [
      ['three-gate/sparsityBf16', 0.5],
      ['three-gate/kl', -1.25e-7],
      ['three-gate/gates/anchor', 1],
    ]),
    scalarRecord(1_700_000_002, 5_000_000_000, [['three-gate/limits/broken', 0]]),
  ]);

  it('are those that the rules of the format give, to the last byte', () => {
    assert.equal(written.toString('hex'), readFileSync(join(logs, 'followed.events')).toString('hex'));
  });

  it("begin as TensorBoard's own file does, up to who wrote it", () => {
    const genuine = readFileSync(join(logs, 'events.out.tfevents.1700000000.fixture.1.0'));
    const wallTime = genuine.readDoubleLE(13);
    const head = headRecord(wallTime);
    const data = Buffer.from(head.subarray(12, head.length - 4));
    assert.equal(data.toString('hex'), genuine.subarray(12, 12 + data.length).toString('hex'));
  });

  it('are read back by the reader of logs, and none of them with a wrong bit', () => {
    const { table, problems } = readEvents('followed', written);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      table.rows.map(({ step, values }) => [step, values]),
      [
        [50, { 'three-gate/relativeDrift': Math.fround(0.0005910631179642455) }],
        [
          300,
          {
            'three-gate/sparsityBf16': 0.5,
            'three-gate/kl': Math.fround(-1.25e-7),
            'three-gate/gates/anchor': 1,
          },
        ],
        [5_000_000_000, { 'three-gate/limits/broken': 0 }],
      ],
    );
    for (let at = 0; at < written.length; at += 1) {
      const wrong = Buffer.from(written);
      wrong[at] = (wrong[at] ?? 0) ^ 1;
      const found = readEvents('followed', wrong);
      assert.ok(found.problems.length === 1 && found.table.rows.length < 3, `byte ${at}`);
    }
  });
});
