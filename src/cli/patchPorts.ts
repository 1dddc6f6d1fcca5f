// What writing and applying a patch needs of this machine.
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { PatchPorts } from '../engine/patches/ports.ts';
import { openOutput } from '../node/disk/outputFile.ts';
import { version } from '../node/engine/version.ts';
import { ThreeGateError } from '../shared/errors.ts';
import type { ContentPorts } from './contentTask.ts';

export function patchPorts(ports: ContentPorts): PatchPorts {
  const runId = randomUUID();
  return { ...ports, openOutput: (path) => openOutput(path, runId), makeFolder, version };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ThreeGateError('access-denied', `${path} could not be made: ${why}`, { file: path });
  }
}
