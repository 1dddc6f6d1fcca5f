// Which stack of layers a tensor belongs to, by the names of its whole checkpoint. The language model's own stack, or the
// only one there is, has no name; every other one (MTP head, talker, encoder, vision tower …) is a container of its own.
import type { LayerId } from '../../shared/report/layers.ts';
import type { ModuleKind } from '../../shared/report/moduleKinds.ts';
import { compareNaturally } from '../files/naturalOrder.ts';
import { canonicalSegments, moduleKind } from './tensorNames.ts';

export interface Place extends LayerId {
  module: ModuleKind;
}

/** Segments that do not tell stacks apart. */
const neutral = new Set(
  'model language_model lm llm transformer gpt_neox backbone module base_model pretrained_model'.split(' '),
);

/** What people call the stacks that writers name in many ways. */
const stackNames = new Map(
  (
    [
      ['thinker', 'thinker'],
      ['encoder', 'encoder'],
      ['decoder', 'decoder'],
      ['text', 'text text_model text_encoder text_tower'],
      ['vision', 'visual vision vision_tower vision_model vision_encoder image_encoder img_processor vpm'],
      ['audio', 'audio audio_tower audio_encoder audio_model speech_encoder apm'],
      ['talker', 'talker'],
      ['code predictor', 'code_predictor'],
      ['codec', 'token2wav code2wav'],
      ['draft', 'draft draft_model eagle'],
      ['mtp', 'mtp nextn nextn_predict mtp_block'],
    ] as const
  ).flatMap(([name, segments]) => segments.split(' ').map((segment) => [segment, name] as const)),
);
/** Reading order; a stack that is not known comes between the main ones and the towers. */
const order = [...new Set(stackNames.values())];
const unknownRank = order.indexOf('vision') - 0.5;

/** Modules that only a multi-token-prediction head has, which DeepSeek and GLM store as one more layer of the model. */
const predictionParts = new Set(['eh_proj', 'enorm', 'hnorm', 'shared_head']);
const layerSegment = /^(?:(\w+)_)?(?:layers?|blocks?)$|^h$/;

interface Address {
  /** Segments that name the stack. */
  path: string[];
  layer: number | null;
  isPrediction: boolean;
}

/** Where every one of a checkpoint's tensors lies. */
export function placesOf(names: Iterable<string>): Map<string, Place> {
  const addresses = new Map([...names].map((name) => [name, addressOf(name)]));
  const stacks = nameStacks([...addresses.values()]);
  const predicting = new Set(
    [...addresses.values()].flatMap((address) => (address.isPrediction ? layerOfPath(address) : [])),
  );
  return new Map(
    [...addresses].map(([name, address]) => {
      const stack = containerOf(address, stacks);
      const isMtp =
        address.layer !== null && predicting.has(layerOfPath(address)) && stack?.endsWith('mtp') !== true;
      const container = isMtp ? [...(stack === null ? [] : [stack]), 'mtp'].join(' ') : stack;
      return [name, { container, layer: address.layer, module: moduleKind(name) }];
    }),
  );
}

/** Main stacks first, auxiliary ones after. */
export function compareStacks(a: string | null, b: string | null): number {
  return rankOf(a) - rankOf(b) || compareNaturally(a ?? '', b ?? '');
}

function rankOf(container: string | null): number {
  if (container === null) return -1;
  const known = order.filter((name) => ` ${container} `.includes(` ${name} `));
  return known.reduce(
    (rank, name) => Math.max(rank, order.indexOf(name)),
    known.length === 0 ? unknownRank : -1,
  );
}

function addressOf(name: string): Address {
  const segments = canonicalSegments(name.toLowerCase());
  for (let index = 1; index < segments.length; index += 1) {
    const number = segments[index] ?? '';
    const container = layerSegment.exec(segments[index - 1] ?? '');
    if (container === null || !/^\d+$/.test(number)) continue;
    const path = [...segments.slice(0, index - 1), ...(container[1] === undefined ? [] : [container[1]])];
    return {
      path: path.filter((segment) => !neutral.has(segment)),
      layer: Number(number),
      isPrediction: predictionParts.has(segments[index + 1] ?? ''),
    };
  }
  // Outside the layers only words that are known to name a stack do so.
  return { path: segments.filter((segment) => stackNames.has(segment)), layer: null, isPrediction: false };
}

function layerOfPath({ path, layer }: Address): string {
  return `${path.join('.')} ${layer ?? ''}`;
}

interface Stacks {
  /** Every stack's name by its path; null for the main one. */
  names: ReadonlyMap<string, string | null>;
  /** The same by what the path says, where only one stack says it. */
  byWords: ReadonlyMap<string, string | null>;
}

function nameStacks(addresses: readonly Address[]): Stacks {
  const layered = addresses.filter(({ layer }) => layer !== null);
  const paths = new Map(layered.map(({ path }) => [path.join('.'), path]));
  const names = new Map<string, string | null>();
  for (const say of [shortName, fullName, (path: readonly string[]) => path.join('.')]) {
    const taken = occurrences(names.values());
    for (const [key, path] of paths) {
      const name = names.get(key);
      if (name === undefined || (taken.get(name) ?? 0) > 1) names.set(key, key === '' ? null : say(path));
    }
  }
  const words = occurrences([...paths.values()].map(shortName));
  const main = mainOf([...names.values()]);
  for (const [key, name] of names) if (name === main) names.set(key, null);
  const byWords = new Map<string, string | null>();
  for (const [key, path] of paths) {
    const said = shortName(path);
    if (said !== null && words.get(said) === 1) byWords.set(said, names.get(key) ?? null);
  }
  return { names, byWords };
}

function occurrences<Key>(keys: Iterable<Key>): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The stack that is the model itself: the one without a name, the only one, or the only one of text. */
function mainOf(names: readonly (string | null)[]): string | null {
  if (names.includes(null)) return null;
  const [only, ...more] = names;
  if (only !== undefined && more.length === 0) return only;
  const [text, ...texts] = names.filter((name) => textStacks.has(name ?? ''));
  return text !== undefined && texts.length === 0 ? text : null;
}

const textStacks = new Set(['text', 'encoder', 'decoder']);

/** `vision_tower.vision_model.encoder` is "vision"; null for the path of no stack. */
function shortName(path: readonly string[]): string | null {
  const telling = path.filter((segment) => segment !== 'encoder' && segment !== 'decoder');
  return fullName(telling.length === 0 ? path : telling);
}

function fullName(path: readonly string[]): string | null {
  const words = path.map((segment) => stackNames.get(segment) ?? segment);
  return path.length === 0 ? null : [...new Set(words)].join(' ');
}

function containerOf({ path, layer }: Address, { names, byWords }: Stacks): string | null {
  const exact = names.get(path.join('.'));
  if (exact !== undefined || layer !== null) return exact ?? null;
  // Outside the layers: with the stack that says the same words, or apart where none does.
  const said = shortName(path);
  if (said === null) return null;
  const own = byWords.get(said);
  return own === undefined && !textStacks.has(said) ? said : (own ?? null);
}
