// Entry of the engine process, forked by EngineClient.
import { analysisPorts, inspectCheckpoint, runsTogether, weightFilesIn, writeMask } from './analysisPorts.ts';
import { mergeFolder, planFolder, workOnShard } from './shardWork.ts';
import { followParent } from '../workers/followParent.ts';
import { serveEngine } from './engineServer.ts';
import { processChannel } from './processChannel.ts';
import { version } from './version.ts';

followParent();
serveEngine(processChannel(process), {
  version,
  openPorts: analysisPorts,
  inspect: inspectCheckpoint,
  analyzeShard: workOnShard,
  planShards: planFolder,
  mergeShards: mergeFolder,
  weightFiles: weightFilesIn,
  exportMask: writeMask,
  compareRuns: runsTogether,
});
