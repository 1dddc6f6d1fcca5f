// Why two checkpoints leave nothing to compare, in one sentence with a name of each side.
import type { NotCompared } from '../../shared/report/report.ts';
import type { Pairing } from '../checkpoint/checkpoint.ts';

export function whyNothingPaired({ notCompared }: Pick<Pairing, 'notCompared'>): string {
  const shared = notCompared.filter(({ side }) => side === 'both');
  const [first] = shared;
  if (first === undefined) {
    const sides = [namesOf(notCompared, 'base'), namesOf(notCompared, 'tuned')].filter(
      (text) => text !== null,
    );
    const names = sides.length === 0 ? '' : `: ${sides.join(', ')}`;
    return `The two checkpoints have no tensor in common${names}.`;
  }
  const empty = shared.filter(({ reason, elements }) => reason.code === 'empty-tensor' && elements > 0);
  const which = empty.length === shared.length ? 'Every one' : 'None';
  const verb = which === 'None' ? 'can be compared' : 'is empty on one side';
  return `${which} of the ${shared.length} tensors that both checkpoints hold ${verb}. ${first.reason.message}`;
}

function namesOf(rows: readonly NotCompared[], side: 'base' | 'tuned'): string | null {
  const own = rows.filter((row) => row.side === side);
  const [first] = own;
  if (first === undefined) return null;
  const more = own.length === 1 ? '' : ` and ${own.length - 1} more`;
  return `the ${side === 'base' ? 'base' : 'tuned checkpoint'} holds ${first.name}${more}`;
}
