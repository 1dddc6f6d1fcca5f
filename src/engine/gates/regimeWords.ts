// The second and third sentence of a regime: what a random update of the same size would show beside what this one shows, and
// whether config or log name a kind of training that leaves such a footprint.
import { formatShare } from '../../shared/text/format.ts';
import type { LogSeries, TrainingConfig, TrainingEvidence } from '../../shared/report/training.ts';
import type { BeyondReading, GateVerdicts, RegimeName } from '../../shared/report/verdicts.ts';
import { wordList } from '../../shared/text/wordList.ts';

/** "A random update of this size would leave 45.6 % unchanged and the same masks; this one …"; null where no null is known. */
export function beyondSizeSentence({ geometry, precision }: GateVerdicts): string | null {
  const readings = [...(precision.beyondSize?.readings ?? []), ...(geometry.beyondSize?.readings ?? [])];
  const of = (metric: string): BeyondReading | null =>
    readings.find((each) => each.metric === metric && each.word !== 'unknown') ?? null;
  const sparsity = of('sparsityBf16');
  const masks = [of('principalLift'), of('lowMagnitudeLift')].filter((each) => each !== null);
  const sameMasks = masks.length > 0 && masks.every(({ word }) => word === 'as random');
  const would = [
    ...(sparsity === null ? [] : [`leave ${formatShare(sparsity.expected)} unchanged`]),
    ...(sameMasks ? [sparsity === null ? 'fall on the same masks' : 'the same masks'] : []),
  ];
  const rotation = of('rotationMeanDeg');
  const drift = of('spectralDriftTopK');
  const energy = of('principalEnergy');
  const [principal, low] = [of('principalLift'), of('lowMagnitudeLift')];
  const does = [
    times(rotation, (ratio) => `turns the leading subspaces ${ratio} as far`),
    times(drift, (ratio) => `moves the leading singular values ${ratio} as far`),
    times(energy, (ratio) => `puts ${ratio} as much energy into the leading subspaces`),
    times(principal, (ratio) => `changes principal weights ${ratio} as often`),
    times(low, (ratio) => `changes low-magnitude weights ${ratio} as often`),
  ].filter((each) => each !== null);
  if (would.length === 0 && does.length === 0) return null;
  const known = [rotation, drift, energy].some((each) => each !== null);
  const left =
    does.length > 0
      ? `this one ${wordList(does)}`
      : known
        ? 'in rotation, spectrum and energy this one is no different'
        : 'how it turns the leading subspaces is not known here';
  if (would.length === 0) return `Beside a random update of this size, ${left}.`;
  return `A random update of this size would ${would.join(' and ')}; ${left}.`;
}

/** What config or log say of the kind of training, and whether published runs of that kind leave such a footprint. */
export function evidenceSentence(
  regime: RegimeName,
  { config, logs }: Pick<TrainingEvidence, 'config' | 'logs'>,
): string {
  const kind = config === null || config.kind === 'unknown' ? kindOfLogs(logs) : config.kind;
  if (kind === null)
    return 'Neither a config nor a log beside the checkpoint says what kind of training it was.';
  const said = config === null || config.kind === 'unknown' ? logSays : `The config says ${named(config)}`;
  if (kind === 'rl' && regime === 'sft-range')
    return `${said}: published runs of that kind leave another footprint.`;
  if (kind === 'sft' && regime === 'rlvr-range') {
    return `${said}: published runs of that kind leave another footprint, unless their steps were few or small.`;
  }
  const agrees = (kind === 'rl' && regime === 'rlvr-range') || (kind === 'sft' && regime === 'sft-range');
  return agrees ? `${said}, which agrees.` : `${said}.`;
}

const logSays = 'The log holds rewards, as reinforcement learning writes them';

const kinds: Readonly<Record<TrainingConfig['kind'], string>> = {
  rl: 'reinforcement learning',
  sft: 'supervised fine-tuning',
  preference: 'preference training',
  pretrain: 'pretraining',
  unknown: 'nothing',
};

/** "GRPO (TRL)", by the algorithm where the config names it. */
function named({ entries, framework, kind }: TrainingConfig): string {
  const algorithm = entries.find((entry) => entry.concept === 'algorithm')?.value;
  const name = typeof algorithm === 'string' && algorithm !== '' ? algorithm : kinds[kind];
  const words = /^[a-z]{2,6}$/u.test(name) ? name.toUpperCase() : name;
  return framework === '' ? words : `${words} (${framework})`;
}

function kindOfLogs(logs: readonly LogSeries[]): TrainingConfig['kind'] | null {
  return logs.some(({ signal }) => signal === 'reward') ? 'rl' : null;
}

/** A reading that is not as random, as "0.75 ×", with the digits of its multiple elsewhere; null for any other. */
function times(found: BeyondReading | null, words: (ratio: string) => string): string | null {
  if (found === null || found.word === 'as random' || found.ratio === null) return null;
  return words(`${found.ratio.toFixed(2)} ×`);
}
