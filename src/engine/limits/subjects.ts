// What a report holds that limits look at: the whole model, its layers, kinds of modules and tensors, in one shape.
import { layerKey, shortLayerLabel } from '../../shared/report/layers.ts';
import type { LimitScope } from '../../shared/report/limitsReport.ts';
import type { Aggregate, NotCompared, Report, TensorReport } from '../../shared/report/report.ts';
import { poolErrors, tensorErrors } from '../../shared/report/resolution.ts';
import { moduleTitle } from '../../shared/text/reportTables.ts';
import type { Subject } from './metricEntry.ts';

/** Those of a scope whose name the pattern matches; all of them without a pattern. */
export function subjectsOf(report: Report, scope: LimitScope, pattern: RegExp | null): Subject[] {
  const matches = (...names: readonly (string | null)[]): boolean =>
    pattern === null || names.some((name) => name !== null && pattern.test(name));
  switch (scope) {
    case 'whole':
      return [whole(report)];
    case 'layer':
      return report.layers
        .filter((layer) => matches(shortLayerLabel(layer)))
        .map((layer) => pooled('layer', layerKey(layer), layer.label, layer));
    case 'module':
      return report.modules
        .filter(({ module }) => matches(module))
        .map((module) => pooled('module', module.module, moduleTitle(module), module));
    case 'tensor':
      return [
        ...report.tensors.filter(({ name, tunedName }) => matches(name, tunedName)).map(compared),
        // What the user left out is not looked at; what could not be compared is looked at in vain, and that is said.
        ...missing(report)
          .filter(({ name }) => matches(name))
          .map(absent),
      ];
  }
}

function missing({ tensors, coverage }: Report): NotCompared[] {
  const known = new Set(tensors.map(({ name }) => name));
  return coverage.notCompared.filter(
    ({ name, reason }) => reason.code !== 'not-selected' && !known.has(name),
  );
}

function whole(report: Report): Subject {
  const { summary } = report;
  const { gates: verdicts, ...pool } = summary;
  return { ...pooled('whole', '', 'whole model', { ...pool, verdicts }), report };
}

function pooled(scope: LimitScope, place: string, label: string, pool: Aggregate): Subject {
  const { precision, anchor, geometry, verdicts, elements, tensors } = pool;
  return {
    ...{ scope, place, label, absent: null, precision, anchor, geometry, verdicts, elements, tensors },
    errors: poolErrors(geometry.value),
    tensor: null,
    report: null,
  };
}

function compared(tensor: TensorReport): Subject {
  const { name, precision, anchor, geometry, verdicts, elements, problem } = tensor;
  return {
    ...{ scope: 'tensor', place: name, label: name, precision, anchor, geometry, verdicts, elements, tensor },
    absent: tensor.status === 'unreadable' ? (problem?.message ?? 'it could not be read') : null,
    errors: geometry.value === null ? {} : tensorErrors(geometry.value),
    tensors: null,
    report: null,
  };
}

function absent({ name, elements, reason }: NotCompared): Subject {
  const nothing = { value: null, reason: reason.message };
  return {
    ...{ scope: 'tensor', place: name, label: name, absent: reason.message, elements },
    ...{ precision: nothing, anchor: nothing, geometry: nothing, verdicts: null, errors: {} },
    ...{ tensor: null, tensors: null, report: null },
  };
}
