// The built `three-gate` on the genuine base, in a folder of its own, and what numpy expects of its masks.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BudgetKind, MaskReport } from '../../../src/shared/report/maskReport.ts';
import { readLayout, type Layout } from './layout.ts';

const root = resolve(import.meta.dirname, '../../..');
const nano = join(root, 'test/fixtures/nano');
export const base = join(nano, 'base');
export const grpo = join(nano, 'grpo/checkpoint-100');
/** Whoever uses it takes it away. */
export const scratch = mkdtempSync(join(tmpdir(), 'three-gate-mask-'));

export interface Bits {
  sha256: string;
  trainable: number;
}

export interface Expected {
  baseSha256: string;
  tensors: Record<
    string,
    { rank: number; changed: number; kinds: Record<BudgetKind, Bits & { inside: number }> }
  >;
  apart: { alphaPrincipal: number; alphaLow: number; tensors: Record<string, Record<BudgetKind, Bits>> }[];
  update: { baseSha256: string; tensors: Record<string, Bits> };
}
export const expected = JSON.parse(
  readFileSync(join(root, 'test/fixtures/masks/expected.json'), 'utf8'),
) as Expected;

interface Done {
  status: number;
  stdout: string;
  stderr: string;
}

export function threeGate(...args: string[]): Promise<Done> {
  return new Promise((settle) => {
    execFile(
      process.execPath,
      [join(root, 'dist/cli.cjs'), ...args],
      { cwd: scratch },
      (error, stdout, stderr) => {
        settle({ status: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

/** Of the genuine base, by default; `status` is what it must end with. */
export async function exported(
  name: string,
  flags: string[],
  { of = base, status = 0 } = {},
): Promise<{ report: MaskReport; layout: Layout; file: string }> {
  const file = join(scratch, name);
  const done = await threeGate('mask', of, '--out', file, '--json', '-', ...flags);
  if (done.status !== status) throw new Error(`exit status ${done.status}: ${done.stderr}`);
  return { report: JSON.parse(done.stdout) as MaskReport, layout: readLayout(readFileSync(file)), file };
}

export function bitsOf({ tensors }: Layout): Record<string, Bits> {
  return Object.fromEntries(
    [...tensors].map(([name, { bytes }]) => [
      name,
      {
        sha256: createHash('sha256').update(bytes).digest('hex'),
        trainable: bytes.reduce((ones, byte) => ones + byte, 0),
      },
    ]),
  );
}
