// Peak learning rate, Σ_t lr_t over the optimizer steps of a checkpoint, and the step count: from the log where one
// was kept, else from schedule × steps.
import type { ConfigEntry, LogSeries } from '../../shared/report/training.ts';
import { lastOf } from './lastOf.ts';

interface LearningRateFacts {
  learningRatePeak: number | null;
  learningRateSum: number | null;
  steps: number | null;
}

/** `checkpointStep` is the step that the analysed weights were saved at; later log rows do not count. */
export function learningRateFacts(
  series: LogSeries | null,
  entries: readonly ConfigEntry[],
  checkpointStep: number | null,
): LearningRateFacts {
  const number = (concept: ConfigEntry['concept']): number | null => {
    const value = entries.find((entry) => entry.concept === concept)?.value;
    return typeof value === 'number' ? value : null;
  };
  const logged = series?.points.filter(([step]) => checkpointStep === null || step <= checkpointStep) ?? [];
  const peakLogged = logged.reduce((peak, [, rate]) => Math.max(peak, rate), 0);
  const maxSteps = number('maxSteps');
  const planned = maxSteps !== null && maxSteps > 0 ? maxSteps : null;
  const steps = checkpointStep ?? lastOf(logged)?.[0] ?? planned;
  if (peakLogged > 0 && steps !== null) {
    return { learningRatePeak: peakLogged, learningRateSum: sumOfLog(logged, steps), steps };
  }
  const peak = number('learningRate');
  const schedule = entries.find((entry) => entry.concept === 'schedule')?.value;
  const warmup = number('warmup') ?? 0;
  return {
    learningRatePeak: peak,
    learningRateSum:
      peak === null || steps === null
        ? null
        : sumOfSchedule(peak, typeof schedule === 'string' ? schedule : '', warmup, steps, planned),
    steps,
  };
}

/** Linear between logged rows; before the first row its value, after the last its value. */
function sumOfLog(points: readonly [number, number][], steps: number): number {
  let sum = 0;
  let [previousStep, previousRate] = [0, points[0]?.[1] ?? 0];
  for (const [step, rate] of points) {
    const span = step - previousStep;
    // Steps previous+1 … step of the line that ends at `rate`.
    if (span > 0) sum += span * rate - ((rate - previousRate) * (span - 1)) / 2;
    [previousStep, previousRate] = [step, rate];
  }
  return sum + Math.max(0, steps - previousStep) * previousRate;
}

/** Null for a schedule that is not one of the simple ones, or whose length is not known. */
function sumOfSchedule(
  peak: number,
  schedule: string,
  warmup: number,
  steps: number,
  planned: number | null,
): number | null {
  const total = planned ?? steps;
  // Below 1 a warm-up is a ratio of all steps.
  const warm = warmup < 1 ? Math.ceil(warmup * total) : warmup;
  const rateAt = rates[schedule];
  if (rateAt === undefined || steps > 50_000_000) return null;
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    sum += step < warm ? (step + 1) / warm : rateAt((step - warm) / Math.max(1, total - warm));
  }
  return peak * sum;
}

/** Factor of the peak by progress after warm-up, 0…1. */
const rates: Readonly<Record<string, (progress: number) => number>> = {
  constant: () => 1,
  constant_with_warmup: () => 1,
  linear: (progress) => Math.max(0, 1 - progress),
  cosine: (progress) => (1 + Math.cos(Math.PI * Math.min(1, progress))) / 2,
};
