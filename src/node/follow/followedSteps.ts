// All steps of a followed run that are known, and where they are written: the record of this user's cache, the file that was
// named, and event files for TensorBoard. Each takes what it lacks, so that a later call goes on where an earlier one stopped.
import { join } from 'node:path';
import type { FollowedStep } from '../../shared/report/followedStep.ts';
import { cacheRooms } from '../disk/cachedFiles.ts';
import { followKey } from './analyseStep.ts';
import { EventFiles } from './eventFiles.ts';
import { FollowRecord, stepKey } from './followRecord.ts';
import type { FollowRequest } from './followRequest.ts';

export class FollowedSteps {
  private constructor(
    private readonly byKey: Map<string, FollowedStep>,
    private readonly records: readonly FollowRecord[],
    private readonly events: EventFiles | null,
    private readonly limits: FollowRequest['limits'],
  ) {}

  static async open(request: FollowRequest): Promise<FollowedSteps> {
    const { options, cacheDirectory, jsonl, tensorboard, limits } = request;
    const key = followKey(request);
    const kept =
      options.useCache && cacheDirectory !== null
        ? join(cacheDirectory, cacheRooms.followed, `${key}.jsonl`)
        : null;
    const records: FollowRecord[] = [];
    for (const file of [kept, jsonl]) if (file !== null) records.push(await FollowRecord.open(file, key));
    const byKey = new Map<string, FollowedStep>();
    for (const step of records.flatMap((record) => record.steps)) {
      const other = byKey.get(stepKey(step));
      if (other === undefined || other.at < step.at) byKey.set(stepKey(step), step);
    }
    const events = tensorboard === null ? null : await EventFiles.open(tensorboard);
    return new FollowedSteps(byKey, records, events, limits);
  }

  /** By step; one without a step comes last. */
  get all(): FollowedStep[] {
    return [...this.byKey.values()].sort(
      (a, b) => (a.step ?? Number.MAX_VALUE) - (b.step ?? Number.MAX_VALUE),
    );
  }

  /** Whether it was held against the limits of this call. */
  isCurrent({ limits, point }: FollowedStep): boolean {
    if (this.limits === null || point.problem !== null) return true;
    const were = limits?.limits.map(({ text }) => text) ?? [];
    return were.join('\n') === this.limits.map(({ text }) => text).join('\n');
  }

  /** @param isNew analysed by this call */
  async add(step: FollowedStep, isNew: boolean): Promise<void> {
    this.byKey.set(stepKey(step), step);
    for (const record of this.records) await record.add(step);
    await this.events?.add(step, isNew);
  }
}
