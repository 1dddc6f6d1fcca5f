// A report with as many tensors as one likes, each under a name of its own.
import type { Report } from '../../../src/shared/report/report.ts';

export function manyTensors(report: Report, count: number): Report {
  const { tensors } = report;
  const many = Array.from({ length: count }, (_, at) => {
    const tensor = tensors[at % tensors.length];
    return tensor === undefined
      ? []
      : [{ ...tensor, name: `model.layers.${at}.${'expert_'.repeat(20)}weight` }];
  });
  return { ...report, tensors: many.flat() };
}
