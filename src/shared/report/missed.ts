// What was not compared, by whether that is a fault: what lies outside a sample was left out on purpose, and is told with it.
import type { Coverage, NotCompared } from './report.ts';

interface Missed {
  missed: NotCompared[];
  outsideSample: NotCompared[];
}

export function missedIn({ notCompared }: Pick<Coverage, 'notCompared'>): Missed {
  const isOutside = ({ reason }: NotCompared): boolean => reason.code === 'not-sampled';
  return {
    missed: notCompared.filter((each) => !isOutside(each)),
    outsideSample: notCompared.filter(isOutside),
  };
}
