// Folders whose weights are not read as they lie there: each is named for what it is, with the tool that makes whole
// weights of it, in one sentence.
import { ThreeGateError } from '../../shared/errors.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import type { FolderContent } from '../formats/folderContent.ts';
import { quoteList } from '../files/naming.ts';

const zeroScript = 'zero_to_fp32.py';

export function refuseForeign(
  folder: string,
  { ending, files }: Extract<FolderContent, { kind: 'foreign' }>,
): ThreeGateError {
  const [first = ''] = files;
  const what =
    ending === 'gguf'
      ? `GGUF, llama.cpp's format of quantised weights, which is not read: compare the weights that it was made from, or turn it back with transformers' from_pretrained("${folder}", gguf_file="${first}") and save_pretrained`
      : `MLX weights as numpy arrays, which are not read: save them as safetensors with mlx.core.save_safetensors`;
  return new ThreeGateError('not-a-checkpoint', `${folder} holds ${quoteList(files)}: ${what}.`, {
    file: folder,
  });
}

/** A DeepSpeed folder without one file of whole weights. */
export async function refuseDeepspeed(
  fileSystem: FileSystem,
  folder: string,
  { whole, emptied, parts, optimizer }: Extract<FolderContent, { kind: 'deepspeed' }>,
): Promise<ThreeGateError> {
  const refuse = (what: string): ThreeGateError =>
    new ThreeGateError('not-a-checkpoint', `${folder} ${what}.`, { file: folder });
  if (whole.length > 1) {
    return refuse(
      `holds a DeepSpeed checkpoint in ${whole.length} model-parallel parts (${quoteList(whole)}), which are not joined: export it with the tool of the trainer that wrote it`,
    );
  }
  if (parts.length > 0) {
    return refuse(
      `holds a DeepSpeed checkpoint in ${parts.length} files of layers or experts (${quoteList(parts)}), which are not joined: export it with the tool of the trainer that wrote it`,
    );
  }
  const parent = fileSystem.dirname(folder);
  const script = await firstFile(fileSystem, [parent, folder], zeroScript);
  const place = script === null ? parent : fileSystem.dirname(script);
  const pieces = optimizer.length === 0 ? 'files that are missing' : quoteList(optimizer);
  const emptiedSaid = emptied.length === 0 ? '' : `, and ${quoteList(emptied)} only the names`;
  const run = script ?? `DeepSpeed's ${zeroScript}`;
  return refuse(
    `is a DeepSpeed ZeRO checkpoint without whole weights: ${pieces} hold the parameters in pieces${emptiedSaid}; make whole weights with "python ${run} ${place} OUT" and compare OUT`,
  );
}

async function firstFile(
  fileSystem: FileSystem,
  folders: readonly string[],
  name: string,
): Promise<string | null> {
  for (const folder of folders) {
    const path = fileSystem.resolve(folder, name);
    if ((await fileSystem.stat(path))?.kind === 'file') return path;
  }
  return null;
}
