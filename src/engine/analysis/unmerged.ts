// What keeps "equal" from being the whole answer: updates of an adapter that could not be applied, factors without effect,
// and adapters that lie unmerged beside weights that are the base's. All of it goes into the regime's sentence, which every
// surface shows.
import { problem, type Problem, type ProblemCode } from '../../shared/errors.ts';
import { formatCount } from '../../shared/text/format.ts';
import type { NotCompared } from '../../shared/report/report.ts';
import type { Regime } from '../../shared/report/verdicts.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { relativePath } from '../files/naming.ts';

const namedLimit = 3;

/** Problems that only weights equal to the base's raise. */
export function unmergedProblems({ adaptersInside = [], folder, info }: Checkpoint): Problem[] {
  if (adaptersInside.length === 0) return [];
  const places = adaptersInside.map((path) => relativePath(info.path, path));
  const more = places.length > namedLimit ? ` and ${places.length - namedLimit} more` : '';
  const where = places
    .slice(0, namedLimit)
    .map((place) => (place === '.' ? 'the folder itself' : `${place}/`));
  const message = `An adapter that was not merged lies in ${where.join(', ')}${more} (${folder}), and the weights beside it are the base's own: compare the adapter's folder with the base instead, or merge it first.`;
  return [problem('adapter-inside', message, { file: adaptersInside[0] ?? folder })];
}

/** The regime with what the adapter's part in it is. */
export function withUpdates(
  regime: Regime,
  notCompared: readonly NotCompared[],
  problems: readonly Problem[],
): Regime {
  const refused = notCompared.filter(({ refusedUpdate }) => refusedUpdate === true);
  const [first] = refused;
  if (first !== undefined && (regime.name === 'unchanged' || regime.name === 'inconclusive')) {
    const where = refused.length === 1 ? '1 tensor' : `${formatCount(refused.length)} tensors`;
    const why = `what the adapter changes in ${where} could not be applied, so that it is not known: ${first.reason.message}`;
    if (regime.name === 'inconclusive') return { ...regime, sentence: `${regime.sentence} Also, ${why}` };
    const headline = 'No regime can be named';
    return { ...regime, name: 'inconclusive', headline, sentence: `${headline}: ${why}` };
  }
  if (regime.name !== 'unchanged') return regime;
  const causes = problems.filter(({ code }) => code in headlines);
  const [cause] = causes;
  return {
    ...regime,
    headline: cause === undefined ? regime.headline : `${regime.headline}: ${headlines[cause.code] ?? ''}`,
    sentence: [regime.sentence, ...causes.map(({ message }) => message)].join(' '),
  };
}

/** What of a cause fits where a surface shows the headline alone. */
const headlines: Partial<Record<ProblemCode, string>> = {
  'adapter-no-effect': 'the adapter has no effect',
  'adapter-inside': 'an unmerged adapter lies within',
};
