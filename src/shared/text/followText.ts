// What is said of a run that is followed while it trains: a gate's word that changed, a limit that broke or holds again.
import { gateNames } from '../options/options.ts';
import type { FollowedStep } from '../report/followedStep.ts';
import { readingSentence } from './limitsTables.ts';
import { gateCatalogue } from './gates.ts';
import { regimeCatalogue } from './regimeText.ts';

/** A step's name within a sentence. */
export function stepName({ step, label }: { step: number | null; label: string }): string {
  return step === null ? label : `step ${step}`;
}

/**
 * What changed against the last step that was measured, each as a sentence without its full stop; the first step's only news
 * are the limits that it breaks.
 */
export function followNews(before: FollowedStep | null, now: FollowedStep): string[] {
  if (now.point.problem !== null) return [];
  return [...wordNews(before, now), ...limitNews(before, now)];
}

function wordNews(before: FollowedStep | null, { point }: FollowedStep): string[] {
  if (before === null) return [];
  const words = gateNames.flatMap((gate, at) => {
    const [was, is] = [before.point.words[at], point.words[at]];
    return was === is ? [] : [`${gateCatalogue[gate].title} is ${is ?? ''}, was ${was ?? ''}`];
  });
  const [was, is] = [before.point.regime, point.regime].map((regime) => regimeCatalogue[regime].title);
  return was === is ? words : [...words, `the run is called "${is ?? ''}", was "${was ?? ''}"`];
}

function limitNews(before: FollowedStep | null, { limits }: FollowedStep): string[] {
  if (limits === null) return [];
  const were = new Set(brokenIn(before).map(({ text }) => text));
  const are = brokenIn({ limits });
  const broke = are
    .filter(({ text }) => !were.has(text))
    .map((limit) => {
      const [reading] = limit.broken;
      const why = reading === undefined ? '' : `: ${readingSentence(limit, reading)}`;
      return `the limit "${limit.text}" is broken${why}`;
    });
  const now = new Set(are.map(({ text }) => text));
  const again = [...were]
    .filter((text) => !now.has(text) && limits.limits.some((limit) => limit.text === text))
    .map((text) => `the limit "${text}" holds again`);
  return [...broke, ...again];
}

function brokenIn(step: Pick<FollowedStep, 'limits'> | null): NonNullable<FollowedStep['limits']>['limits'] {
  return step?.limits?.limits.filter(({ standing }) => standing === 'broken') ?? [];
}
