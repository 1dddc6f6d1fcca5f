// Reports remembered in a directory, one file per subject. A file's name is the hash of the subject, which holds path,
// size and time of every weight file, so what changed on disk is simply not found. Old files are removed, newest kept.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheSubject, ReportCache } from '../engine/analysis/reportCache.ts';
import type { Checkpoint } from '../engine/checkpoint/checkpoint.ts';
import { schemaVersion, type Report } from '../shared/report.ts';
import { writeWhole } from './writeWhole.ts';

const keptReports = 50;

/** @param version of the engine: another one may measure differently */
export function fileReportCache(directory: string, version: string): ReportCache {
  return {
    async recall(subject) {
      try {
        const report = JSON.parse(
          await readFile(await pathOf(directory, version, subject), 'utf8'),
        ) as Report;
        // How it is computed is not part of the subject: the report answers this request.
        return { ...report, options: subject.options };
      } catch {
        return null;
      }
    },
    async remember(subject, report) {
      if (report.status !== 'complete' || report.tensors.some(({ problem }) => problem !== null)) return;
      try {
        await mkdir(directory, { recursive: true });
        await writeWhole(await pathOf(directory, version, subject), JSON.stringify(report));
        await prune(directory);
      } catch {
        // A full disk or a read-only home must not cost the report that was just made.
      }
    },
  };
}

async function pathOf(directory: string, version: string, subject: CacheSubject): Promise<string> {
  const { base, tuned, options, training } = subject;
  // Threads and memory change how fast a report comes, not what it says.
  const decisive = { ...options, threads: null, memoryBytes: null, useCache: null };
  const files = await Promise.all([base, tuned].map(stamps));
  const text = JSON.stringify([schemaVersion, version, files, decisive, training]);
  return join(directory, `${createHash('sha256').update(text).digest('hex').slice(0, 32)}.json`);
}

/** What a checkpoint says of itself, and path, size and time of every file that its tensors lie in. */
async function stamps({ info, tensors }: Checkpoint): Promise<unknown[]> {
  const stored = [...tensors.values()].flatMap(({ file, scale }) => [file, scale?.file ?? file]);
  const files = [...new Set(stored)].sort();
  return [
    info,
    ...(await Promise.all(
      files.map(async (file) => {
        const { size, mtimeMs } = await stat(file);
        return [file, size, mtimeMs];
      }),
    )),
  ];
}

async function prune(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => /^[\da-f]{32}\.json$/.test(name));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(directory, name))).mtimeMs })),
  );
  const old = aged.sort((left, right) => right.time - left.time).slice(keptReports);
  await Promise.all(old.map(({ name }) => rm(join(directory, name), { force: true })));
}
