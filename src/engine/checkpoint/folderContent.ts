// What a folder holds, judged by the names in it alone: the same precedence as transformers' from_pretrained, then
// what other writers leave.

export type FolderContent =
  | { kind: 'single'; file: string; ignored: string[] }
  | { kind: 'indexed'; index: string }
  /** Shards named x-00001-of-0000K without an index; `missing` are the names that the series lacks. */
  | { kind: 'series'; files: string[]; missing: string[] }
  | { kind: 'combined'; files: string[] }
  | { kind: 'adapter' }
  | { kind: 'pickle'; file: string }
  | { kind: 'none' };

const singleName = 'model.safetensors';
const indexName = 'model.safetensors.index.json';
const seriesPattern = /^(.+)-(\d{5})-of-(\d{5})\.safetensors$/;
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
  const pickle = names.find((name) => picklePattern.test(name));
  return pickle === undefined ? { kind: 'none' } : { kind: 'pickle', file: pickle };
}

function findSeries(weights: readonly string[]): FolderContent | null {
  const all = weights.flatMap((name) => {
    const match = seriesPattern.exec(name);
    return match === null ? [] : [{ stem: match[1] ?? '', total: match[3] ?? '' }];
  });
  const chosen = all.find(({ stem }) => stem === 'model') ?? all[0];
  if (chosen === undefined) return null;
  const expected = Array.from({ length: Number(chosen.total) }, (_, number) => {
    const serial = String(number + 1).padStart(5, '0');
    return `${chosen.stem}-${serial}-of-${chosen.total}.safetensors`;
  });
  const files = expected.filter((name) => weights.includes(name));
  if (files.length === 0) return null;
  return {
    kind: 'series',
    files,
    missing: expected.filter((name) => !weights.includes(name)),
  };
}

/** The number of shards that a file's own name speaks of; null when it speaks of none. */
export function shardCountInName(name: string): number | null {
  const match = seriesPattern.exec(name);
  return match === null ? null : Number(match[3]);
}
