// What a folder holds, judged by the names in it alone: the same precedence as transformers' from_pretrained, then
// what other writers leave.

export type FolderContent =
  | { kind: 'single'; file: string; ignored: string[] }
  | { kind: 'indexed'; index: string }
  /** Shards named x-00001-of-0000K without an index; `missing` are the names that the series lacks. */
  | { kind: 'series'; files: string[]; missing: string[] }
  | { kind: 'combined'; files: string[] }
  /** One file per process of a torch distributed checkpoint in safetensors: each holds slices of the tensors. */
  | { kind: 'slices'; files: string[]; missing: string[] }
  | { kind: 'adapter' }
  /** One state dict of torch.save, or one cut over an index's files. */
  | { kind: 'torch'; file: string }
  | { kind: 'torchIndexed'; index: string }
  /** One file per process of an FSDP run, as verl writes them; `missing` are the names that the set lacks. */
  | { kind: 'ranks'; worlds: number[]; files: string[]; missing: string[] }
  /** Files of DeepSpeed: whole weights, weights that ZeRO-3 emptied, layers or experts of their own, optimizer states. */
  | { kind: 'deepspeed'; whole: string[]; emptied: string[]; parts: string[]; optimizer: string[] }
  /** A torch distributed checkpoint: chunks of tensors, and which chunk is where. */
  | { kind: 'distributed'; files: string[]; metadata: boolean }
  /** Other files that torch.save may have written, or not. */
  | { kind: 'pickle'; files: string[] }
  /** Weights in a format that is not read, by the ending of its files. */
  | { kind: 'foreign'; ending: 'gguf' | 'npz'; files: string[] }
  | { kind: 'none' };

const singleName = 'model.safetensors';
const indexName = 'model.safetensors.index.json';
const seriesPattern = /^(.+)-(\d{5})-of-(\d{5})\.(safetensors|bin)$/;
const torchName = 'pytorch_model.bin';
const torchIndexName = 'pytorch_model.bin.index.json';
const rankPattern = /^model_world_size_(\d{1,5})_rank_\d{1,5}\.pt$/;
const slicePattern = /^shard-(\d{5})-(model-\d{5}-of-\d{5}\.safetensors)$/;
const deepspeedPattern = /^(?:(zero_pp_rank_\d+_)?mp_rank_\d+|(layer_\d+.*|expert_\d+.*))_model_states\.pt$/;
const pipelinePattern = /^layer_\d+-model_\d+-model_states\.pt$/;
const optimizerPattern = /^.*(?:zero_pp_rank_\d+_mp_rank_\d+|mp_rank_\d+)_optim_states\.pt$/;
const picklePattern = /^(?!training_args|optimizer|scheduler|rng_state|scaler).+\.(?:bin|pt|pth|ckpt)$/;

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
  const slices = findSlices(weights);
  if (slices !== null) return slices;
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
  const chunks = names.filter((name) => name.endsWith('.distcp'));
  if (chunks.length > 0) return { kind: 'distributed', files: chunks, metadata: names.includes('.metadata') };
  const deepspeed = findDeepspeed(names);
  if (deepspeed !== null) return deepspeed;
  const pickles = names.filter((name) => picklePattern.test(name));
  if (pickles.length > 0) return { kind: 'pickle', files: pickles };
  for (const ending of ['gguf', 'npz'] as const) {
    const files = names.filter((name) => name.endsWith(`.${ending}`) && !name.startsWith('.'));
    if (files.length > 0) return { kind: 'foreign', ending, files };
  }
  return { kind: 'none' };
}

function findSlices(weights: readonly string[]): FolderContent | null {
  const matches = weights.map((name) => slicePattern.exec(name)).filter((match) => match !== null);
  if (matches.length === 0) return null;
  const files = matches.map(([name]) => name);
  // Every process up to the last one that is there has written the same set of files, or nothing that is named.
  const last = Math.max(...matches.map((match) => Number(match[1])));
  const processes = new Set(matches.map((match) => Number(match[1])));
  const [ending = ''] = matches.map((match) => match[2] ?? '');
  const missing = Array.from({ length: last }, (_, index) => index + 1)
    .filter((process) => !processes.has(process))
    .map((process) => `shard-${String(process).padStart(5, '0')}-${ending}`);
  return { kind: 'slices', files, missing };
}

function findDeepspeed(names: readonly string[]): FolderContent | null {
  const states = names.map((name) => deepspeedPattern.exec(name)).filter((match) => match !== null);
  const pipeline = names.filter((name) => pipelinePattern.test(name));
  const optimizer = names.filter((name) => optimizerPattern.test(name));
  if (states.length + pipeline.length + optimizer.length === 0) return null;
  const named = (wanted: (match: RegExpExecArray) => boolean): string[] =>
    states.filter(wanted).map(([name]) => name);
  return {
    kind: 'deepspeed',
    whole: named((match) => match[1] === undefined && match[2] === undefined),
    emptied: named((match) => match[1] !== undefined),
    parts: [...named((match) => match[2] !== undefined), ...pipeline],
    optimizer,
  };
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

/** A file of a torch distributed checkpoint, or of its slices in safetensors: it means nothing without the others. */
export function isChunkName(name: string): boolean {
  return name.endsWith('.distcp') || name === '.metadata' || slicePattern.test(name);
}

/** DeepSpeed's optimizer states, which hold the parameters of ZeRO-3 in pieces. */
export function isOptimizerStates(name: string): boolean {
  return optimizerPattern.test(name);
}

/** The number of shards that a file's own name speaks of; null when it speaks of none. */
export function shardCountInName(name: string): number | null {
  const match = seriesPattern.exec(name);
  return match === null ? null : Number(match[3]);
}
