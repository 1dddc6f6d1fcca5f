// The steps of a followed run as event files for TensorBoard, beside those of the trainer or in a folder of their own. Every call
// writes a file of its own, made with its first step: one that was cut off is never written to again.
import { appendFile, mkdir, readFile, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { headRecord, scalarRecord } from '../../engine/trainingConfig/logs/eventRecords.ts';
import { ownEvents } from '../../engine/trainingConfig/logs/ownEvents.ts';
import { readEvents } from '../../engine/trainingConfig/logs/tensorBoard.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import type { FollowedStep } from '../../shared/report/followedStep.ts';
import { followedScalars } from '../../shared/text/followScalars.ts';

export class EventFiles {
  private file: string | null = null;

  private constructor(
    private readonly folder: string,
    private readonly written: Set<number>,
  ) {}

  /** Goes on after what earlier calls wrote there; rejects with `access-denied` where the folder cannot be read. */
  static async open(folder: string): Promise<EventFiles> {
    const written = new Set<number>();
    try {
      await mkdir(folder, { recursive: true });
      for (const name of (await readdir(folder)).filter((each) => each.endsWith(ownEvents))) {
        const file = join(folder, name);
        for (const { step } of readEvents(file, await readFile(file)).table.rows) written.add(step);
      }
    } catch (error) {
      throw refused(folder, error);
    }
    return new EventFiles(folder, written);
  }

  /** A step without a number has no place on the axis. @param isNew analysed now, whatever was written of it before */
  async add(step: FollowedStep, isNew: boolean): Promise<void> {
    if (step.step === null || (this.written.has(step.step) && !isNew)) return;
    const scalars = followedScalars(step);
    if (scalars.length === 0) return;
    const wallTime = Date.parse(step.at) / 1000;
    try {
      if (this.file === null) {
        const file = join(this.folder, fileName(Date.now()));
        await appendFile(file, headRecord(wallTime));
        this.file = file;
      }
      await appendFile(this.file, scalarRecord(wallTime, step.step, scalars));
    } catch (error) {
      throw refused(this.folder, error);
    }
    this.written.add(step.step);
  }
}

/** As TensorBoard names them: seconds, machine, process; and whose they are. */
function fileName(now: number): string {
  const machine = hostname().replaceAll(/[^\w.-]+/g, '-');
  return `events.out.tfevents.${Math.floor(now / 1000)}.${machine}.${process.pid}${ownEvents}`;
}

function refused(folder: string, error: unknown): ThreeGateError {
  const message = `Event files in ${folder} could not be written: ${asProblem(error).message}`;
  return new ThreeGateError('access-denied', message, { file: folder });
}
