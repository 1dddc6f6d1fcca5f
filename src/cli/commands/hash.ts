// `three-gate hash CHECKPOINT`: a SHA-256 of every tensor and one of the whole. Exit status 3 where some of it cannot be read.
import { hashCheckpoint } from '../../engine/hashing/hashCheckpoint.ts';
import { version } from '../../node/engine/version.ts';
import { hashSchemaVersion, type HashReport } from '../../shared/report/hashReport.ts';
import { defineCommand } from '../command.ts';
import { withContents, type ContentFlags } from '../contentTask.ts';
import { plainJson, printResult } from '../engineTask.ts';
import { statusFor } from '../exitStatus.ts';
import { hashText } from '../hashText.ts';
import { jsonOption, quietOption, yesOption } from '../sharedOptions.ts';

export const hash = defineCommand<[checkpoint: string], ContentFlags & { json?: string }>({
  name: 'hash',
  description: 'SHA-256 of every tensor, and one of the whole that depends on no format, sharding or order',
  operands: [['<checkpoint>', 'folder, .safetensors file or index, or hf://org/model[@revision]']],
  options: [jsonOption('the hashes'), yesOption, quietOption],
  interrupted: 'Interrupted: nothing was written.',
  async run([path], flags, terminal) {
    const report = await withContents([path], flags, terminal, async ([checkpoint], ports) => {
      if (checkpoint === undefined) throw new RangeError('no checkpoint was opened');
      const { label, origin } = checkpoint.info;
      const hashes = await hashCheckpoint(checkpoint, ports);
      const about = { schemaVersion: hashSchemaVersion, version, path: checkpoint.info.path, label } as const;
      return { ...about, ...(origin && { origin }), ...hashes } satisfies HashReport;
    });
    await printResult(terminal, flags, report, { json: plainJson, text: hashText });
    return statusFor(
      terminal,
      flags.quiet,
      report.unreadable.map(({ reason }) => reason),
    );
  },
});
