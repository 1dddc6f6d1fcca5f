// A regime that rests on a sample says so wherever its headline or its sentence stands, and where the sample leaves open on
// which side of a limit a number lies.
import type { Coverage } from '../../shared/report/report.ts';
import type { SampleEstimate, SampleReport } from '../../shared/report/sample.ts';
import type { GateVerdicts, Regime } from '../../shared/report/verdicts.ts';
import { lowerFirst } from '../../shared/text/format.ts';
import { sampleSentence, undecidedSentence } from '../../shared/text/sampleText.ts';
import type { SampleDesign } from './sampleDesign.ts';
import type { SampleEstimates } from './sampleEstimates.ts';

export function sampleReport(sample: SampleEstimates, gates: GateVerdicts): SampleReport {
  const { share, seed, strata } = sample.design;
  const estimates = sample.estimates();
  const kinds = strata.map(({ module, container, tensors, elements, drawn, drawnElements }) => {
    return { module, container, tensors, elements, drawn, drawnElements };
  });
  return { share, seed, kinds, estimates, undecided: undecidedLimits(estimates, gates) };
}

/** Limits strictly within an interval. */
function undecidedLimits(
  estimates: readonly SampleEstimate[],
  { anchor, geometry, precision }: GateVerdicts,
): SampleReport['undecided'] {
  const readings = [anchor, geometry, precision].flatMap((gate) => gate.readings);
  return readings.flatMap(({ metric, threshold }) => {
    const { low = null, high = null } = estimates.find((each) => each.metric === metric) ?? {};
    if (low === null || high === null) return [];
    const limits = [...new Set([threshold.holds, threshold.broken])];
    return limits.filter((limit) => low < limit && limit < high).map((limit) => ({ metric, limit }));
  });
}

export function sampledRegime(regime: Regime, sample: SampleReport): Regime {
  const { headline, sentence } = regime;
  return {
    ...regime,
    headline: `Sampled: ${lowerFirst(headline)}`,
    sentence: [sentence, sampleSentence(sample), undecidedSentence(sample)]
      .filter((part) => part !== null)
      .join(' '),
    sampled: true,
  };
}

/**
 * Share of the parameters that a regime speaks for: what was compared of the sample, times what the sample stands for of all
 * but the kinds it could not draw from.
 */
export function coverageOfSample({ elements, compared }: Coverage, { strata }: SampleDesign): number {
  const sum = (of: (stratum: SampleDesign['strata'][number]) => number): number =>
    strata.reduce((total, stratum) => total + of(stratum), 0);
  const drawn = sum((stratum) => stratum.drawnElements);
  const stoodFor = sum((stratum) => (stratum.drawn > 0 ? stratum.elements : 0));
  const apart = sum((stratum) => (stratum.drawn > 0 ? 0 : stratum.elements));
  return drawn === 0 || elements === apart ? 0 : (compared / drawn) * (stoodFor / (elements - apart));
}
