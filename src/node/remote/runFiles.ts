// The files of one run, wherever they lie: what it opens, what its workers read, and what that costs.
import { defaultOptions } from '../../shared/options/catalogue.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { FileSystem } from '../../engine/files/fileSystem.ts';
import type { BytesOnDisk, FileStretch } from '../../engine/files/rangeSource.ts';
import { isRemote } from '../../engine/files/remoteAddress.ts';
import { openCheckpoint } from '../../engine/opening/openCheckpoint.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { confinedFileSystem } from '../disk/confinedFileSystem.ts';
import { cacheRooms } from '../disk/cachedFiles.ts';
import { formatBytes } from '../../shared/text/format.ts';
import { RemoteFiles } from './remoteFiles.ts';
import { withRemote } from './remoteFileSystem.ts';
import { SegmentStore } from './segmentStore.ts';
import { remoteSettings } from './settings.ts';

export class RunFiles {
  private constructor(
    readonly files: FileSystem,
    readonly bytes: BytesOnDisk,
    private readonly remote: RemoteFiles,
    private readonly scratch: ScratchFolder,
  ) {}

  /**
   * @param cacheDirectory null to keep nothing beyond this process
   * @param keepBytes most that is kept of remote files on disk
   */
  static async open(
    cacheDirectory: string | null,
    keepBytes: number,
    signal: AbortSignal,
  ): Promise<RunFiles> {
    const scratch = new ScratchFolder();
    const directory = (): string =>
      cacheDirectory === null ? scratch.path : join(cacheDirectory, cacheRooms.remote);
    const store = new SegmentStore(directory, keepBytes);
    const remote = new RemoteFiles(store, await remoteSettings(process.env), signal);
    return new RunFiles(withRemote(remote, confinedFileSystem(process.env)), remote, remote, scratch);
  }

  /** Files of a run that keeps nothing of what it reads. */
  static passing(signal: AbortSignal): Promise<RunFiles> {
    return RunFiles.open(null, 1e9 * defaultOptions.remoteCacheGigabytes, signal);
  }

  /** What was kept for this run alone goes. */
  close(): void {
    this.scratch.close();
  }

  /** The path as it is called from now on. */
  async mount(path: string): Promise<string> {
    return isRemote(path) ? await this.remote.mount(path) : path;
  }

  async openCheckpoint(path: string): Promise<Checkpoint> {
    const checkpoint = await openCheckpoint(this.files, await this.mount(path));
    const origin = await this.remote.originOf(checkpoint.info.path);
    return origin === null ? checkpoint : { ...checkpoint, info: { ...checkpoint.info, origin } };
  }

  /** Says and returns what is to be read from elsewhere; throws `remote-cost` where that is more than was allowed. */
  async announce(
    stretches: readonly FileStretch[],
    limitBytes: number | null,
    say: (message: string) => void,
  ): Promise<number> {
    const { bytes, missing } = await this.remote.announce(stretches);
    if (bytes === 0) return 0;
    const kept = bytes - missing;
    const cost = `${formatBytes(missing)} are to be read from elsewhere${kept > 0 ? ` (${formatBytes(kept)} are in the cache)` : ''}`;
    if (limitBytes !== null && missing > limitBytes) {
      const message = `${cost}, which is more than the ${formatBytes(limitBytes)} that are read without being asked.`;
      throw new ThreeGateError('remote-cost', message);
    }
    say(`${cost}.`);
    return missing;
  }
}

/** A folder that is made when it is first asked for, and goes with the run, or with the process that is ended in it. */
class ScratchFolder {
  private made: string | null = null;
  private readonly atExit = (): void => {
    this.close();
  };

  get path(): string {
    if (this.made === null) {
      this.made = mkdtempSync(join(tmpdir(), 'three-gate-remote-'));
      process.once('exit', this.atExit);
    }
    return this.made;
  }

  close(): void {
    if (this.made === null) return;
    process.off('exit', this.atExit);
    rmSync(this.made, { recursive: true, force: true });
    this.made = null;
  }
}
