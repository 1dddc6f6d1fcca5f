// Short names and training steps, read from paths.

const genericFile = /\/(?:model|consolidated)\.safetensors(?:\.index\.json)?$/;
/** Where trainers put the Hugging Face copy inside their own checkpoint folder; says nothing about which one it is. */
const trainerPlace = /\/(?:(?:actor|policy)\/)?(?:model\/)?(?:huggingface|hf)$/;
/** Segments that say nothing without the one before them. */
const genericFolder =
  /^(?:actor|policy|model|merged|final|weights|output|(?:checkpoint|global_step|step|iter|epoch|ckpt)[-_]?\d+|.+-\d{5}-of-\d{5}\.safetensors)$/i;
const stepFolder = /^(?:checkpoint|global_step|global-step|step|iter|ckpt)[-_]?(\d+)$/i;

function segmentsOf(path: string): string[] {
  return path.split(/[/\\]/).filter((segment) => segment !== '');
}

/** The last path segments that tell a checkpoint apart: `grpo/checkpoint-100`; a repository id at the Hub and inside its cache. */
export function checkpointLabel(path: string): string {
  const telling = path
    .replaceAll('\\', '/')
    .replace(/\/+$/, '')
    .replace(genericFile, '')
    .replace(trainerPlace, '');
  const hub = /^hf:\/\/([^@/]+\/[^@/]+)(?:@([^/]+))?(\/.*)?$/.exec(telling);
  if (hub !== null) {
    const [, model = '', revision = 'main', inside = ''] = hub;
    return `${model}${revision === 'main' ? '' : `@${revision}`}${inside}`;
  }
  const segments = segmentsOf(telling);
  const repository = segments.findLastIndex((segment) => segment.startsWith('models--'));
  if (repository >= 0 && segments.length - repository <= 3) {
    return (segments[repository] ?? '').slice('models--'.length).replace('--', '/');
  }
  let first = segments.length - 1;
  while (first > 0 && genericFolder.test(segments[first] ?? '')) first -= 1;
  const label = segments.slice(first).join('/');
  return label === '' ? path : label;
}

/** The step that the nearest folder name speaks of, as in `checkpoint-500` or `global_step_40/actor/huggingface`. */
export function stepInPath(path: string): number | null {
  for (const segment of segmentsOf(path).slice(-4).reverse()) {
    const step = stepFolder.exec(segment)?.[1];
    if (step !== undefined) return Number(step);
  }
  return null;
}
