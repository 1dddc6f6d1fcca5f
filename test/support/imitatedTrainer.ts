// A trainer as a run folder sees it: it writes checkpoints piece by piece in the order in which transformers does (weights, then
// optimizer, then state), deletes old ones, and may be stopped in the middle. The checkpoints are those of a genuine run.
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const pieces = 5;

export class ImitatedTrainer {
  /**
   * @param genuine folder with `checkpoint-N` of a run
   * @param folder that the run is written into
   */
  constructor(
    private readonly genuine: string,
    readonly folder: string,
  ) {}

  pathOf(step: number): string {
    return join(this.folder, `checkpoint-${step}`);
  }

  /**
   * The file of weights of a step, cut off: what a crash leaves.
   * @param share of the file's bytes
   * @param like the genuine step that they are of
   */
  saveHalf(step: number, share = 0.5, like = step): void {
    mkdirSync(this.pathOf(step), { recursive: true });
    const { name, bytes } = this.weightsOf(like);
    writeFileSync(join(this.pathOf(step), name), bytes.subarray(0, Math.floor(share * bytes.length)));
  }

  /** A whole step, slowly: longer than two looks of whoever waits `betweenLooksMs`. */
  async save(step: number, betweenLooksMs: number): Promise<void> {
    mkdirSync(this.pathOf(step), { recursive: true });
    const { name, bytes } = this.weightsOf(step);
    const file = join(this.pathOf(step), name);
    writeFileSync(file, '');
    for (let piece = 0; piece < pieces; piece += 1) {
      const [from, to] = [piece, piece + 1].map((at) => Math.floor((at * bytes.length) / pieces));
      appendFileSync(file, bytes.subarray(from, to));
      await pause(betweenLooksMs / 2);
    }
    this.finish(step);
  }

  /** Everything that a step has, over what lies there. */
  finish(step: number): void {
    cpSync(join(this.genuine, `checkpoint-${step}`), this.pathOf(step), { recursive: true });
    writeFileSync(join(this.pathOf(step), 'optimizer.pt'), 'not weights');
  }

  /** As `save_total_limit` does. */
  remove(step: number): void {
    rmSync(this.pathOf(step), { recursive: true });
  }

  private weightsOf(step: number): { name: string; bytes: Buffer } {
    const folder = join(this.genuine, `checkpoint-${step}`);
    const name = readdirSync(folder).find((file) => file.endsWith('.safetensors')) ?? '';
    return { name, bytes: readFileSync(join(folder, name)) };
  }
}
