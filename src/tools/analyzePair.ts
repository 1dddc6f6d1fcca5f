// The tool `analyze_pair`: an analysis that several callers may wait for, or what is remembered of one.
import type { Report } from '../shared/report/report.ts';
import { missedIn } from '../shared/report/missed.ts';
import { layerTitle, moduleTitle } from '../shared/text/reportTables.ts';
import { regimeLines } from '../shared/text/regimeText.ts';
import { ended } from '../node/runs/ended.ts';
import type { RunRequest } from '../node/runs/pairRun.ts';
import { requestKey } from '../node/runs/requestKey.ts';
import type { AnalysisAnswer } from './answers.ts';
import {
  checkpointAnswer,
  cut,
  findingAnswers,
  gateAnswers,
  movedMost,
  partAnswer,
  problemTexts,
} from './parts.ts';
import { shelve, type ToolResult, type ToolServices, type ToolWatch } from './services.ts';
import type { ToolInputs } from './toolInput.ts';
import { pairWords } from './words.ts';

/** Rejects with `cancelled` as soon as its caller gives up; the run goes on while another waits for it. */
export async function analyzePair(
  services: ToolServices,
  input: ToolInputs['analyze_pair'],
  watch: ToolWatch,
): Promise<ToolResult<'analyze_pair'>> {
  const request = await requestOf(services, input);
  const id = requestKey(request);
  const remembered = await services.reports.recall(request);
  const hold = services.runs.hold(request, remembered);
  try {
    const report = await ended(hold.run, watch);
    shelve(services, id, report);
    const answer = pairAnswer(id, report);
    const attachments = [
      { name: `report/${id}.json`, title: 'The whole report, every tensor' },
      { name: `report/${id}.md`, title: 'The report as Markdown' },
    ];
    return { answer, words: pairWords(answer), attachments };
  } finally {
    hold.release();
  }
}

/** Whether a call reads weights: false for what is remembered, and where the call will be refused. */
export async function readsWeights(
  services: ToolServices,
  input: ToolInputs['analyze_pair'],
): Promise<boolean> {
  try {
    return (await services.reports.recall(await requestOf(services, input))) === null;
  } catch {
    return false;
  }
}

async function requestOf(
  { admit, options, cacheDirectory, remoteLimitBytes }: ToolServices,
  { base, tuned, config, options: chosen }: ToolInputs['analyze_pair'],
): Promise<RunRequest> {
  return {
    basePath: await admit(base),
    tunedPath: await admit(tuned),
    configPaths: config === undefined ? null : await Promise.all(config.map(admit)),
    options: { ...options, ...chosen },
    cacheDirectory,
    remoteLimitBytes,
  };
}

function pairAnswer(id: string, report: Report): AnalysisAnswer {
  const { pair, summary, coverage, layers, modules, training, problems } = report;
  const { kl, regime } = summary;
  const { missed } = missedIn(coverage);
  return {
    report: id,
    base: checkpointAnswer(pair.base),
    tuned: checkpointAnswer(pair.tuned),
    status: report.status,
    regime: regime.name,
    headline: regime.headline,
    lines: regimeLines(regime).map((line) => cut(line, 600)),
    gates: gateAnswers(summary.gates, summary.geometry.value),
    coverage: coverage.share,
    notCompared: {
      tensors: coverage.notCompared.length,
      reasons: problemTexts(
        missed.map(({ reason }) => reason),
        3,
      ),
    },
    kl: { last: kl.value?.last ?? null, reason: kl.value === null ? kl.reason : null },
    layers: movedMost(
      layers.map((layer) => partAnswer(layerTitle(layer), layer)),
      6,
    ),
    layersInAll: layers.length,
    modules: movedMost(
      modules.map((module) => partAnswer(moduleTitle(module), module)),
      6,
    ),
    findings: findingAnswers(training.findings, 4),
    findingsInAll: training.findings.length,
    problems: problemTexts(problems, 3),
  };
}
