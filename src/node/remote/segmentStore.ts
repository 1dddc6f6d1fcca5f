// What was read of remote files, on disk: stretches under the identity of their content, each a file of its own that is
// whole or not there, and whose name says how long it is. Bounded: the stretches used longest ago go first, but never one that
// is in use.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Segment, TakeBytes } from '../../engine/files/rangeSource.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import { cachedFiles, touch, type CachedFile } from '../disk/cachedFiles.ts';
import { openPart, unfinished } from '../disk/partFile.ts';

/** Nothing takes so long to write. */
const abandonedMs = 24 * 3600 * 1000;

export class SegmentStore {
  /** By identity, sorted, none overlapping another. */
  private readonly known = new Map<string, Promise<Segment[]>>();
  private readonly pins = new Map<string, number>();
  private kept: Promise<Map<string, CachedFile>> | null = null;

  constructor(
    /** Asked for when something is kept or looked for, not before. */
    private readonly directory: () => string,
    private readonly limitBytes: number,
  ) {}

  /** All stretches of a content, in order. */
  segments(identity: string): Promise<Segment[]> {
    let found = this.known.get(identity);
    if (found === undefined) {
      found = this.load(this.folderOf(identity));
      this.known.set(identity, found);
    }
    return found;
  }

  /**
   * Keeps the stretch that `fill` brings, pinned until `release`; the caller sees to it that none overlaps another. It is
   * written as it comes, into the page cache, and no more of it is in memory than came at once.
   */
  async put(
    identity: string,
    { from, to }: Omit<Segment, 'path'>,
    fill: (take: TakeBytes) => Promise<void>,
  ): Promise<Segment> {
    const folder = this.folderOf(identity);
    const segment = { from, to, path: join(folder, `${from}-${to}`) };
    await mkdir(folder, { recursive: true });
    this.pin([segment]);
    const part = await openPart(segment.path);
    try {
      await fill((bytes) => {
        writeWhole(part.file.fd, bytes, segment.path);
      });
      await part.commit({ sync: false });
    } catch (error) {
      await part.discard();
      this.release([segment]);
      throw error;
    }
    const segments = await this.segments(identity);
    const at = segments.findIndex((other) => other.from >= to);
    segments.splice(at === -1 ? segments.length : at, 0, segment);
    const kept = await this.contents();
    kept.set(segment.path, { path: segment.path, size: to - from, usedMs: Date.now() });
    await this.prune(kept);
    return segment;
  }

  pin(segments: readonly Segment[]): void {
    for (const { path } of segments) this.pins.set(path, (this.pins.get(path) ?? 0) + 1);
  }

  release(segments: readonly Segment[]): void {
    for (const { path } of segments) {
      const left = (this.pins.get(path) ?? 1) - 1;
      if (left > 0) this.pins.set(path, left);
      else this.pins.delete(path);
    }
  }

  private folderOf(identity: string): string {
    const key = createHash('sha256').update(identity).digest('hex');
    return join(this.directory(), key.slice(0, 2), key);
  }

  /** What an earlier process left that is as long as what it wrote. */
  private async load(folder: string): Promise<Segment[]> {
    const found: Segment[] = [];
    for (const name of await readdir(folder).catch(() => [])) {
      const [match, from, to] = (/^(\d+)-(\d+)$/.exec(name) ?? []).map(Number);
      if (match === undefined || from === undefined || to === undefined) continue;
      const path = join(folder, name);
      const bytes = await stat(path).then(
        ({ size }) => size,
        () => null,
      );
      if (bytes === null) continue;
      if (bytes !== to - from) {
        await rm(path, { force: true });
        continue;
      }
      await touch(path);
      found.push({ from, to, path });
    }
    found.sort((a, b) => a.from - b.from || b.to - a.to);
    // Two processes may have read the same stretch, cut differently.
    let reached = 0;
    return found.filter(({ from, to }) => {
      if (from < reached) return false;
      reached = to;
      return true;
    });
  }

  private contents(): Promise<Map<string, CachedFile>> {
    this.kept ??= this.scan();
    return this.kept;
  }

  /** What is there; what a process that was ended left unfinished a day ago goes. */
  private async scan(): Promise<Map<string, CachedFile>> {
    const kept = new Map<string, CachedFile>();
    for (const file of await cachedFiles(this.directory())) {
      if (!file.path.endsWith(unfinished)) kept.set(file.path, file);
      else if (file.usedMs < Date.now() - abandonedMs) await rm(file.path, { force: true });
    }
    return kept;
  }

  private async prune(kept: Map<string, CachedFile>): Promise<void> {
    let bytes = 0;
    for (const { size } of kept.values()) bytes += size;
    if (bytes <= this.limitBytes) return;
    for (const { path, size } of [...kept.values()].sort((a, b) => a.usedMs - b.usedMs)) {
      if (bytes <= this.limitBytes) return;
      if (this.pins.has(path)) continue;
      bytes -= size;
      kept.delete(path);
      await this.forget(path);
    }
  }

  private async forget(path: string): Promise<void> {
    for (const [identity, loaded] of this.known) {
      if (this.folderOf(identity) !== dirname(path)) continue;
      const segments = await loaded;
      const at = segments.findIndex((segment) => segment.path === path);
      if (at !== -1) segments.splice(at, 1);
    }
    await rm(path, { force: true });
  }
}

/** Another attempt at reading changes nothing where a file cannot be written. */
function writeWhole(file: number, bytes: Uint8Array, path: string): void {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `What was read from elsewhere could not be kept in ${dirname(path)}: ${why}. Make room there, or keep less of it (--remote-cache).`;
    throw new ThreeGateError('access-denied', message, { file: path });
  }
}
