// The plan of an analysis in shards: the same on every machine, as it follows from headers, options and the number of shards
// alone. What a machine cannot hold it finds out by itself.
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { AnalysisPorts } from '../analysis/ports.ts';
import { openPair, type AnalysisRequest, type OpenedPair } from '../analysis/runAnalysis.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { factsOf, type Digest, type PlanFacts } from './facts.ts';
import { pack } from './packing.ts';
import { unitsOf, type CostedUnit, type Unit } from './units.ts';

/** What planning needs beside the ports of an analysis. */
export interface ShardPorts extends AnalysisPorts {
  files: FileSystem;
  digest: Digest;
}

export interface ShardPlan {
  opened: OpenedPair;
  facts: PlanFacts;
  /** One list a shard, in the order of the plan. */
  shards: Unit[][];
  /** Of each shard, in seconds by the cost model. */
  costs: number[];
}

export async function planShards(
  request: AnalysisRequest,
  shards: number,
  ports: ShardPorts,
): Promise<ShardPlan> {
  const opened = await openPair(request, ports, { totalMemoryBytes: Infinity });
  const { options, basePath, tunedPath } = request;
  const { version } = ports.machine;
  const facts = await factsOf(
    opened,
    { basePath, tunedPath, options, version, shards },
    ports.files,
    ports.digest,
  );
  const units = packUnits(opened, options, shards);
  return {
    opened,
    facts,
    shards: units,
    costs: units.map((list) => list.reduce((sum, { cost }) => sum + cost, 0)),
  };
}

function packUnits({ plan }: OpenedPair, options: AnalysisOptions, shards: number): CostedUnit[][] {
  const units = unitsOf(plan.steps, options, shards);
  return pack(units, shards).map((places) =>
    places.flatMap((place) => {
      const unit = units[place];
      return unit === undefined ? [] : [unit];
    }),
  );
}
