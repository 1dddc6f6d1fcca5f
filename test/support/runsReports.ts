// Reports of several runs for tests of what shows them: counts drawn from a seed and pooled by the engine itself.
import { consensusMap, OverlapAccumulator } from '../../src/engine/runs/overlapPool.ts';
import { emptyCounts, type JointCounts } from '../../src/engine/kernels/jointSpec.ts';
import { settledAt } from '../../src/engine/runs/trajectoryPoints.ts';
import { moduleKinds, type ModuleKind } from '../../src/shared/report/moduleKinds.ts';
import type { CheckpointInfo } from '../../src/shared/report/report.ts';
import type { RunsDocument } from '../../src/shared/protocol/runsProtocol.ts';
import {
  runsSchemaVersion,
  type RunsReport,
  type RunsTensor,
  type Trajectory,
} from '../../src/shared/report/runsReport.ts';
import type { StepsDirection } from '../../src/shared/report/stepsDirection.ts';
import { seeded } from './random.ts';

interface RunsWishes {
  runs?: number;
  layers?: number;
  /** Labels with markup in them, as a folder's name may have. */
  hostile?: boolean;
  /** Folders of checkpoints that are followed, too. */
  trajectories?: number;
}

const shapes: [ModuleKind, string, number, number][] = [
  ['q', 'self_attn.q_proj.weight', 96, 128],
  ['k', 'self_attn.k_proj.weight', 48, 128],
  ['down', 'mlp.down_proj.weight', 128, 300],
];

/** Runs that agree more the more their elements lie in the same rows. */
export function makeRunsReport({
  runs = 3,
  layers = 4,
  hostile = false,
  trajectories = 0,
}: RunsWishes = {}): RunsReport {
  const generator = seeded(7);
  const random = (): number => generator.next();
  const whole = new OverlapAccumulator(runs);
  const byLayer = Array.from({ length: layers }, () => new OverlapAccumulator(runs));
  const byModule = new Map(shapes.map(([module]) => [module, new OverlapAccumulator(runs)]));
  const tensors: RunsTensor[] = [];
  for (let layer = 0; layer < layers; layer += 1) {
    for (const [module, part, rows, columns] of shapes) {
      const counts = drawCounts(runs, rows, columns, random);
      const own = new OverlapAccumulator(runs);
      for (const pool of [whole, byLayer[layer], byModule.get(module), own]) pool?.add(counts);
      const { compared, nonFinite, changed, norms, byRuns, pairs } = own.pool();
      const pool = { compared, nonFinite, changed, norms, byRuns, pairs };
      const name = `model.layers.${layer}.${part}`;
      const consensus = consensusMap(counts, rows, columns);
      const shape = [rows, columns];
      tensors.push({
        name,
        container: null,
        layer,
        module,
        shape,
        ...pool,
        consensus,
        directions: drawDirections(runs, random),
      });
    }
  }
  const labelOf = (run: number): string =>
    hostile ? `</script><img src=x onerror=broken=1> ${run}` : `grpo-seed${run}`;
  return {
    schemaVersion: runsSchemaVersion,
    status: 'complete',
    version: '0.2.0',
    base: infoOf('base', whole.pool().compared),
    runs: Array.from({ length: runs }, (_, run) => infoOf(labelOf(run), whole.pool().compared)),
    eta: 1e-3,
    match: null,
    overlap:
      runs < 2
        ? { value: null, reason: 'An overlap needs two runs; one was given.' }
        : {
            value: {
              whole: whole.pool(),
              layers: byLayer.map((pool, layer) => ({
                container: null,
                layer,
                label: `Layer ${layer}`,
                ...pool.pool(),
              })),
              modules: moduleKinds.flatMap((module) => {
                const pool = byModule.get(module);
                return pool === undefined ? [] : [{ module, ...pool.pool() }];
              }),
              tensors,
              notCompared: [],
            },
            reason: null,
          },
    trajectories: Array.from({ length: trajectories }, (_, at) => makeTrajectory(labelOf(at))),
    problems: [],
    elapsedMs: 1234,
  };
}

export function runsDocument(
  report: RunsReport | null,
  problem: RunsDocument['problem'] = null,
): RunsDocument {
  return { choice: { basePath: '/base', runPaths: ['/a', '/b'] }, report, problem };
}

function drawCounts(runs: number, rows: number, columns: number, random: () => number): JointCounts {
  const counts = emptyCounts(runs, rows, columns, 0);
  const columnRate = Array.from({ length: columns }, () => 0.5 + random());
  const add = (into: Float64Array, at: number, amount: number): void => {
    into[at] = (into[at] ?? 0) + amount;
  };
  for (let row = 0; row < rows; row += 1) {
    const rowRate = row % 16 < 3 ? 0.6 : 0.15;
    for (let column = 0; column < columns; column += 1) {
      const rate = rowRate * (columnRate[column] ?? 1);
      // Where several runs write, they lean the same way.
      const deltas = Array.from({ length: runs }, () => (random() < rate ? random() - 0.3 : 0));
      for (const [a, left] of deltas.entries()) {
        if (left === 0) continue;
        add(counts.rowChanged, a * rows + row, 1);
        add(counts.columnChanged, a * columns + column, 1);
        for (const [b, right] of deltas.entries()) {
          if (b < a || right === 0) continue;
          add(counts.both, a * runs + b, 1);
          add(counts.products, a * runs + b, 1e-8 * left * right);
          if (b > a) add(counts.squares, a * runs + b, 1e-16 * (left * right) ** 2);
        }
      }
      add(counts.byRuns, deltas.filter((delta) => delta !== 0).length, 1);
    }
  }
  return { ...counts, compared: rows * columns };
}

function drawDirections(runs: number, random: () => number): RunsTensor['directions'] {
  const all = Array.from({ length: runs }, (_, run) => run);
  return {
    shares: all.map(() => [0.3 + 0.1 * random(), 0.75 + 0.1 * random(), 0.9, 0.99]),
    floor: all.map(() => [0.02, 0.15, 0.28, 0.8]),
    pairs: all.flatMap((a) =>
      all.slice(a + 1).map((b) => ({
        a,
        b,
        width: 16,
        similarity: 0.4 + 0.4 * random(),
        chance: 0.125,
        randomSigns: 0.14,
      })),
    ),
    residual: 1e-12,
  };
}

function makeTrajectory(label: string): Trajectory {
  const steps = [25, 50, 100, 200, 400, 800];
  const points = steps.map((step): Trajectory['points'][number] => ({
    step,
    label: `${label}/checkpoint-${step}`,
    path: `/${label}/checkpoint-${step}`,
    sparsityBf16: 0.7 / (1 + step / 300),
    relativeDrift: 6e-5 * step ** 0.7,
    spectralDriftTopK: 3e-6 * step ** 0.9,
    rotationMeanDeg: 0.008 * step ** 0.65,
    kl: step < 50 ? null : 1e-4 * step ** 0.8,
    regime: step < 400 ? 'rlvr-range' : 'mixed',
    words: ['anchored', 'off-principal', step < 200 ? 'masked' : 'partial'],
    problem: null,
  }));
  const direction = { value: makeDirection(points), reason: null };
  return { path: `/${label}`, label, points, settled: settledAt(points), direction, notes: [] };
}

/** Steps that lean the more together the later they are. */
function makeDirection(points: Trajectory['points']): StepsDirection {
  const steps = points.map(({ step, label }) => ({ step, label }));
  const norms = steps.map(({ step }) => 1e-3 * (step ?? 1) ** 0.7);
  const cosines = steps.flatMap((_, s) => steps.slice(s + 1).map((__, ahead) => 0.9 ** (ahead + 1)));
  const pool = {
    compared: 150_000,
    norms,
    cosines,
    firstDirectionShare: 0.93,
    firstDirectionShareIfRandom: 0.82,
    linearity: { sampled: 300, neverMoved: 20, medianR2: 0.81, shareAbove: 0.75 },
    sync: steps.map((_, step) => ({
      ...{
        dense: 1_600_000,
        changed: 90_000 + 1000 * step,
        indices: 540_000,
        gaps: 360_000,
        varints: 270_000,
      },
      bitmap: 280_000,
    })),
  };
  const bands = (count: number): number[][] =>
    steps.map((_, s) =>
      Array.from({ length: count }, (__, band) => ((s + 1) * (band % 16 < 4 ? 0.15 : 0.05)) % 1),
    );
  const tensors = [0, 1].flatMap((layer) =>
    shapes.map(([module, part, rows, columns]) => ({
      ...{
        ...pool,
        container: null,
        layer,
        module,
        name: `model.layers.${layer}.${part}`,
        shape: [rows, columns],
      },
      stripes: {
        rows: bands(rows),
        columns: bands(Math.min(256, columns)),
        heads: module === 'down' ? null : { axis: 'row' as const, count: 6 },
      },
    })),
  );
  const modules = shapes.map(([module]) => ({ module, ...pool }));
  return { steps, medianR2IfRandom: 0.55, whole: pool, layers: [], modules, tensors, notCompared: [] };
}

function infoOf(label: string, parameters: number): CheckpointInfo {
  return {
    path: `/models/${label}`,
    label,
    format: 'safetensors',
    files: ['model.safetensors'],
    bytes: 2 * parameters,
    parameters,
    tensors: 12,
    dtypes: { BF16: parameters },
    architecture: null,
    modelType: null,
    step: null,
    namedBase: null,
  };
}
