// What commands that read whole checkpoints byte by byte do around it: opening them, the cost of remote ones, and a progress line.
// No matrix library is needed, so this happens in the command's own process.
import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import { storedBytes, storedTensors } from '../engine/hashing/storedTensors.ts';
import type { HashingPorts } from '../engine/hashing/hashCheckpoint.ts';
import { stretchesOf } from '../engine/kernels/stretches.ts';
import { checkpointPath } from '../node/disk/checkpointPath.ts';
import { openHash } from '../node/disk/openHash.ts';
import { RunFiles } from '../node/remote/runFiles.ts';
import { ProgressLine } from './progress.ts';
import { remoteLimit } from './sharedOptions.ts';
import type { Terminal } from './terminal.ts';

export interface ContentFlags {
  quiet?: boolean;
  yes?: boolean;
}

export interface ContentPorts extends HashingPorts {
  /** What is read beyond every byte once. */
  expect: (bytes: number) => void;
}

/** Work on checkpoints whose every byte is read; rejects as opening them does. */
export async function withContents<Result>(
  paths: readonly string[],
  flags: ContentFlags,
  { stderr, interrupted }: Terminal,
  work: (checkpoints: readonly Checkpoint[], ports: ContentPorts) => Promise<Result>,
): Promise<Result> {
  const isQuiet = flags.quiet === true;
  const progress = new ProgressLine(stderr, isQuiet);
  const run = await RunFiles.passing(interrupted);
  try {
    const whole = await Promise.all(paths.map(checkpointPath));
    const checkpoints = await Promise.all(whole.map((path) => run.openCheckpoint(path)));
    const tensors = checkpoints.flatMap((checkpoint) => [...storedTensors(checkpoint).values()]);
    const stretches = tensors.flatMap((tensor) =>
      stretchesOf({ ...tensor, scale: null }, 0, tensor.elements),
    );
    await run.announce(stretches, remoteLimit(flags), (message) => {
      if (!isQuiet) stderr.write(`${message}\n`);
    });
    const bytes = tensors.reduce((sum, tensor) => sum + storedBytes(tensor), 0);
    const ports = { files: run.files, openHash, ...reporting(progress, bytes), signal: interrupted };
    return await work(checkpoints, ports);
  } finally {
    progress.clear();
    run.close();
  }
}

function reporting(progress: ProgressLine, bytesOnce: number): Pick<ContentPorts, 'onBytes' | 'expect'> {
  const started = performance.now();
  let bytesDone = 0;
  let bytesTotal = bytesOnce;
  const expect = (bytes: number): void => {
    bytesTotal += bytes;
  };
  const onBytes: ContentPorts['onBytes'] = (bytes, current) => {
    bytesDone += bytes;
    const elapsedMs = performance.now() - started;
    const remainingMs = elapsedMs < 1000 ? null : (elapsedMs * (bytesTotal - bytesDone)) / bytesDone;
    const matrices = { matrixWorkDone: 0, matrixWorkTotal: 0, matricesDone: 0, matricesTotal: 0 };
    progress.show({ bytesDone, bytesTotal, ...matrices, elapsedMs, remainingMs, current });
  };
  return { onBytes, expect };
}
