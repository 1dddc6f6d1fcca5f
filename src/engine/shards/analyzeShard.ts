// One shard of an analysis: measures its units and writes down what it finds, for a merge to add in the order of the plan.
import { ThreeGateError } from '../../shared/errors.ts';
import type { ShardDone, ShardRequest } from '../../shared/protocol/engineProtocol.ts';
import type { Emit } from '../analysis/analysisEmitter.ts';
import type { TensorFinding } from '../analysis/tensorFinding.ts';
import { planOf, withinMemory } from '../analysis/plan.ts';
import { measurePair, startNow } from '../analysis/runAnalysis.ts';
import type { Step } from '../analysis/step.ts';
import { ownOptionsOf } from './facts.ts';
import type { ShardFolder, ShardHeader } from './record.ts';
import { planShards, type ShardPlan, type ShardPorts } from './shardPlan.ts';
import { stepOfUnit, type Unit } from './units.ts';

/** Rejects with `cancelled` when cancelled. */
export async function analyzeShard(
  request: Omit<ShardRequest, 'runId'>,
  ports: ShardPorts & { folder: ShardFolder },
  emit: Emit,
  signal: AbortSignal,
): Promise<ShardDone> {
  const started = startNow();
  const { number, shards, options } = request;
  const { folder, machine } = ports;
  const planned = { ...options, engine: request.engine };
  const plan = await planShards({ ...request, options: planned }, shards, ports);
  const units = plan.shards[number - 1];
  if (units === undefined) throw new ThreeGateError('usage', `There is no shard ${number} of ${shards}.`);
  if (!(await folder.claim(plan, number))) return { wasDone: true, tensors: units.length, bytesRead: 0 };
  const steps = stepsOf(plan, units);
  const held = steps.map((step) => withinMemory(step, machine));
  const output = await folder.open(shards, number);
  try {
    const { opened } = plan;
    const training = await ports.readTraining(opened.tuned, opened.base, []);
    const own = { ...opened, plan: planOf(held, [], null, options), options, training, started };
    const hear = (index: number, finding: TensorFinding): void => {
      const unit = units[index];
      if (unit !== undefined) output.add({ unit, finding });
    };
    const report = await measurePair({ ...own, hear }, ports, emit, signal);
    if (report.status !== 'complete') throw new ThreeGateError('cancelled', 'The shard was cancelled.');
    await output.commit({
      facts: plan.facts,
      number,
      engine: report.engine,
      own: ownOptionsOf(options),
      refused: refusedOf(units, steps, held),
      timings: report.timings,
    });
    return { wasDone: false, tensors: units.length, bytesRead: report.timings.bytesRead };
  } catch (error) {
    await output.discard();
    throw error;
  }
}

function stepsOf({ opened }: ShardPlan, units: readonly Unit[]): Step[] {
  return units.flatMap((unit) => {
    const step = opened.plan.steps[unit.step];
    return step === undefined ? [] : [stepOfUnit(step, unit)];
  });
}

function refusedOf(
  units: readonly Unit[],
  wanted: readonly Step[],
  held: readonly Step[],
): ShardHeader['refused'] {
  return units.flatMap((unit, index) => {
    const reason = held[index]?.noGeometry ?? null;
    const wasWanted = (wanted[index]?.matrices ?? null) !== null;
    return wasWanted && reason !== null ? [{ unit, reason }] : [];
  });
}
