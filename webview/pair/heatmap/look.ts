// What each cell of the map looks like, and which cells look different from the map before: only these are painted. Pure.
import type { BeyondWord, GateStanding } from '../../../src/shared/report/verdicts.ts';
import { positionOn } from '../../parts/model/scale.ts';
import type { HeatCell } from './cells.ts';
import type { HeatMap } from './model.ts';

/** Colours of the ramp that are told apart: a value that stays within a step needs no new paint as the axis grows. */
export const rampSteps = 64;

/** `step`: on the ramp, 0 to rampSteps − 1; on a diverging one with the word for it beside its null. `standing`: a verdict. Otherwise the state alone. */
export type CellLook =
  | { kind: 'step'; step: number; beyond: BeyondWord | null }
  | { kind: 'standing'; standing: GateStanding }
  | { kind: 'pending' | 'unreadable' | 'unmeasured' | 'unresolved' | 'plain' };

export function lookOf({ definition, scale }: HeatMap, cell: HeatCell): CellLook {
  if (cell.state !== 'measured') return { kind: cell.state };
  if (definition !== null && scale !== null && cell.value !== null && cell.resolved)
    return {
      kind: 'step',
      step: Math.round(positionOn(scale, cell.value) * (rampSteps - 1)),
      beyond: scale.around === undefined ? null : cell.beyond,
    };
  if (!cell.resolved) return { kind: 'unresolved' };
  return cell.standing === null ? { kind: 'plain' } : { kind: 'standing', standing: cell.standing };
}

interface CellChange {
  at: number;
  column: number;
  cell: HeatCell;
  look: CellLook;
}

/** Cells to paint, going from one map to the next; all of them when there is none before or it has another shape. */
export function changedCells(previous: HeatMap | null, next: HeatMap): CellChange[] {
  const before =
    previous !== null && previous.columns === next.columns && previous.metric === next.metric
      ? previous
      : null;
  const sameScale =
    before !== null && before.scale?.min === next.scale?.min && before.scale?.max === next.scale?.max;
  const changes: CellChange[] = [];
  for (const [at, row] of next.cells.entries()) {
    for (const [column, cell] of row.entries()) {
      if (cell === null) continue;
      const old = before?.cells[at]?.[column] ?? null;
      if (old === cell && sameScale) continue;
      const look = lookOf(next, cell);
      if (old === cell && before !== null && sameLook(lookOf(before, old), look)) continue;
      changes.push({ at, column, cell, look });
    }
  }
  return changes;
}

function sameLook(one: CellLook, other: CellLook): boolean {
  if (one.kind === 'step')
    return other.kind === 'step' && one.step === other.step && one.beyond === other.beyond;
  if (one.kind === 'standing') return other.kind === 'standing' && one.standing === other.standing;
  return one.kind === other.kind;
}
