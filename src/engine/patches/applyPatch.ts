// A patch applied to its base: every file of the tuned side is written tensor by tensor and hashed on the way. A base that is not
// the one that the patch was made from is refused by the tensor that differs, and then nothing is left behind.
import { ThreeGateError } from '../../shared/errors.ts';
import type { AppliedReport } from '../../shared/report/patchReport.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import { TensorValues } from '../checkpoint/tensorValues.ts';
import type { BinaryOutput } from '../files/binaryOutput.ts';
import { parseSafetensorsHeader, readSafetensorsHeader } from '../formats/safetensors/safetensorsHeader.ts';
import { hashOfAll } from '../hashing/hashCheckpoint.ts';
import { storedTensors } from '../hashing/storedTensors.ts';
import { readMetadata, type PatchMetadata, type TensorPromise } from './patchMetadata.ts';
import type { PatchPorts } from './ports.ts';
import type { NamedHeader, NamedText } from './resultLayout.ts';
import { restoreTensor, type Ingredients } from './restoreTensor.ts';

type Applied = Omit<AppliedReport, 'schemaVersion' | 'version' | 'base' | 'patch' | 'folder'>;

/** One file of the result. */
interface ResultFile {
  path: string;
  /** With its eight bytes of length. */
  head: Uint8Array;
  tensors: PlainTensor[];
  bytes: number;
}

/** Rejects with `wrong-base`, naming the tensor, and as reading and writing do; no file is left in `folder` then. */
export async function applyPatch(
  base: Checkpoint,
  patchPath: string,
  folder: string,
  ports: PatchPorts,
): Promise<Applied> {
  const { patch, parts } = await openPatch(patchPath, ports);
  const promises = new Map(patch.tensors.map((promise) => [promise.name, promise]));
  const files = patch.headers.map((header) => resultFile(patchPath, header, promises));
  const tensors = files.flatMap((file) => file.tensors);
  const all = tensors.map((tensor) => ({ ...tensor, sha256: promises.get(tensor.name)?.sha256 ?? '' }));
  if (tensors.length !== promises.size || hashOfAll(all, ports) !== patch.sha256) {
    throw damaged(patchPath, 'its files and its tensors do not fit each other');
  }
  refuseOverwriting(files, { base, patchPath, folder }, ports);
  const values = new TensorValues(ports.files);
  const ingredients: Ingredients = {
    base: storedTensors(base),
    parts,
    values,
    patchPath,
    basePath: base.info.path,
  };
  try {
    await ports.makeFolder(folder);
    await writeFiles(files, patch.index, folder, { promises, ingredients }, ports);
  } finally {
    await values.close();
  }
  const written = [...files, ...indexFile(patch.index)].map(({ path, bytes }) => ({ path, bytes }));
  return { files: written, restores: patch.restores, tensors: tensors.length, sha256: patch.sha256 };
}

async function openPatch(
  path: string,
  { files }: PatchPorts,
): Promise<{ patch: PatchMetadata; parts: Map<string, PlainTensor> }> {
  const source = await files.open(path);
  try {
    const { tensors, unreadable, metadata } = await readSafetensorsHeader(source);
    const [lost] = unreadable;
    if (lost !== undefined) throw ThreeGateError.from(lost.reason);
    const parts = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    return { patch: readMetadata(path, metadata), parts };
  } finally {
    await source.close();
  }
}

/** What the header promises is held to the rules of any header, and to the tensors that the patch describes. */
function resultFile(
  patchPath: string,
  { path, text, bytes }: NamedHeader,
  promises: ReadonlyMap<string, TensorPromise>,
): ResultFile {
  const json = new TextEncoder().encode(text);
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  const { tensors } = parseSafetensorsHeader(path, json, bytes);
  const strange = tensors.find(({ name }) => !promises.has(name));
  if (strange !== undefined) throw damaged(patchPath, `it says nothing of ${strange.name}`, strange.name);
  return { path, head, tensors, bytes };
}

async function writeFiles(
  files: readonly ResultFile[],
  index: NamedText | null,
  folder: string,
  { promises, ingredients }: { promises: ReadonlyMap<string, TensorPromise>; ingredients: Ingredients },
  ports: PatchPorts,
): Promise<void> {
  const outputs: BinaryOutput[] = [];
  const open = async (path: string): Promise<BinaryOutput> => {
    const target = ports.files.resolve(folder, path);
    await ports.makeFolder(ports.files.dirname(target));
    const output = await ports.openOutput(target);
    outputs.push(output);
    return output;
  };
  try {
    for (const { path, head, tensors } of files) {
      const output = await open(path);
      await output.write(0, head);
      for (const tensor of tensors) {
        const promise = promises.get(tensor.name);
        if (promise !== undefined) await restoreTensor(tensor, promise, ingredients, output, ports);
      }
    }
    for (const { path, head } of indexFile(index)) await (await open(path)).write(0, head);
    for (const output of outputs) await output.commit();
  } catch (error) {
    for (const output of outputs) await output.discard();
    throw error;
  }
}

function indexFile(index: NamedText | null): Pick<ResultFile, 'path' | 'head' | 'bytes'>[] {
  if (index === null) return [];
  const head = new TextEncoder().encode(index.text);
  return [{ path: index.path, head, bytes: head.length }];
}

function refuseOverwriting(
  written: readonly ResultFile[],
  { base, patchPath, folder }: { base: Checkpoint; patchPath: string; folder: string },
  { files }: PatchPorts,
): void {
  const read = new Set([patchPath, ...[...storedTensors(base).values()].map(({ file }) => file)]);
  const own = written.map(({ path }) => files.resolve(folder, path)).find((path) => read.has(path));
  if (own === undefined) return;
  throw new ThreeGateError(
    'usage',
    `${own} would be overwritten while it is read: name another folder with --out.`,
  );
}

function damaged(file: string, why: string, tensor?: string): ThreeGateError {
  const place = tensor === undefined ? { file } : { file, tensor };
  return new ThreeGateError('header-entry', `${file} is damaged: ${why}.`, place);
}
