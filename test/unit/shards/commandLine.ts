// The built `three-gate` in a scratch folder of its own, and a pair measured by it whole and in shards.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Report } from '../../../src/shared/report/report.ts';
import { seeded } from '../../support/random.ts';
import { safetensors, type TensorSpec } from '../checkpoint/support/safetensorsBytes.ts';

const root = resolve(import.meta.dirname, '../../..');
export const cli = join(root, 'dist/cli.cjs');
export const engine = join(root, 'dist/engine.cjs');
export const fixtures = join(root, 'test/fixtures');
export const nano = [join(fixtures, 'nano/base'), join(fixtures, 'nano/grpo/checkpoint-100')] as const;

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'three-gate-shards-'));

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Finished {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
      cwd: this.path,
      env: { ...process.env, XDG_CACHE_HOME: this.at('cache'), ...environment },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return { status, stdout, stderr };
  }

  /** Runs it and holds its exit status to what is expected. */
  hold(status: number, ...args: string[]): Finished {
    const done = this.run(args);
    assert.equal(done.status, status, `${args.join(' ')}: ${done.stderr}`);
    return done;
  }

  whole(pair: readonly string[], ...options: string[]): Report {
    return JSON.parse(this.hold(0, 'analyze', ...pair, ...options, '--json', '-').stdout) as Report;
  }

  shard(pair: readonly string[], shard: string, folder: string, ...options: string[]): Finished {
    return this.hold(
      0,
      'analyze',
      ...pair,
      ...options,
      '--shard',
      shard,
      '--out',
      this.at(folder),
      '--quiet',
    );
  }

  /** All shards of a pair, the last one first, into a folder. */
  inShards(pair: readonly string[], shards: number, folder: string, ...options: string[]): void {
    for (let number = shards; number >= 1; number -= 1) {
      this.shard(pair, `${number}/${shards}`, folder, ...options);
    }
  }

  merged(folder: string, status = 0): Report {
    return JSON.parse(this.hold(status, 'merge', this.at(folder), '--json', '-').stdout) as Report;
  }

  /** A checkpoint of one file. */
  checkpoint(name: string, tensors: Record<string, TensorSpec>): string {
    mkdirSync(this.at(name), { recursive: true });
    writeFileSync(this.at(name, 'model.safetensors'), safetensors(tensors));
    return this.at(name);
  }

  read(...names: string[]): Buffer {
    return readFileSync(this.at(...names));
  }
}

/** All of a report but what takes time. */
export function numbers(report: Report): object {
  return { ...report, timings: null };
}

/** bf16 values about zero; `changed` of them, by share, moved by a few steps. */
export function bf16Values(
  count: number,
  seed: number,
  changed: number,
): { base: Uint8Array<ArrayBuffer>; tuned: Uint8Array<ArrayBuffer> } {
  const random = seeded(seed);
  const base = new Uint16Array(count);
  for (let index = 0; index < count; index += 1) {
    const sign = random.next() < 0.5 ? 0x8000 : 0;
    base[index] = sign | (0x3c00 + random.integer(0x180));
  }
  const tuned = base.map((bits) => (random.next() < changed ? bits + 1 + random.integer(3) : bits));
  return { base: new Uint8Array(base.buffer), tuned: new Uint8Array(tuned.buffer) };
}
