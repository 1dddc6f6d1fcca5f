// The tool `explain`: one part of a report, found by what people call it.
import { closest } from 'fastest-levenshtein';
import { ThreeGateError } from '../shared/errors.ts';
import { gateNames } from '../shared/options/options.ts';
import { layerKey, sameLayer } from '../shared/report/layers.ts';
import { moduleKinds } from '../shared/report/moduleKinds.ts';
import type { Aggregate, Report, TensorReport } from '../shared/report/report.ts';
import type { GateVerdicts } from '../shared/report/verdicts.ts';
import { layerTitle, moduleTitle } from '../shared/text/reportTables.ts';
import type { ExplainAnswer } from './answers.ts';
import { cut, findingAnswer, gateAnswer, gateAnswers, movedMost, partAnswer } from './parts.ts';
import { reportOf } from './reportOf.ts';
import type { ToolResult, ToolServices } from './services.ts';
import type { ToolInputs } from './toolInput.ts';
import { explainWords } from './words.ts';

const mostTensors = 12;

export async function explain(
  services: ToolServices,
  { report: name, about }: ToolInputs['explain'],
): Promise<ToolResult<'explain'>> {
  const report = await reportOf(services, name);
  const found = partNamed(report, about.trim());
  if (found === null) {
    const nearest = closest(cut(about), namesIn(report)).slice(0, 200);
    const message = `This report has nothing called "${cut(about)}". The nearest name is "${nearest}"; it has ${report.layers.length} layers and ${report.tensors.length} tensors.`;
    throw new ThreeGateError('usage', message);
  }
  const answer = { report: name, ...found };
  return { answer, words: explainWords(answer), attachments: [] };
}

type Part = Omit<ExplainAnswer, 'report'>;

/** The readings in question order: exact names of tensors first, as a model may name one like anything else. */
function partNamed(report: Report, about: string): Part | null {
  const word = about.toLowerCase();
  const same = (name: string): boolean => name.toLowerCase() === word;
  const tensor = report.tensors.find(({ name, tunedName }) => name === about || tunedName === about);
  if (tensor !== undefined) return tensorPart(tensor);
  const finding = report.training.findings.find(({ id }) => id === word);
  if (finding !== undefined) {
    return { ...bare('finding', finding.id), finding: findingAnswer(finding) };
  }
  const gate = gateNames.find((name) => name === word.replace(/^gate /, ''));
  const { summary } = report;
  if (gate !== undefined) {
    return { ...bare('gate', gate), gates: [gateAnswer(gate, summary.gates, summary.geometry.value)] };
  }
  if (['model', 'all', 'whole'].includes(word)) {
    const all = { ...summary, verdicts: summary.gates };
    return pooledPart('model', `${report.pair.base.label} → ${report.pair.tuned.label}`, all, report.tensors);
  }
  const layer = report.layers.find((each) => same(layerTitle(each)) || same(`layer ${layerKey(each)}`));
  if (layer !== undefined) {
    const own = report.tensors.filter((each) => sameLayer(each, layer));
    return pooledPart('layer', layerTitle(layer), layer, own);
  }
  const kind = word.replace(/^module /, '');
  const module = report.modules.find((each) => each.module === kind || same(moduleTitle(each)));
  if (module === undefined) return null;
  const own = report.tensors.filter((each) => each.module === module.module);
  return pooledPart('module', moduleTitle(module), module, own);
}

function bare(kind: Part['about']['kind'], name: string): Part {
  const about = { kind, name: cut(name) };
  return { about, gates: [], finding: null, tensors: [], tensorsInAll: 0, problem: null };
}

function pooledPart(
  kind: 'model' | 'layer' | 'module',
  name: string,
  { geometry, verdicts }: Pick<Aggregate, 'geometry'> & { verdicts: GateVerdicts },
  tensors: readonly TensorReport[],
): Part {
  return {
    ...bare(kind, name),
    gates: gateAnswers(verdicts, geometry.value),
    tensors: movedMost(
      tensors.map((tensor) => partAnswer(tensor.name, tensor)),
      mostTensors,
    ),
    tensorsInAll: tensors.length,
  };
}

function tensorPart({ name, verdicts, geometry, problem, status, rounding }: TensorReport): Part {
  const why = problem?.message ?? rounding?.words ?? (status === 'done' ? null : `It is ${status}.`);
  return {
    ...bare('tensor', name),
    gates: gateAnswers(verdicts, geometry.value),
    problem: why && cut(why, 400),
  };
}

function namesIn(report: Report): string[] {
  return [
    'model',
    ...gateNames,
    ...report.layers.map(layerTitle),
    ...moduleKinds,
    ...report.training.findings.map(({ id }) => id),
    ...report.tensors.map(({ name }) => name),
  ];
}
