// The steps of a followed run as a file that is appended to, one JSON object a line: what `--jsonl` writes, and what is
// remembered between two calls of checkpoints that are gone.
import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { followSchemaVersion, type FollowedStep } from '../../shared/report/followedStep.ts';

export class FollowRecord {
  private constructor(
    private readonly file: string,
    /** By `stepKey`; of a step that was written anew, the last line. */
    private readonly byKey: Map<string, FollowedStep>,
  ) {}

  /**
   * Goes on with a file, or begins one. Throws `usage` where its lines are another run's, or none of ours; a last line without
   * an end was being written when its writer was stopped, and goes.
   */
  static async open(file: string, request: string): Promise<FollowRecord> {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '';
      throw unusable(file, asProblem(error).message);
    });
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const byKey = new Map<string, FollowedStep>();
    for (const [at, line] of whole.split('\n').entries()) {
      if (line === '') continue;
      const step = stepOf(file, at + 1, line);
      if (step.request !== request) throw otherRun(file, at + 1, step);
      byKey.set(stepKey(step), step);
    }
    if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
    return new FollowRecord(file, byKey);
  }

  get steps(): FollowedStep[] {
    return [...this.byKey.values()];
  }

  /** Appends a step, unless this very state of it is there; rejects with `access-denied`, naming the file. */
  async add(step: FollowedStep): Promise<void> {
    const key = stepKey(step);
    const there = this.byKey.get(key);
    if (there?.weights === step.weights && there.at === step.at) return;
    try {
      await mkdir(dirname(this.file), { recursive: true });
      await appendFile(this.file, `${JSON.stringify(step)}\n`);
    } catch (error) {
      throw new ThreeGateError(
        'access-denied',
        `${this.file} could not be written: ${asProblem(error).message}`,
        {
          file: this.file,
        },
      );
    }
    this.byKey.set(key, step);
  }
}

/** What a step is known by: weights at the top of a run's folder are another step whenever they are saved anew. */
export function stepKey({ step, point }: FollowedStep): string {
  return step === null ? point.path : `step ${step}`;
}

function stepOf(file: string, line: number, text: string): FollowedStep {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable(file, `line ${line} is not JSON`);
  }
  const found = value as Partial<FollowedStep> | null;
  if (typeof found !== 'object' || found === null || typeof found.point?.path !== 'string') {
    throw unusable(file, `line ${line} is no step of a followed run`);
  }
  if (found.schemaVersion !== followSchemaVersion) {
    throw unusable(file, `line ${line} is of another version of Three-Gate`);
  }
  return found as FollowedStep;
}

function unusable(file: string, why: string): ThreeGateError {
  const message = `${file} cannot be gone on with: ${why}. Name another file, or move this one away.`;
  return new ThreeGateError('usage', message, { file });
}

function otherRun(file: string, line: number, { run, base }: FollowedStep): ThreeGateError {
  return unusable(
    file,
    `line ${line} is of ${run} against ${base}, or of other options that change a number`,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
