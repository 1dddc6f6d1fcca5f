// The report of a pair from its shards: their findings told in the order of the plan, as one machine would have come to them.
// What a missing shard was to measure is listed with that reason; shards of different plans are refused.
import { problem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import { defaultOptions } from '../../shared/options/catalogue.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { MergedReport, MergeRequest } from '../../shared/protocol/engineProtocol.ts';
import type { EngineInfo, Report } from '../../shared/report/report.ts';
import { AnalysisState, type Meters } from '../analysis/analysisState.ts';
import { planOf, withoutGeometry } from '../analysis/plan.ts';
import { resourcesOf, startNow } from '../analysis/runAnalysis.ts';
import type { Step } from '../analysis/step.ts';
import { differences, ownOptions, ownOptionsOf } from './facts.ts';
import { gatherFindings } from './gatherFindings.ts';
import type { ShardHeader, StoredShard } from './record.ts';
import { planShards, type ShardPlan, type ShardPorts } from './shardPlan.ts';

/** Rejects with `shard-refused` for what does not belong together. */
export async function mergeShards(
  request: MergeRequest,
  stored: readonly StoredShard[],
  ports: ShardPorts,
): Promise<Omit<MergedReport, 'damaged'>> {
  const { directory } = request;
  const started = startNow();
  const [first] = inOrder(stored, directory);
  if (first === undefined) {
    throw new ThreeGateError(
      'shard-refused',
      `${directory} holds no shard: three-gate status ${directory} says what became of them.`,
    );
  }
  const { facts } = first.header;
  const options: AnalysisOptions = { ...facts.options, ...commonOptions(stored) };
  const { basePath, tunedPath, configPaths } = request;
  const paths = { basePath: basePath ?? facts.base.path, tunedPath: tunedPath ?? facts.tuned.path };
  const plan = await planShards({ ...paths, options, configPaths }, facts.shards, ports);
  refuseOtherPlan(plan, first, directory);
  const byNumber = new Map(stored.map((shard) => [shard.header.number, shard]));
  const gathered = gatherFindings(plan, byNumber, directory);
  const { opened } = plan;
  const steps = opened.plan.steps.map((step, index) => heldStep(step, gathered.refusals.get(index)));
  const training = await ports.readTraining(opened.tuned, opened.base, configPaths);
  const engine = { ...engineOf(stored, ports.machine.version), ...resourcesOf(options, ports.machine) };
  const own = {
    ...opened,
    plan: planOf(steps, opened.plan.leftOut, opened.plan.sample, options),
    options,
    training,
    engine,
    hear: null,
  };
  const state = new AnalysisState(own, metersOf(stored, started));
  for (const [index, step] of steps.entries()) {
    for (const finding of await gathered.of(index)) state.tell(index, step, finding);
  }
  for (const found of mixedEngines(stored)) state.addProblem(found);
  const missing = plan.shards.map((_, index) => index + 1).filter((number) => !byNumber.has(number));
  return { report: state.report('complete'), shards: facts.shards, missing };
}

function heldStep(step: Step, reason: string | undefined): Step {
  return reason === undefined ? step : withoutGeometry(step, reason);
}

/** By number; refuses what is there twice and what is of another plan than the first. */
function inOrder(stored: readonly StoredShard[], directory: string): StoredShard[] {
  const sorted = [...stored].sort((one, other) => one.header.number - other.header.number);
  const [first] = sorted;
  for (const [index, shard] of sorted.entries()) {
    const { facts, number } = shard.header;
    const found = first === undefined ? [] : differences(first.header.facts, facts);
    if (found.length > 0) {
      const message = `${first?.path ?? ''} and ${shard.path} are of different plans: ${found.join('; ')}. Remove those of one plan from ${directory}, or write each into a folder of its own.`;
      throw new ThreeGateError('shard-refused', message, { file: shard.path });
    }
    const before = sorted[index - 1];
    if (before?.header.number !== number) continue;
    const message = `Shard ${number} is there twice, as ${before.path} and as ${shard.path}: remove one of them.`;
    throw new ThreeGateError('shard-refused', message, { file: shard.path });
  }
  return sorted;
}

function refuseOtherPlan({ facts }: ShardPlan, first: StoredShard, directory: string): void {
  const found = differences(first.header.facts, facts);
  if (found.length === 0) return;
  const message = `The shards in ${directory} are not of what is read now: ${found.join('; ')}. Name the checkpoints that they are of with --base and --tuned, merge with the version that wrote them, or analyze into an empty folder.`;
  throw new ThreeGateError('shard-refused', message, { file: first.path });
}

/** Each own option that all shards have alike; its default where they do not. */
function commonOptions(stored: readonly StoredShard[]): ShardHeader['own'] {
  const [first, ...others] = stored.map(({ header }) => header.own);
  const common = ownOptionsOf(defaultOptions);
  if (first === undefined) return common;
  const same = ownOptions.filter((name) => others.every((other) => other[name] === first[name]));
  return { ...common, ...Object.fromEntries(same.map((name) => [name, first[name]])) };
}

/** What decomposed: the first that did. */
function engineOf(
  stored: readonly StoredShard[],
  version: string,
): Pick<EngineInfo, 'version' | 'gemm' | 'gemmLibrary' | 'fallbackReason'> {
  const used = stored.map(({ header }) => header.engine).find(({ gemm }) => gemm !== 'none');
  const { gemm = 'none', gemmLibrary = 'none', fallbackReason = null } = used ?? {};
  return { version, gemm, gemmLibrary, fallbackReason };
}

/** Shards that multiplied with different libraries agree within the tolerances, not in the last digit. */
function mixedEngines(stored: readonly StoredShard[]): Problem[] {
  const used = new Map<string, number[]>();
  for (const { header } of stored) {
    const { gemm, gemmLibrary } = header.engine;
    if (gemm !== 'none') used.set(gemmLibrary, [...(used.get(gemmLibrary) ?? []), header.number]);
  }
  if (used.size < 2) return [];
  const parts = [...used].map(([library, numbers]) => `${library} (${numbers.join(', ')})`);
  const message = `The shards multiplied with different libraries: ${parts.join('; ')}. Their numbers agree within the tolerances, but not in the last digit.`;
  return [problem('gemm-unavailable', message)];
}

/** From the start of the first shard to the end of the last; all else added up. */
function metersOf(stored: readonly StoredShard[], started: Pick<Meters, 'startedMs'>): Meters {
  const all = stored.map(({ header }) => header.timings);
  const sum = (of: (timings: Report['timings']) => number): number =>
    all.reduce((total, timings) => total + of(timings), 0);
  const starts = all.map(({ startedAt }) => Date.parse(startedAt));
  const firstMs = Math.min(...starts);
  const lastMs = Math.max(...all.map(({ elapsedMs }, index) => (starts[index] ?? 0) + elapsedMs));
  const peaks = all.map(({ peakRssBytes }) => peakRssBytes).filter((bytes) => bytes !== null);
  return {
    startedAt: new Date(firstMs).toISOString(),
    startedMs: started.startedMs - (lastMs - firstMs),
    remoteBytes: 0,
    streamMs: sum((timings) => timings.streamMs),
    geometryMs: sum((timings) => timings.geometryMs),
    gemmMs: () => sum((timings) => timings.gemmMs),
    bytesRead: () => sum((timings) => timings.bytesRead),
    peakRssBytes: () => (peaks.length === 0 ? null : Math.max(...peaks)),
  };
}
