// Findings on a config given as text.
import assert from 'node:assert/strict';
import { findFindings } from '../../../src/engine/trainingConfig/findings/findFindings.ts';
import { formatOf, parseConfig } from '../../../src/engine/trainingConfig/openDocument.ts';
import { mergeReadings } from '../../../src/engine/trainingConfig/mergeReadings.ts';
import { noFacts } from '../../../src/engine/trainingConfig/readers/reader.ts';
import { readDocument } from '../../../src/engine/trainingConfig/readers/readers.ts';
import type { Finding, LogSeries, LogSignal, TrainingEvidence } from '../../../src/shared/report/training.ts';
import { sampleReport, type SampleNumbers } from './sampleReport.ts';

export function evidence(name: string, text: string, logs: LogSeries[] = []): TrainingEvidence {
  const format = formatOf(name);
  assert.ok(format !== null);
  const readings = readDocument(parseConfig(name, text, format), noFacts).map((one) => ({
    ...one,
    level: 0,
  }));
  const config = mergeReadings(readings, 'unknown');
  return {
    config,
    logs,
    findings: [],
    learningRatePeak: null,
    learningRateSum: null,
    steps: null,
    problems: [],
  };
}

export function series(signal: LogSignal, key: string, last: number): LogSeries {
  const numbers = { last, mean: last, peak: last, count: 1, points: [[1, last]] as [number, number][] };
  return { signal, key, file: 'log', estimator: null, unit: 'nats per token', ...numbers };
}

export const grpo = (lines: string): string =>
  `reward_funcs: [a]\nnum_generations: 8\nlearning_rate: 1.0e-6\n${lines}`;
export const find = (text: string, numbers: SampleNumbers | null = null, logs: LogSeries[] = []): Finding[] =>
  findFindings(evidence('grpo.yaml', text, logs), numbers === null ? null : sampleReport(numbers), []);
export const one = (id: string, found: readonly Finding[]): Finding => {
  const finding = found.find((candidate) => candidate.id === id);
  assert.ok(finding, `no ${id} among ${found.map((candidate) => candidate.id).join(', ')}`);
  return finding;
};
export const none = (id: string, found: readonly Finding[]): void => {
  assert.deepEqual(
    found.filter((candidate) => candidate.id === id),
    [],
  );
};
