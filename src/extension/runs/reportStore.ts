// Results of finished analyses, one file each in the extension's own storage, and a small index of what hovers and
// badges need. A result whose checkpoints changed on disk is forgotten.
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { schemaVersion, type Report, type TensorReport } from '../../shared/report.ts';
import type { GateVerdicts, Regime } from '../../shared/verdicts.ts';
import { checkpointStamp } from './checkpointStamp.ts';
import type { RunRequest } from './pairRun.ts';
import { requestKey } from './requestKey.ts';

/** What is kept in memory of one result. */
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
export interface TensorVerdict {
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

const indexName = 'index.json';
const keptResults = 50;

export class ReportStore {
  private readonly directory: string;
  private index: Map<string, RememberedResult> | null = null;
  private verdicts: { key: string; byName: Map<string, TensorVerdict> } | null = null;
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
    const index = await this.read();
    return [...index.values()].sort((left, right) => right.savedAt.localeCompare(left.savedAt));
  }

  /** The newest result whose tuned side is at this path and is still what it was. */
  async findByTuned(tunedPath: string): Promise<RememberedResult | null> {
    const candidates = (await this.results()).filter((result) => result.tunedPath === tunedPath);
    const newest = candidates[0];
    return newest !== undefined && (await this.isFresh(newest)) ? newest : null;
  }

  /** The report of a request, if there is one and the checkpoints are still what they were. */
  async recall(request: RunRequest): Promise<Report | null> {
    const index = await this.read();
    const result = index.get(requestKey(request));
    if (result === undefined || !(await this.isFresh(result))) return null;
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
  async tensorVerdicts(key: string): Promise<Map<string, TensorVerdict>> {
    if (this.verdicts?.key === key) return this.verdicts.byName;
    let byName = new Map<string, TensorVerdict>();
    try {
      byName = new Map(
        JSON.parse(await readFile(this.verdictsFileOf(key), 'utf8')) as [string, TensorVerdict][],
      );
    } catch {
      // The result was cleared meanwhile.
    }
    this.verdicts = { key, byName };
    return byName;
  }

  async remember(request: RunRequest, report: Report): Promise<void> {
    const key = requestKey(request);
    const { base, tuned } = report.pair;
    const index = await this.read();
    index.set(key, {
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
    });
    await mkdir(this.directory, { recursive: true });
    await writeFile(this.fileOf(key), JSON.stringify(report));
    await writeFile(this.verdictsFileOf(key), JSON.stringify(report.tensors.map(verdictOf)));
    this.verdicts = null;
    for (const old of (await this.results()).slice(keptResults)) {
      index.delete(old.key);
      await rm(this.fileOf(old.key), { force: true });
      await rm(this.verdictsFileOf(old.key), { force: true });
    }
    await this.write(index);
  }

  /** Forgets everything; returns how many bytes that freed. */
  async clear(): Promise<number> {
    const freed = await directoryBytes(this.directory);
    await rm(this.directory, { recursive: true, force: true });
    this.index = new Map();
    this.verdicts = null;
    this.notify();
    return freed;
  }

  private async isFresh({ basePath, tunedPath, stamps }: RememberedResult): Promise<boolean> {
    const now = await Promise.all([checkpointStamp(basePath), checkpointStamp(tunedPath)]);
    return now[0] !== null && now[0] === stamps[0] && now[1] === stamps[1];
  }

  private async read(): Promise<Map<string, RememberedResult>> {
    if (this.index !== null) return this.index;
    let found: RememberedResult[] = [];
    try {
      found = JSON.parse(await readFile(join(this.directory, indexName), 'utf8')) as RememberedResult[];
    } catch {
      // Nothing remembered yet, or an index that was cut short: both start afresh.
    }
    // Another caller may have come first while the file was read.
    this.index ??= new Map(
      found.filter((result) => result.schemaVersion === schemaVersion).map((result) => [result.key, result]),
    );
    return this.index;
  }

  private async write(index: Map<string, RememberedResult>): Promise<void> {
    await writeFile(join(this.directory, indexName), JSON.stringify([...index.values()]));
    this.notify();
  }

  private notify(): void {
    for (const watcher of this.watchers) watcher();
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
}: TensorReport): [string, TensorVerdict] {
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
