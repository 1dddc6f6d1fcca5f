// Verdicts for made-up reports, by the default thresholds and the published vote rule, in the report's own shape.
import { formatNumber, formatShare } from '../../src/shared/format.ts';
import { defaultThresholds, type Threshold } from '../../src/shared/options.ts';
import type { Aggregate } from '../../src/shared/report.ts';
import type { GateStanding, GateVerdicts, Reading, Vote } from '../../src/shared/verdicts.ts';

export interface Numbers {
  relativeDrift: number | null;
  kl: number | null;
  spectralDriftTopK: number | null;
  rotationMeanDeg: number | null;
  principalLift: number | null;
  lowMagnitudeLift: number | null;
  sparsityBf16: number | null;
}

const sources: Record<string, string> = {
  relativeDrift: 'default of Three-Gate',
  kl: 'default of Three-Gate, in nats per token',
  spectralDriftTopK: 'default of Three-Gate, with a neutral zone between its genuine RLVR and SFT pairs',
  rotationMeanDeg: 'default of Three-Gate, with a neutral zone between its genuine RLVR and SFT pairs',
  principalLift: 'arXiv 2511.08567: 1 is random, below 1 off the principals',
  lowMagnitudeLift: 'default of Three-Gate, with a neutral zone between its genuine RLVR and SFT pairs',
  sparsityBf16: 'arXiv 2511.08567: lowest RLVR run 0.36, highest SFT run 0.188',
};

export function judgeLike(
  numbers: Numbers,
  reasons: Partial<Record<keyof Aggregate, string>> = {},
): GateVerdicts {
  const anchor = [reading('relativeDrift', numbers.relativeDrift, defaultThresholds.relativeDrift)];
  if (numbers.kl !== null) {
    const limit = defaultThresholds.klNatsPerToken;
    anchor.push(reading('kl', numbers.kl, { holds: limit, broken: limit + 1e-9 }));
  }
  const geometry = (
    ['spectralDriftTopK', 'rotationMeanDeg', 'principalLift', 'lowMagnitudeLift'] as const
  ).map((metric) => reading(metric, numbers[metric], defaultThresholds[metric]));
  const precision = [reading('sparsityBf16', numbers.sparsityBf16, defaultThresholds.sparsityBf16)];
  const count = (vote: Vote): number => geometry.filter((each) => each.vote === vote).length;
  const lead = count('holds') - count('broken');
  const anchorStanding = standingOf(anchor[0]?.vote ?? 'unknown');
  const precisionStanding = standingOf(precision[0]?.vote ?? 'unknown');
  const geometryStanding: GateStanding =
    count('unknown') > 2 ? 'unknown' : lead >= 2 ? 'holds' : lead <= -2 ? 'broken' : 'middle';
  return {
    anchor: {
      gate: 'anchor',
      standing: anchorStanding,
      verdict: ({ holds: 'anchored', middle: 'loose', broken: 'drifting', unknown: 'unknown' } as const)[
        anchorStanding
      ],
      rule:
        anchorStanding === 'unknown'
          ? (reasons.anchor ?? 'Not measured.')
          : `Relative drift ${formatNumber(numbers.relativeDrift)} against 0.0100 and 0.0300.`,
      readings: anchorStanding === 'unknown' ? [] : anchor,
      beyondSize: null,
    },
    geometry: {
      gate: 'geometry',
      standing: geometryStanding,
      verdict: (
        { holds: 'off-principal', middle: 'mixed', broken: 'on-principal', unknown: 'unknown' } as const
      )[geometryStanding],
      rule:
        geometryStanding === 'unknown'
          ? (reasons.geometry ?? 'Not measured.')
          : `Votes: ${count('holds')} off the principals, ${count('broken')} on, ${count('neutral')} neutral; a lead of 2 decides.`,
      readings: geometryStanding === 'unknown' ? [] : geometry,
      beyondSize: null,
    },
    precision: {
      gate: 'precision',
      standing: precisionStanding,
      verdict: ({ holds: 'masked', middle: 'partial', broken: 'dense', unknown: 'unknown' } as const)[
        precisionStanding
      ],
      rule:
        precisionStanding === 'unknown'
          ? (reasons.precision ?? 'Not measured.')
          : `${formatShare(numbers.sparsityBf16)} unchanged in bf16 against 36.0 % and 18.8 %.`,
      readings: precisionStanding === 'unknown' ? [] : precision,
      beyondSize: null,
    },
  };
}

function reading(metric: keyof Numbers, value: number | null, threshold: Threshold): Reading {
  return { metric, value, vote: vote(value, threshold), threshold, source: sources[metric] ?? '' };
}

function vote(value: number | null, { holds, broken }: Threshold): Vote {
  if (value === null) return 'unknown';
  if (holds < broken) return value <= holds ? 'holds' : value >= broken ? 'broken' : 'neutral';
  return value >= holds ? 'holds' : value <= broken ? 'broken' : 'neutral';
}

function standingOf(found: Vote): GateStanding {
  return found === 'neutral' ? 'middle' : found;
}
