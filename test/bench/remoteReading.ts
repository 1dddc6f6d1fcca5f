// Reads all tensors of a pair through the port in slabs, both sides at once, and does nothing with them: what reading alone takes.
//   node --import tsx test/bench/remoteReading.ts BASE TUNED CACHE
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Checkpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import type { FileStretch } from '../../src/engine/files/rangeSource.ts';
import { isRemote } from '../../src/engine/files/remoteAddress.ts';
import { RunFiles } from '../../src/node/remote/runFiles.ts';

export interface ReadingTime {
  seconds: number;
  /** Of this process, in nanoseconds a byte. */
  processorNs: number;
}

const slabBytes = 1 << 22;

/** In a process of its own. */
export function timeReading(paths: readonly [string, string], cacheDirectory: string): ReadingTime {
  return timed([import.meta.filename, ...paths, cacheDirectory]);
}

/** The same bytes by plain sockets, which throw them away. @param served folders by repository */
export function timeBareSocket(served: Readonly<Record<string, string>>): ReadingTime {
  const sides = Object.entries(served).map(([name, folder]) => `${name}=${folder}`);
  return timed([join(import.meta.dirname, 'bareSocket.ts'), ...sides]);
}

function timed(script: readonly string[]): ReadingTime {
  const command = ['--import', 'tsx', ...script];
  const { status, stdout } = spawnSync(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  assert.equal(status, 0, 'the pair could not be read');
  return JSON.parse(stdout.toString()) as ReadingTime;
}

async function readPair(paths: readonly string[], cacheDirectory: string): Promise<ReadingTime> {
  const run = await RunFiles.open(cacheDirectory, 1e12, new AbortController().signal);
  const sides = await Promise.all(paths.map(async (path) => stretchesIn(await run.openCheckpoint(path))));
  const before = process.cpuUsage();
  const started = performance.now();
  await run.announce(
    sides.flat().filter(({ file }) => isRemote(file)),
    null,
    () => undefined,
  );
  await Promise.all(sides.map((stretches) => readSide(run, stretches)));
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const bytes = sides.flat().reduce((sum, { from, to }) => sum + to - from, 0);
  return { seconds, processorNs: (1000 * (user + system)) / bytes };
}

/** All tensors, in file order. */
function stretchesIn({ tensors }: Checkpoint): FileStretch[] {
  return [...tensors.values()].map(({ file, offset, bytes }) => ({ file, from: offset, to: offset + bytes }));
}

async function readSide(run: RunFiles, stretches: readonly FileStretch[]): Promise<void> {
  // Touched before, as the slabs of workers are.
  const target = new Uint8Array(slabBytes).fill(1);
  for (const { file, from, to } of stretches) {
    const source = await run.files.open(file);
    for (let at = from; at < to; at += slabBytes) {
      await source.read(at, target.subarray(0, Math.min(slabBytes, to - at)));
    }
    await source.close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const [base = '', tuned = '', cacheDirectory = ''] = process.argv.slice(2);
  process.stdout.write(JSON.stringify(await readPair([base, tuned], cacheDirectory)));
}
