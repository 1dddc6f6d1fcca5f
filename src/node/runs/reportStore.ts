// Results of finished analyses in the extension's own storage, which every window shares. A result is an entry, small enough
// to be read for hovers and badges, and beside it the report and what a hover over a weight says. Each file is written
// whole and what lies there is looked at every time, so that no window loses what another one added; the entry comes last
// and goes first. A result whose checkpoints changed on disk is forgotten.
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../disk/partFile.ts';
import { schemaVersion, type Report, type TensorReport } from '../../shared/report/report.ts';
import type { GateVerdicts, Regime } from '../../shared/report/verdicts.ts';
import { checkpointStamp } from './checkpointStamp.ts';
import type { RunRequest } from './pairRun.ts';
import { requestKey } from './requestKey.ts';

/** The entry of one result. */
export interface RememberedResult {
  key: string;
  schemaVersion: number;
  basePath: string;
  tunedPath: string;
  baseLabel: string;
  tunedLabel: string;
  configPaths: string[] | null;
  savedAt: string;
  /** Stamps of base and tuned at the time. */
  stamps: [string | null, string | null];
  regime: Regime;
  gates: GateVerdicts;
}

/** A report of whatever version wrote it. */
type Stored = Omit<Report, 'schemaVersion'> & { schemaVersion: number };

/** What a hover over one weight says. */
export interface RememberedVerdict {
  anchor: string;
  geometry: string;
  precision: string;
  relativeDrift: number | null;
  /** Mean over both sides. */
  rotationDeg: number | null;
  /** Of a random update of the same size. */
  rotationExpectedDeg: number | null;
  sparsityBf16: number | null;
  sparsityBf16Expected: number | null;
  /** What is left of Gate II beyond the size of the update, in words. */
  beyondSize: string | null;
}

const entryEnding = '.entry.json';
const keptResults = 50;
/** Files without an entry this old belong to no writer that is still at work. */
const staleMs = 3_600_000;

/** What was read from a file, and which state of it. */
interface Read<T> {
  stamp: string;
  value: T;
}

export class ReportStore {
  private readonly directory: string;
  /** By file name. */
  private entries = new Map<string, Read<RememberedResult | null>>();
  private verdicts: (Read<Map<string, RememberedVerdict>> & { key: string }) | null = null;
  private readonly watchers = new Set<() => void>();

  /** @param directory absolute; made when first written to */
  constructor(directory: string) {
    this.directory = directory;
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Newest first. */
  async results(): Promise<RememberedResult[]> {
    const found = await this.readEntries();
    return found.sort((left, right) => right.savedAt.localeCompare(left.savedAt));
  }

  /** The newest result whose tuned side is at this path and is still what it was. */
  async findByTuned(tunedPath: string): Promise<RememberedResult | null> {
    const candidates = (await this.results()).filter((result) => result.tunedPath === tunedPath);
    const newest = candidates[0];
    return newest !== undefined && (await this.isFresh(newest)) ? newest : null;
  }

  /** The report of a request, if there is one and the checkpoints are still what they were. */
  async recall(request: RunRequest): Promise<Report | null> {
    const result = await this.readEntry(`${requestKey(request)}${entryEnding}`);
    if (result === null || !(await this.isFresh(result))) return null;
    return this.load(result.key);
  }

  /** The whole report of a remembered result; null when its file is gone or of another version. */
  async load(key: string): Promise<Report | null> {
    try {
      const stored = JSON.parse(await readFile(this.fileOf(key), 'utf8')) as Stored;
      return stored.schemaVersion === schemaVersion ? (stored as Report) : null;
    } catch {
      return null;
    }
  }

  /** Verdicts by tensor name, from a file small enough to be read while a hover waits. */
  async tensorVerdicts(key: string): Promise<Map<string, RememberedVerdict>> {
    const stamp = await stampOf(this.verdictsFileOf(key));
    if (this.verdicts?.key === key && this.verdicts.stamp === stamp) return this.verdicts.value;
    let byName = new Map<string, RememberedVerdict>();
    try {
      byName = new Map(
        JSON.parse(await readFile(this.verdictsFileOf(key), 'utf8')) as [string, RememberedVerdict][],
      );
    } catch {
      // The result was cleared meanwhile.
    }
    this.verdicts = { key, stamp, value: byName };
    return byName;
  }

  async remember(request: RunRequest, report: Report): Promise<void> {
    const key = requestKey(request);
    const { base, tuned } = report.pair;
    const entry: RememberedResult = {
      key,
      schemaVersion,
      basePath: request.basePath,
      tunedPath: request.tunedPath,
      baseLabel: base.label,
      tunedLabel: tuned.label,
      configPaths: request.configPaths,
      savedAt: new Date().toISOString(),
      stamps: [await checkpointStamp(request.basePath), await checkpointStamp(request.tunedPath)],
      regime: report.summary.regime,
      gates: report.summary.gates,
    };
    await mkdir(this.directory, { recursive: true });
    await this.write(this.fileOf(key), report);
    await this.write(this.verdictsFileOf(key), report.tensors.map(verdictOf));
    await this.write(this.entryFileOf(key), entry);
    await this.prune();
    this.notify();
  }

  /** Forgets everything; returns how many bytes that freed. */
  async clear(): Promise<number> {
    const freed = await directoryBytes(this.directory);
    await rm(this.directory, { recursive: true, force: true });
    this.entries.clear();
    this.verdicts = null;
    this.notify();
    return freed;
  }

  private async isFresh({ basePath, tunedPath, stamps }: RememberedResult): Promise<boolean> {
    const now = await Promise.all([checkpointStamp(basePath), checkpointStamp(tunedPath)]);
    return now[0] !== null && now[0] === stamps[0] && now[1] === stamps[1];
  }

  private async readEntries(): Promise<RememberedResult[]> {
    const names = (await this.fileNames()).filter((name) => name.endsWith(entryEnding));
    const found = await Promise.all(names.map((name) => this.readEntry(name)));
    for (const name of this.entries.keys()) if (!names.includes(name)) this.entries.delete(name);
    return found.filter((entry) => entry !== null);
  }

  /** Null when there is none, or one of another version. */
  private async readEntry(name: string): Promise<RememberedResult | null> {
    const path = join(this.directory, name);
    const stamp = await stampOf(path);
    const known = this.entries.get(name);
    if (known?.stamp === stamp) return known.value;
    let value: RememberedResult | null = null;
    try {
      const stored = JSON.parse(await readFile(path, 'utf8')) as RememberedResult;
      if (stored.schemaVersion === schemaVersion) value = stored;
    } catch {
      // Cleared or replaced meanwhile, or never there.
    }
    this.entries.set(name, { stamp, value });
    return value;
  }

  private write(path: string, value: unknown): Promise<void> {
    return replaceFile(path, JSON.stringify(value), { sync: false });
  }

  /** Only the newest results stay, and nothing that belongs to none. */
  private async prune(): Promise<void> {
    const all = await this.results();
    for (const { key } of all.slice(keptResults)) {
      for (const path of [this.entryFileOf(key), this.verdictsFileOf(key), this.fileOf(key)]) {
        await rm(path, { force: true });
      }
    }
    const kept = new Set(all.map(({ key }) => key));
    for (const name of await this.fileNames()) {
      if (kept.has(name.split('.')[0] ?? '')) continue;
      const path = join(this.directory, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && Date.now() - found.mtimeMs > staleMs) await rm(path, { force: true });
    }
  }

  private fileNames(): Promise<string[]> {
    return readdir(this.directory).catch(() => []);
  }

  private notify(): void {
    for (const watcher of this.watchers) watcher();
  }

  private entryFileOf(key: string): string {
    return join(this.directory, `${key}${entryEnding}`);
  }

  private verdictsFileOf(key: string): string {
    return join(this.directory, `${key}.tensors.json`);
  }

  private fileOf(key: string): string {
    return join(this.directory, `${key}.json`);
  }
}

function verdictOf({
  name,
  tunedName,
  verdicts,
  anchor,
  geometry,
  precision,
}: TensorReport): [string, RememberedVerdict] {
  const rotations = geometry.value;
  return [
    tunedName ?? name,
    {
      anchor: verdicts.anchor.verdict,
      geometry: verdicts.geometry.verdict,
      precision: verdicts.precision.verdict,
      relativeDrift: anchor.value?.relativeDrift ?? null,
      rotationDeg: rotations && (rotations.rotationLeftMeanDeg + rotations.rotationRightMeanDeg) / 2,
      rotationExpectedDeg: rotations?.rotationMeanExpectedDeg?.mean ?? null,
      sparsityBf16: precision.value?.sparsityBf16 ?? null,
      sparsityBf16Expected: precision.value?.sparsityBf16Expected ?? null,
      beyondSize: verdicts.geometry.beyondSize?.words ?? null,
    },
  ];
}

/** Tells a file's states apart: it is replaced, never written into. Empty when it is not there. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}

/** Bytes of all files in a directory and below; 0 when it is not there. */
export async function directoryBytes(directory: string): Promise<number> {
  try {
    const entries = await readdir(directory, { recursive: true });
    const sizes = await Promise.all(entries.map(async (name) => (await stat(join(directory, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch {
    return 0;
  }
}
