// The tools that read headers alone: `inspect_checkpoint` and `list_checkpoints`.
import { describeCheckpoint, findCheckpoints } from '../node/disk/knownCheckpoints.ts';
import { checkpointAnswer, cut, cutOrNull, fitting, problemTexts } from './parts.ts';
import type { ToolResult, ToolServices } from './services.ts';
import type { ToolInputs } from './toolInput.ts';
import { inspectWords, listWords } from './words.ts';

const tensorsAtOnce = 30;
const checkpointsAtOnce = 15;
/** Of JSON, for the rows of one answer. */
const listBytes = 6000;

export async function inspectCheckpoint(
  { admit, createEngine }: ToolServices,
  { checkpoint, match, offset = 0 }: ToolInputs['inspect_checkpoint'],
): Promise<ToolResult<'inspect_checkpoint'>> {
  const path = await admit(checkpoint);
  const client = createEngine();
  try {
    const { info, tensors, problems } = await client.inspect(path);
    const pattern = match === undefined ? null : new RegExp(match, 'u');
    const matching = tensors.filter(({ name }) => pattern?.test(name) !== false);
    const rows = matching
      .slice(offset, offset + tensorsAtOnce)
      .map(({ name, dtype, shape, bytes }) => ({ name: cut(name), dtype, shape, bytes }));
    const shown = fitting(rows, listBytes);
    const end = offset + shown.length;
    const answer = {
      checkpoint: checkpointAnswer(info),
      architecture: cutOrNull(info.architecture),
      namedBase: cutOrNull(info.namedBase?.name ?? null),
      files: info.files.length,
      tensorsMatching: matching.length,
      tensorsInAll: tensors.length,
      tensors: shown,
      nextOffset: end < matching.length ? end : null,
      problems: problemTexts(problems),
    };
    return { answer, words: inspectWords(answer), attachments: [] };
  } finally {
    client.dispose();
  }
}

export async function listCheckpoints(
  { admit, files, folders }: ToolServices,
  { folder, offset = 0 }: ToolInputs['list_checkpoints'],
): Promise<ToolResult<'list_checkpoints'>> {
  const searched = folder === undefined ? [...folders] : [await admit(folder)];
  const found = await findCheckpoints(searched, { files, adapters: true });
  // What lies in the cache of the Hub counts where it may be read.
  const described = await Promise.all(found.map(async ({ path }) => describeCheckpoint(path, files)));
  const known = described.filter((info) => info !== null);
  const rows = known
    .slice(offset, offset + checkpointsAtOnce)
    .map((info) => ({ ...checkpointAnswer(info), namedBase: cutOrNull(info.namedBase?.name ?? null) }));
  const shown = fitting(rows, listBytes);
  const end = offset + shown.length;
  const answer = {
    folders: searched,
    checkpoints: shown,
    checkpointsInAll: known.length,
    nextOffset: end < known.length ? end : null,
  };
  return { answer, words: listWords(answer), attachments: [] };
}
