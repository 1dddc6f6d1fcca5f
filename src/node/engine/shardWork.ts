// Shards of an analysis and their merge over the real world, composed as an analysis is.
import { createHash } from 'node:crypto';
import type { Emit } from '../../engine/analysis/analysisEmitter.ts';
import type { AnalysisPorts } from '../../engine/analysis/ports.ts';
import { analyzeShard } from '../../engine/shards/analyzeShard.ts';
import { mergeShards } from '../../engine/shards/mergeShards.ts';
import { planShards, type ShardPorts } from '../../engine/shards/shardPlan.ts';
import type {
  MergedReport,
  MergeRequest,
  PlannedShards,
  PlanRequest,
  ShardDone,
  ShardRequest,
} from '../../shared/protocol/engineProtocol.ts';
import { RunFiles } from '../remote/runFiles.ts';
import { agree, makeFolder, readShards, shardFolder } from '../shards/shardFolder.ts';
import { openAnalysis, openPorts } from './analysisPorts.ts';

export async function workOnShard(
  request: ShardRequest,
  log: AnalysisPorts['log'],
  emit: Emit,
  signal: AbortSignal,
): Promise<ShardDone> {
  const { ports, run } = await openAnalysis(log, request, signal);
  try {
    const own = { ...shardPorts(ports, run), folder: shardFolder(request.directory, request.runId) };
    return await analyzeShard(request, own, emit, signal);
  } finally {
    ports.close();
  }
}

export async function planFolder(
  request: PlanRequest,
  log: AnalysisPorts['log'],
  signal: AbortSignal,
): Promise<PlannedShards> {
  const { directory, shards } = request;
  const run = await RunFiles.passing(signal);
  const ports = openPorts(log, { cacheDirectory: null, remoteLimitBytes: 0, run });
  try {
    const { facts, costs } = await planShards(
      { ...request, configPaths: null },
      shards,
      shardPorts(ports, run),
    );
    await makeFolder(directory);
    await agree(directory, { facts, costs });
    const mean = costs.reduce((sum, cost) => sum + cost, 0) / shards;
    return { tensors: facts.tensors, imbalance: Math.max(...costs) / mean - 1 };
  } finally {
    ports.close();
  }
}

export async function mergeFolder(
  request: MergeRequest,
  log: AnalysisPorts['log'],
  signal: AbortSignal,
): Promise<MergedReport> {
  const run = await RunFiles.passing(signal);
  const ports = openPorts(log, { cacheDirectory: null, remoteLimitBytes: 0, run });
  try {
    const { shards, damaged } = await readShards(request.directory);
    return { ...(await mergeShards(request, shards, shardPorts(ports, run))), damaged };
  } finally {
    ports.close();
  }
}

function shardPorts(ports: AnalysisPorts, run: RunFiles): ShardPorts {
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  return { ...ports, files: run.files, digest };
}
