// From the numbers of a running analysis to its preliminary verdict: each gate's word and the regime as they stand, and all that
// they may end with.
import { gateCatalogue } from '../../shared/text/gates.ts';
import type { GateName, Thresholds } from '../../shared/options/options.ts';
import type {
  Firmness,
  PreliminaryGate,
  PreliminaryNumber,
  PreliminaryVerdict,
} from '../../shared/report/preliminary.ts';
import type { ErrorBounds } from '../../shared/report/resolution.ts';
import type { GateStanding, GateVerdicts, RegimeName } from '../../shared/report/verdicts.ts';
import {
  anchorStandings,
  geometryStandings,
  isVoting,
  precisionStandings,
  votesOf,
  type NumberRanges,
} from '../gates/couldBecome.ts';
import { nameRegime, type RegimeEvidence } from '../gates/regime.ts';

/** Which gates the rest can still measure, and whether any tensor is still to be read. */
interface Rest {
  /** Gates of which something was measured, or will be. */
  measures: (gate: GateName) => boolean;
  isRead: boolean;
  isDecomposed: boolean;
}

export type EstimatedNumber = Omit<PreliminaryNumber, 'undecided'>;

interface Inputs {
  shares: Pick<PreliminaryVerdict, 'readShare' | 'decomposedShare'>;
  numbers: EstimatedNumber[];
  /** Bounds on the errors of those of Gate II. */
  errors: ErrorBounds;
  rest: Rest;
  /** As it stands, with the share of the parameters that the finished report will speak for. */
  evidence: RegimeEvidence;
}

type Standings = Record<GateName, GateStanding[]>;
type Range = (number: EstimatedNumber) => [low: number | null, high: number | null];

const gateNames = ['anchor', 'geometry', 'precision'] as const;

export function preliminaryVerdict(inputs: Inputs, thresholds: Thresholds): PreliminaryVerdict {
  const { shares, numbers, evidence } = inputs;
  const standings = (range: Range, without: 'anywhere' | 'unknown'): Standings =>
    standingsOf(inputs, { range, without }, thresholds);
  const now = standings(({ value }) => [value, value], 'unknown');
  const expected = standings(({ low, high }) => [low, high], 'anywhere');
  const possible = standings(({ least, most }) => [least, most], 'anywhere');
  const gates = gateNames.map((gate): PreliminaryGate => {
    const [standing = 'unknown'] = now[gate];
    const firmness = firmnessOf(standing, expected[gate], possible[gate]);
    const canBecome = [standing, ...expected[gate].filter((each) => each !== standing)];
    return {
      ...worded(gate, standing),
      firmness,
      canBecome: canBecome.map((each) => worded(gate, each).verdict),
    };
  });
  const regimes = (of: Standings): RegimeName[] => regimesOf(of, inputs, thresholds);
  const regime = nameRegime({ ...evidence, gates: judged(evidence.gates, gates) }, thresholds).name;
  return {
    ...shares,
    regime,
    firmness: firmnessOf(regime, regimes(expected), regimes(possible)),
    canBecome: [regime, ...regimes(expected).filter((each) => each !== regime)],
    gates,
    numbers: numbers.map((each) => ({ ...each, undecided: isUndecided(each, inputs.errors, thresholds) })),
  };
}

function isUndecided(
  { metric, low, high }: EstimatedNumber,
  errors: ErrorBounds,
  thresholds: Thresholds,
): boolean {
  if (!isVoting(metric)) return false;
  if (low === null || high === null) return true;
  return votesOf(metric, () => ({ low, high, error: errors[metric] ?? null }), thresholds).length > 1;
}

function worded(
  gate: GateName,
  standing: GateStanding,
): Pick<PreliminaryGate, 'gate' | 'standing' | 'verdict'> {
  return { gate, standing, verdict: gateCatalogue[gate].words[standing] };
}

function firmnessOf<Value>(value: Value, expected: readonly Value[], possible: readonly Value[]): Firmness {
  const onlyThis = (values: readonly Value[]): boolean => values.every((each) => each === value);
  if (!onlyThis(expected)) return 'open';
  return onlyThis(possible) ? 'settled' : 'expected';
}

function standingsOf(
  { numbers, errors, rest, evidence }: Inputs,
  { range, without }: { range: Range; without: 'anywhere' | 'unknown' },
  thresholds: Thresholds,
): Standings {
  const ranges: NumberRanges = (metric) => {
    const found = numbers.find((each) => each.metric === metric);
    const [low, high] = found === undefined ? [null, null] : range(found);
    return low === null || high === null ? without : { low, high, error: errors[metric] ?? null };
  };
  const all: Standings = {
    anchor: anchorStandings(ranges, evidence.gates.anchor, thresholds),
    geometry: geometryStandings(ranges, thresholds),
    precision: precisionStandings(ranges, thresholds),
  };
  const is = { anchor: rest.isRead, geometry: rest.isDecomposed, precision: rest.isRead };
  const of = (gate: GateName): GateStanding[] => {
    if (!rest.measures(gate) || (is[gate] && evidence.gates[gate].standing === 'unknown')) return ['unknown'];
    return all[gate];
  };
  return { anchor: of('anchor'), geometry: of('geometry'), precision: of('precision') };
}

/** In every combination of what the gates may become. */
function regimesOf(standings: Standings, { evidence, rest }: Inputs, thresholds: Thresholds): RegimeName[] {
  const found = new Set<RegimeName>();
  const isStill = evidence.unchanged || evidence.rounding !== null;
  if (isStill) found.add(nameRegime(evidence, thresholds).name);
  if (evidence.unchanged && !rest.isRead) found.add('rounding');
  if (isStill && rest.isRead) return [...found];
  for (const anchor of standings.anchor)
    for (const geometry of standings.geometry)
      for (const precision of standings.precision) {
        const gates = {
          anchor: { ...evidence.gates.anchor, standing: anchor },
          geometry: { ...evidence.gates.geometry, standing: geometry },
          precision: { ...evidence.gates.precision, standing: precision },
        };
        found.add(nameRegime({ ...evidence, unchanged: false, rounding: null, gates }, thresholds).name);
      }
  return [...found];
}

/** The gates with the standings that they are estimated to have. */
function judged(gates: GateVerdicts, estimatedGates: readonly PreliminaryGate[]): GateVerdicts {
  const of = (gate: GateName): GateStanding =>
    estimatedGates.find((each) => each.gate === gate)?.standing ?? 'unknown';
  return {
    anchor: { ...gates.anchor, standing: of('anchor') },
    geometry: { ...gates.geometry, standing: of('geometry') },
    precision: { ...gates.precision, standing: of('precision') },
  };
}
