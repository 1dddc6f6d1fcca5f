// What a folder holds, judged by the names in it alone: the same precedence as transformers' from_pretrained, then
// what other writers leave.

export type FolderContent =
  | { kind: 'single'; file: string; ignored: string[] }
  | { kind: 'indexed'; index: string }
  /** Shards named x-00001-of-0000K without an index; `missing` are the names that the series lacks. */
  | { kind: 'series'; files: string[]; missing: string[] }
  | { kind: 'combined'; files: string[] }
  | { kind: 'adapter' }
  /** One state dict of torch.save, or one cut over an index's files. */
  | { kind: 'torch'; file: string }
  | { kind: 'torchIndexed'; index: string }
  /** One file per process of an FSDP run, as verl writes them; `missing` are the names that the set lacks. */
  | { kind: 'ranks'; worlds: number[]; files: string[]; missing: string[] }
  /** Other files that torch.save may have written, or not. */
  | { kind: 'pickle'; files: string[] }
  | { kind: 'none' };

const singleName = 'model.safetensors';
const indexName = 'model.safetensors.index.json';
const seriesPattern = /^(.+)-(\d{5})-of-(\d{5})\.(safetensors|bin)$/;
const torchName = 'pytorch_model.bin';
const torchIndexName = 'pytorch_model.bin.index.json';
const rankPattern = /^model_world_size_(\d{1,5})_rank_\d{1,5}\.pt$/;
const picklePattern =
  /^(?!training_args|optimizer|scheduler|rng_state|scaler).+\.(?:bin|pt|pth|ckpt|distcp)$/;

/** `names` sorted, as FileSystem.list gives them. */
export function classifyFolder(names: readonly string[]): FolderContent {
  const weights = names.filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'));
  if (weights.includes(singleName)) {
    return { kind: 'single', file: singleName, ignored: weights.filter((name) => name !== singleName) };
  }
  const indexes = names.filter((name) => name.endsWith('.safetensors.index.json') && !name.startsWith('.'));
  const index = indexes.includes(indexName) ? indexName : indexes[0];
  if (index !== undefined) return { kind: 'indexed', index };
  if (names.some((name) => name === 'adapter_config.json' || name === 'adapter_model.safetensors')) {
    return { kind: 'adapter' };
  }
  const series = findSeries(weights);
  if (series !== null) return series;
  const [first] = weights;
  if (first !== undefined) {
    return weights.length === 1
      ? { kind: 'single', file: first, ignored: [] }
      : { kind: 'combined', files: weights };
  }
  const ranks = findRanks(names);
  if (ranks !== null) return ranks;
  if (names.includes(torchIndexName)) return { kind: 'torchIndexed', index: torchIndexName };
  if (names.includes(torchName)) return { kind: 'torch', file: torchName };
  const torchSeries = findSeries(names.filter((name) => name.startsWith('pytorch_model-')));
  if (torchSeries !== null) return torchSeries;
  const pickles = names.filter((name) => picklePattern.test(name));
  return pickles.length === 0 ? { kind: 'none' } : { kind: 'pickle', files: pickles };
}

function findSeries(weights: readonly string[]): FolderContent | null {
  const all = weights.flatMap((name) => {
    const match = seriesPattern.exec(name);
    return match === null ? [] : [{ stem: match[1] ?? '', total: match[3] ?? '', ending: match[4] ?? '' }];
  });
  const chosen = all.find(({ stem }) => stem === 'model') ?? all[0];
  if (chosen === undefined) return null;
  const expected = Array.from({ length: Number(chosen.total) }, (_, number) => {
    const serial = String(number + 1).padStart(5, '0');
    return `${chosen.stem}-${serial}-of-${chosen.total}.${chosen.ending}`;
  });
  const files = expected.filter((name) => weights.includes(name));
  if (files.length === 0) return null;
  return {
    kind: 'series',
    files,
    missing: expected.filter((name) => !weights.includes(name)),
  };
}

function findRanks(names: readonly string[]): FolderContent | null {
  const matches = names.map((name) => rankPattern.exec(name)).filter((match) => match !== null);
  const worlds = [...new Set(matches.map((match) => Number(match[1])))];
  const [world] = worlds;
  if (world === undefined) return null;
  const expected = Array.from({ length: world }, (_, rank) => `model_world_size_${world}_rank_${rank}.pt`);
  const files = expected.filter((name) => names.includes(name));
  return { kind: 'ranks', worlds, files, missing: expected.filter((name) => !names.includes(name)) };
}

/** A file that torch.save may have written, by its name. */
export function isTorchName(name: string): boolean {
  return picklePattern.test(name);
}

/** The number of shards that a file's own name speaks of; null when it speaks of none. */
export function shardCountInName(name: string): number | null {
  const match = seriesPattern.exec(name);
  return match === null ? null : Number(match[3]);
}
