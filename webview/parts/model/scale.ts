// Where a value stands on a metric's axis. Pure; positions are shares of the axis, 0 at its low end.

export interface Scale {
  kind: 'linear' | 'log';
  min: number;
  max: number;
  /** A diverging axis: what stands in its middle. */
  around?: number;
}

/** Position in 0…1; values beyond an end stand on it, and zero stands at the low end of a logarithmic axis. */
export function positionOn(scale: Scale, value: number): number {
  const { min, max } = scale;
  const share =
    scale.kind === 'linear'
      ? (value - min) / (max - min)
      : value <= 0
        ? 0
        : Math.log(value / min) / Math.log(max / min);
  return Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
}

interface Zone {
  standing: 'holds' | 'middle' | 'broken';
  from: number;
  to: number;
}

/** The three stretches of the axis that a threshold makes, in axis order. */
export function zonesOf(scale: Scale, threshold: { holds: number; broken: number }): Zone[] {
  const holds = positionOn(scale, threshold.holds);
  const broken = positionOn(scale, threshold.broken);
  const [low, high] = holds <= broken ? [holds, broken] : [broken, holds];
  const ends: [Zone['standing'], Zone['standing']] =
    holds <= broken ? ['holds', 'broken'] : ['broken', 'holds'];
  const zones: Zone[] = [
    { standing: ends[0], from: 0, to: low },
    { standing: 'middle', from: low, to: high },
    { standing: ends[1], from: high, to: 1 },
  ];
  return zones.filter(({ from, to }) => to > from);
}

/** Puts labelled stretches into as few lanes as keep their labels apart; gives each one's lane, in input order. */
export function lanesOf(stretches: readonly { from: number; to: number }[], labelWidth: number): number[] {
  const ends: number[] = [];
  return stretches.map(({ from, to }) => {
    const end = Math.max(to, from + labelWidth);
    const free = ends.findIndex((occupied) => occupied <= from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = end;
    return lane;
  });
}
