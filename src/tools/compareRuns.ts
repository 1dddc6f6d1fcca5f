// The tool `compare_runs`.
import type { RunsReport, Trajectory } from '../shared/report/runsReport.ts';
import { overlapSentence, settledSentence } from '../shared/text/runsTables.ts';
import type { RunsAnswer } from './answers.ts';
import { cut, fitting, problemTexts, rounded } from './parts.ts';
import type { ToolResult, ToolServices, ToolWatch } from './services.ts';
import type { ToolInputs } from './toolInput.ts';
import { runsWords } from './words.ts';

const mostPairs = 15;
const mostPoints = 10;

export async function compareRuns(
  services: ToolServices,
  { base, runs, followSteps = false, match }: ToolInputs['compare_runs'],
  { onProgress, signal }: ToolWatch,
): Promise<ToolResult<'compare_runs'>> {
  const { admit, options, cacheDirectory, remoteLimitBytes } = services;
  const { eta, rank, alpha, engine, threads, cacheGigabytes, remoteCacheGigabytes } = options;
  const request = {
    basePath: await admit(base),
    runPaths: await Promise.all(runs.map(admit)),
    eta,
    match: match ?? null,
    followSteps,
    // Of the directions of updates nothing is answered.
    directions: false,
    analysis: { rank, alpha, engine, threads, cacheGigabytes, remoteCacheGigabytes },
    cacheDirectory,
    remoteLimitBytes,
  };
  const client = services.createEngine();
  try {
    const report = await client.compareRuns(
      request,
      (event) => {
        if (event.kind === 'progress') onProgress(event.progress);
      },
      signal,
    );
    const answer = runsAnswer(report);
    return { answer, words: runsWords(answer), attachments: [] };
  } finally {
    client.dispose();
  }
}

function runsAnswer(report: RunsReport): RunsAnswer {
  const { base, runs, overlap, trajectories, problems } = report;
  const labels = runs.map(({ label }) => cut(label, 60));
  return {
    base: cut(base.label, 60),
    runs: labels,
    sentence: overlapSentence(report),
    pairs: (overlap.value?.whole.pairs ?? [])
      .slice(0, mostPairs)
      .map(({ a, b, jaccard, expected, expectedByTensor }) => ({
        runs: [labels[a] ?? '', labels[b] ?? ''],
        jaccard: rounded(jaccard),
        expected: rounded(expected),
        expectedByTensor: rounded(expectedByTensor),
      })),
    trajectories: fitting(trajectories.map(trajectoryAnswer), 5000),
    problems: problemTexts(problems),
  };
}

function trajectoryAnswer(trajectory: Trajectory): RunsAnswer['trajectories'][number] {
  const { label, points } = trajectory;
  return {
    run: cut(label, 60),
    settled: settledSentence(trajectory),
    points: spread(points).map((point) => ({
      step: point.step,
      label: cut(point.label, 60),
      regime: point.regime,
      verdicts: [...point.words],
      relativeDrift: rounded(point.relativeDrift),
      rotationMeanDeg: rounded(point.rotationMeanDeg),
      sparsityBf16: rounded(point.sparsityBf16),
      kl: rounded(point.kl),
      problem: point.problem === null ? null : cut(point.problem.message),
    })),
    pointsInAll: points.length,
  };
}

/** At most `mostPoints` of them, evenly, with the first and the last. */
function spread<Point>(points: readonly Point[]): Point[] {
  if (points.length <= mostPoints) return [...points];
  const at = (place: number): number => Math.round((place * (points.length - 1)) / (mostPoints - 1));
  const places = new Set(Array.from({ length: mostPoints }, (_, place) => at(place)));
  return points.filter((_, place) => places.has(place));
}
