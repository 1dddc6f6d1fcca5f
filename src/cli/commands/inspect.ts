// `three-gate inspect CHECKPOINT`: what is in a checkpoint, from its headers alone. Exit status 3 where some of it cannot be read.
import { checkpointPath } from '../../node/disk/checkpointPath.ts';
import { defineCommand } from '../command.ts';
import { runEngineTask } from '../engineTask.ts';
import { exitStatus } from '../exitStatus.ts';
import { listingText } from '../listingText.ts';
import { styleFor } from '../style.ts';

export const inspect = defineCommand<[checkpoint: string], object>({
  name: 'inspect',
  description: 'tensors, dtypes, shapes, shards, metadata and problems of one checkpoint, from its headers',
  operands: [['<checkpoint>', 'folder, .safetensors file or index']],
  options: [],
  interrupted: 'Interrupted before anything was measured; nothing was written.',
  async run([path], _flags, terminal) {
    const whole = await checkpointPath(path);
    const listing = await runEngineTask(terminal, true, (engine) => engine.inspect(whole));
    terminal.stdout.write(listingText(listing, styleFor(terminal.stdout, terminal.environment)));
    return listing.problems.length === 0 ? exitStatus.analysed : exitStatus.partly;
  },
});
