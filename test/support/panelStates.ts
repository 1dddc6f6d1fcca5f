// Every state the panel can be in, as documents: what the gallery draws and the accessibility test walks.
import { problem } from '../../src/shared/errors.ts';
import { compareReports } from '../../src/engine/limits/compareReports.ts';
import { judgeLimits } from '../../src/engine/limits/judge.ts';
import { parseLimitsFile } from '../../src/engine/limits/limitsFile.ts';
import type { PanelDocument } from '../../src/shared/protocol/panelProtocol.ts';
import type { Report } from '../../src/shared/report/report.ts';
import { hostileReport } from './hostile.ts';
import { makeCast, makeDocument, makeProgress, makeReport, makeUnchanged } from './reports.ts';
import { preliminaryLike } from './preliminaryLike.ts';
import { noTraining } from './trainingLike.ts';

export interface PanelCase {
  /** Null: the host has not answered yet. */
  document: PanelDocument | null;
  /** What the user had chosen before. */
  kept?: object;
}

const middle = {
  selection: { kind: 'tensor', name: 'model.layers.12.mlp.down_proj.weight' },
  expanded: ['12'],
  tableScroll: 264,
};

const someLimits = [
  'relativeDrift <= 0.0001',
  'regime is not sft-range',
  'q_proj: sparsityBf16 >= 75 %',
  'layer [0-3]: rotationMeanDeg <= 0.01°',
  'module norm: principalLift <= ×1',
  'coverage >= 99 %',
];

/** A report with what limits came to. */
function limited(report: Report, lines = someLimits): Report {
  const limits = parseLimitsFile(JSON.stringify({ limits: lines }), 'limits.yaml');
  return { ...report, limits: judgeLimits(limits, report) };
}

/** `without`: states to leave out; the huge one takes seconds to make. */
export function panelStates(without: readonly string[] = []): Record<string, PanelCase> {
  const complete = makeReport();
  const running = makeReport({ status: 'running', done: 0.126, evidence: noTraining });
  const partial = { ...running, preliminary: preliminaryLike };
  const stopped = makeReport({ status: 'cancelled', done: 0.4 });
  const crash = problem(
    'engine-crashed',
    'The engine process ended with signal SIGSEGV while it worked on model.layers.9.mlp.up_proj.weight.',
  );
  return {
    opening: { document: null },
    idle: { document: makeDocument(null) },
    starting: { document: makeDocument(null, { kind: 'running', progress: null }) },
    running: { document: makeDocument(partial, { kind: 'running', progress: makeProgress(partial, 0.126) }) },
    complete: { document: makeDocument(complete) },
    tensor: { document: makeDocument(complete), kept: middle },
    verdicts: {
      document: makeDocument(makeReport({ training: 'mixed' })),
      kept: { heatMetric: 'geometry', grouping: 'tensors' },
    },
    sft: {
      document: makeDocument(makeReport({ model: 'nano', training: 'sft' })),
      kept: { expanded: ['0', '1', '2', '3'], heatMetric: 'rotationMeanDegBeyond' },
    },
    noise: { document: makeDocument(makeReport({ training: 'noise', evidence: noTraining })) },
    limits: { document: makeDocument(limited(complete)), kept: { expanded: ['0', '1'] } },
    limitsHold: { document: makeDocument(limited(complete, ['relativeDrift <= 1', 'coverage >= 90 %'])) },
    stored: {
      document: {
        ...makeDocument(complete),
        stored: {
          compared: compareReports(complete, makeReport({ training: 'sft' }), 'sft.threegate.json'),
          shards: null,
        },
      },
    },
    storedNewer: {
      document: {
        ...makeDocument(null, {
          kind: 'failed',
          problem: problem('usage', 'x.threegate.json is a report of schema version 99: update Three-Gate.'),
          canRetryWithWasm: false,
        }),
        ...{ basePath: '', tunedPath: '', stored: { compared: null, shards: null } },
      },
    },
    cast: { document: makeDocument(makeCast()) },
    adapter: {
      document: makeDocument(makeReport({ model: 'nano', adapter: true })),
      kept: { selection: { kind: 'tensor', name: 'model.layers.2.mlp.down_proj.weight' } },
    },
    unresolved: {
      document: makeDocument(makeReport({ model: 'nano', errors: 500 })),
      kept: {
        ...{ expanded: ['0', '1'], heatMetric: 'spectralDriftTopK' },
        selection: { kind: 'tensor', name: 'model.layers.2.mlp.down_proj.weight' },
      },
    },
    stacked: { document: makeDocument(makeReport({ model: 'stacked' })), kept: { expanded: ['0 mtp'] } },
    unchanged: { document: makeDocument(makeUnchanged()) },
    inconclusive: { document: makeDocument(makeReport({ unreadable: [0, 4, 9, 254] })) },
    cancelled: { document: makeDocument(stopped) },
    failed: {
      document: makeDocument(null, {
        kind: 'failed',
        problem: problem(
          'not-found',
          '../models/Qwen2.5-Math-1.5B does not exist: no folder or .safetensors file of that name was found.',
        ),
        canRetryWithWasm: false,
      }),
    },
    costly: {
      document: makeDocument(null, {
        kind: 'failed',
        problem: problem(
          'remote-cost',
          '15.2 GB are to be read from elsewhere (1.10 GB are in the cache), which is more than the 2.00 GB that are read without being asked.',
        ),
        canRetryWithWasm: false,
      }),
    },
    crashed: { document: makeDocument(stopped, { kind: 'failed', problem: crash, canRetryWithWasm: true }) },
    hostile: { document: makeDocument(hostileReport()), kept: { expanded: ['0', 'none', '1'] } },
    ...(without.includes('huge')
      ? {}
      : {
          huge: { document: makeDocument(makeReport({ model: 'moe', rank: 4 })), kept: { expanded: ['3'] } },
        }),
  };
}
