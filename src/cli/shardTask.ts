// One shard of an analysis as a process of its own: it says how far it is in its folder, and what it wrote in one line.
import { ShardNoteWriter } from '../node/shards/shardNote.ts';
import { resultsPath } from '../node/shards/shardFolder.ts';
import { asProblem } from '../shared/errors.ts';
import type { ShardRequest } from '../shared/protocol/engineProtocol.ts';
import { formatBytes } from '../shared/text/format.ts';
import { runEngineTask } from './engineTask.ts';
import { exitStatus } from './exitStatus.ts';
import { shareDone } from '../shared/text/progressText.ts';
import { jobName } from './shardChoice.ts';
import type { Terminal } from './terminal.ts';

export async function analyzeShard(
  terminal: Terminal,
  request: Omit<ShardRequest, 'runId'>,
  quiet: boolean | undefined,
): Promise<number> {
  const { directory, number, shards } = request;
  const note = await ShardNoteWriter.open(directory, number, shards, jobName(terminal.environment));
  try {
    const done = await runEngineTask(terminal, quiet, (engine, onEvent) =>
      engine.analyzeShard(
        request,
        (event) => {
          if (event.kind === 'progress') note.share = shareDone(event.progress);
          onEvent(event);
        },
        terminal.interrupted,
      ),
    );
    await note.done();
    if (quiet !== true) {
      const what = done.wasDone
        ? 'was done already'
        : `${done.tensors} tensors measured, ${formatBytes(done.bytesRead)} read`;
      const path = resultsPath(directory, number, shards);
      terminal.stdout.write(`Shard ${number} of ${shards}: ${what}, ${path}\n`);
    }
    return exitStatus.analysed;
  } catch (error) {
    await note.failed(asProblem(error).message);
    throw error;
  }
}
