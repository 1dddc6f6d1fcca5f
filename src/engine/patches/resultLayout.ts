// How the tuned side is cut into files, so that these come back byte by byte: the header of each as it stands there, and the index.
// What is no plain safetensors (PyTorch's files, slices) comes back as one safetensors file with the same tensors.
import type { Restored } from '../../shared/report/patchReport.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import type { FileSystem } from '../files/fileSystem.ts';
import { relativePath } from '../files/naming.ts';
import { isInsideFolder } from '../files/paths.ts';
import {
  maxHeaderBytes,
  parseSafetensorsHeader,
  readHeaderJson,
} from '../formats/safetensors/safetensorsHeader.ts';
import { headerBytes, headerText } from '../formats/safetensors/writeHeader.ts';
import { storedBytes } from '../hashing/storedTensors.ts';

/** Text under a path relative to the folder of the result. */
export interface NamedText {
  path: string;
  text: string;
}

/** A safetensors file by the JSON of its header, padding and all, and its length. */
export interface NamedHeader extends NamedText {
  bytes: number;
}

export interface ResultLayout {
  headers: NamedHeader[];
  /** `*.safetensors.index.json`. */
  index: NamedText | null;
  restores: Restored;
}

export async function layoutOf(
  tuned: Checkpoint,
  stored: ReadonlyMap<string, PlainTensor>,
  files: FileSystem,
): Promise<ResultLayout> {
  const paths = [...new Set([...stored.values()].map(({ file }) => file))];
  const headers: NamedHeader[] = [];
  let tensors = 0;
  for (const path of paths) {
    const name = relativePath(tuned.folder, path);
    const header = isInsideFolder(name) ? await headerOf(path, stored, files) : null;
    if (header === null) return asOneFile(stored);
    const { text, bytes } = header;
    headers.push({ path: name, text, bytes });
    tensors += header.tensors;
  }
  if (tensors !== stored.size) return asOneFile(stored);
  return { headers, index: await indexOf(tuned, files), restores: 'files' };
}

/** Null where the file is something else than the stored tensors that lie in it, one after the other. */
async function headerOf(
  path: string,
  stored: ReadonlyMap<string, PlainTensor>,
  files: FileSystem,
): Promise<{ text: string; bytes: number; tensors: number } | null> {
  if (!path.endsWith('.safetensors')) return null;
  const source = await files.open(path);
  try {
    const json = await readHeaderJson(source);
    const { tensors, unreadable } = parseSafetensorsHeader(path, json, source.size);
    const isOwn = tensors.every(({ name, offset, bytes }) => {
      const own = stored.get(name);
      const isPlain = own?.pieces === undefined && own?.view === undefined;
      return isPlain && own?.file === path && own.offset === offset && own.bytes === bytes;
    });
    if (!isOwn || unreadable.length > 0) return null;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(json);
    return { text, bytes: source.size, tensors: tensors.length };
  } finally {
    await source.close();
  }
}

async function indexOf(tuned: Checkpoint, files: FileSystem): Promise<NamedText | null> {
  const ending = '.safetensors.index.json';
  const given = files.basename(tuned.info.path);
  const names = (await files.list(tuned.folder)).filter((name) => name.endsWith(ending));
  const name = names.includes(given) ? given : names.length === 1 ? names[0] : undefined;
  if (name === undefined) return null;
  return { path: name, text: await files.readText(files.resolve(tuned.folder, name), maxHeaderBytes) };
}

function asOneFile(stored: ReadonlyMap<string, PlainTensor>): ResultLayout {
  const entries = [...stored.values()].map((tensor) => ({ ...tensor, bytes: storedBytes(tensor) }));
  const head = headerBytes(headerText(entries, { format: 'pt' }));
  const text = new TextDecoder().decode(head.subarray(8));
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, head.length);
  return { headers: [{ path: 'model.safetensors', text, bytes }], index: null, restores: 'tensors' };
}
