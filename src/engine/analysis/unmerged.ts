// What keeps "equal" from being the whole answer: updates of an adapter that could not be applied, factors without effect,
// and adapters that lie unmerged beside weights that are the base's. All of it goes into the regime's sentence, which every
// surface shows.
import { problem, type Problem } from '../../shared/errors.ts';
import { formatCount } from '../../shared/format.ts';
import type { NotCompared } from '../../shared/report.ts';
import type { Regime } from '../../shared/verdicts.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { relativePath } from '../checkpoint/locateCheckpoint.ts';

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
    const what =
      refused.length === 1
        ? 'what the adapter changes in 1 tensor could not be applied'
        : `what the adapter changes in ${formatCount(refused.length)} tensors could not be applied`;
    const why = `${what}, so that it is not known: ${first.reason.message}`;
    const sentence =
      regime.name === 'unchanged' ? `No regime can be named: ${why}` : `${regime.sentence} Also, ${why}`;
    return { name: 'inconclusive', sentence };
  }
  if (regime.name !== 'unchanged') return regime;
  const causes = problems.filter(({ code }) => code === 'adapter-no-effect' || code === 'adapter-inside');
  return { ...regime, sentence: [regime.sentence, ...causes.map(({ message }) => message)].join(' ') };
}
