// The flags of `three-gate mask` as a request. A flag that the kind of mask has no use for, or that contradicts another, is
// a usage error that says what would make sense: a mask must never be another one than was meant.
import { resolve } from 'node:path';
import { checkpointPath } from '../../node/disk/checkpointPath.ts';
import { remoteLimit } from '../sharedOptions.ts';
import type { MaskRequest } from '../../shared/protocol/engineProtocol.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import {
  budgetKinds,
  budgetsOf,
  presetSettings,
  type BudgetKind,
  type MaskKind,
  type MaskPreset,
  type MaskSpec,
} from '../../shared/report/maskReport.ts';
import type { GemmChoice } from '../../shared/options/options.ts';
import { defaultOptions } from '../../shared/options/catalogue.ts';
import type { ModuleKind } from '../../shared/report/moduleKinds.ts';

/** As commander parses them. */
export interface MaskFlags {
  out: string;
  kind: MaskKind;
  preset?: MaskPreset;
  rank?: number;
  alpha?: number;
  alphaPrincipal?: number;
  alphaLow?: number;
  match?: string;
  exclude?: ModuleKind[];
  tuned?: string;
  like?: string;
  likeUpdate?: string;
  seed?: number;
  json?: string;
  engine: GemmChoice;
  threads?: number;
  yes?: boolean;
  quiet?: boolean;
}

type Limited = 'preset' | 'rank' | 'alpha' | 'alphaPrincipal' | 'alphaLow' | 'like' | 'likeUpdate' | 'seed';

const names: Readonly<Record<Limited | 'exclude', string>> = {
  preset: '--preset',
  rank: '--rank',
  alpha: '--alpha',
  alphaPrincipal: '--alpha-principal',
  alphaLow: '--alpha-low',
  exclude: '--exclude',
  like: '--like',
  likeUpdate: '--like-update',
  seed: '--seed',
};

const kindsWith = (budget: 'principal' | 'low'): BudgetKind[] =>
  budgetKinds.filter((kind) => budgetsOf[kind].includes(budget));

/** The kinds that a flag means something to. */
const meant: Readonly<Record<Limited, readonly MaskKind[]>> = {
  preset: budgetKinds,
  rank: budgetKinds,
  alpha: budgetKinds,
  alphaPrincipal: kindsWith('principal'),
  alphaLow: kindsWith('low'),
  like: ['random'],
  likeUpdate: ['random'],
  seed: ['random'],
};

/** What a preset decides. */
const preset = ['alpha', 'alphaPrincipal', 'alphaLow', 'exclude'] as const;

/** Rejects with `usage`, or as `checkpointPath` does. */
export async function maskRequest(base: string, flags: MaskFlags): Promise<MaskRequest> {
  refuseMeaningless(flags);
  const { out, tuned, match, exclude, engine, threads } = flags;
  const mask = await specOf(flags);
  const outPath = resolve(out);
  const basePath = await checkpointPath(base);
  const tunedPath = tuned === undefined || mask.kind === 'update' ? null : await checkpointPath(tuned);
  const followed = mask.kind === 'random' ? mask.like.path : mask.kind === 'update' ? mask.tunedPath : null;
  if ([basePath, tunedPath, followed].includes(outPath)) {
    throw new ThreeGateError('usage', `--out ${out} would overwrite what is read: name another file.`);
  }
  return {
    basePath,
    outPath,
    tunedPath,
    mask,
    eta: defaultOptions.eta,
    match: match ?? null,
    exclude: exclude ?? (flags.preset === undefined ? [] : presetSettings[flags.preset].exclude),
    engine,
    threads: threads ?? null,
    remoteLimitBytes: remoteLimit(flags),
  };
}

function refuseMeaningless(flags: MaskFlags): void {
  const { kind } = flags;
  for (const flag of Object.keys(meant) as Limited[]) {
    if (flags[flag] === undefined || meant[flag].includes(kind)) continue;
    const where = meant[flag].join(' or ');
    throw new ThreeGateError('usage', `${names[flag]} means nothing to --kind ${kind}, only to ${where}.`);
  }
  const twice = flags.preset === undefined ? undefined : preset.find((flag) => flags[flag] !== undefined);
  if (twice !== undefined && flags.preset !== undefined) {
    const why = `--preset ${flags.preset} decides ${names[twice]} itself: leave out one of the two.`;
    throw new ThreeGateError('usage', why);
  }
}

async function specOf(flags: MaskFlags): Promise<MaskSpec> {
  const { kind, like, likeUpdate, tuned } = flags;
  if (kind === 'update') {
    if (tuned === undefined)
      throw new ThreeGateError(
        'usage',
        '--kind update is what a tuned checkpoint changed: name it with --tuned.',
      );
    return { kind, tunedPath: await checkpointPath(tuned) };
  }
  if (kind === 'random') {
    if (like !== undefined && likeUpdate !== undefined) {
      throw new ThreeGateError(
        'usage',
        '--like and --like-update contradict each other: leave out one of them.',
      );
    }
    const path = like ?? likeUpdate;
    if (path === undefined) {
      throw new ThreeGateError(
        'usage',
        '--kind random must know how dense to be: name a mask file with --like, or a tuned checkpoint with --like-update.',
      );
    }
    const what = like === undefined ? 'update' : 'mask';
    return {
      kind,
      like: { what, path: await checkpointPath(path) },
      seed: flags.seed ?? defaultOptions.seed,
    };
  }
  const both = flags.preset === undefined ? null : presetSettings[flags.preset];
  const alpha = flags.alpha ?? defaultOptions.alpha;
  return {
    kind,
    rank: flags.rank ?? defaultOptions.rank,
    alphaPrincipal: flags.alphaPrincipal ?? both?.alphaPrincipal ?? alpha,
    alphaLow: flags.alphaLow ?? both?.alphaLow ?? alpha,
    preset: flags.preset ?? null,
  };
}
