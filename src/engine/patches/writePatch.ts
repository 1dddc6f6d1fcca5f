// A tuned checkpoint as a patch of its base. One pass over both sides counts and hashes, so that the layout of the file is known; a
// second one, over what changed, writes it. In memory are two chunks a side, and the header.
import type { PatchedTensor, PatchReport } from '../../shared/report/patchReport.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import { TensorValues } from '../checkpoint/tensorValues.ts';
import type { BinaryOutput } from '../files/binaryOutput.ts';
import { headerBytes, headerText, type HeaderEntry } from '../formats/safetensors/writeHeader.ts';
import { hashOfAll } from '../hashing/hashCheckpoint.ts';
import { chunksOf, storedBytes, storedTensors } from '../hashing/storedTensors.ts';
import { changedElements } from './elements.ts';
import { findChanges, indicesName, valuesName, type TensorChange } from './findChanges.ts';
import { indexBytes, indexDtype, packIndices } from './indices.ts';
import { writeMetadata } from './patchMetadata.ts';
import type { PatchPorts } from './ports.ts';
import { layoutOf } from './resultLayout.ts';

type Written = Omit<PatchReport, 'schemaVersion' | 'version' | 'base' | 'tuned' | 'file' | 'notIncluded'>;

/** Rejects, and leaves nothing, where a tensor of the tuned side cannot be read or the file cannot be written. */
export async function writePatch(
  base: Checkpoint,
  tuned: Checkpoint,
  path: string,
  ports: PatchPorts,
): Promise<Written> {
  const values = new TensorValues(ports.files);
  try {
    const layout = await layoutOf(tuned, storedTensors(tuned), ports.files);
    const changes = await findChanges(base, tuned, values, ports);
    const described = changes.map(({ tensor, sha256 }) => ({ ...tensor, sha256 }));
    const sha256 = hashOfAll(described, ports);
    const tensors = changes.map(({ tensor, way, baseSha256, sha256: own }) => {
      return { name: tensor.name, way, baseSha256, sha256: own };
    });
    const entries = aligned(changes.flatMap(partsOf));
    const metadata = writeMetadata({ ...layout, tensors, sha256 }, ports.version);
    const head = headerBytes(headerText(entries, metadata));
    const output = await ports.openOutput(path);
    try {
      await output.write(0, head);
      await writeParts(changes, placesOf(entries, head.length), output, values, ports);
      await output.commit();
    } catch (error) {
      await output.discard();
      throw error;
    }
    return {
      bytes: entries.reduce((sum, { bytes }) => sum + bytes, head.length),
      denseBytes: changes.reduce((sum, { tensor }) => sum + storedBytes(tensor), 0),
      restores: layout.restores,
      sha256,
      tensors: changes.map(patched),
    };
  } finally {
    await values.close();
  }
}

/** What the patch holds of a tensor. */
function partsOf({ tensor, way, changed }: TensorChange): HeaderEntry[] {
  const { name, dtype, shape, elements } = tensor;
  if (way === 'equal') return [];
  if (way === 'whole' || changed === null) return [{ name, dtype, shape, bytes: storedBytes(tensor) }];
  const indices = { name: indicesName(name), dtype: indexDtype(elements), shape: [changed] };
  const replaced = { name: valuesName(name), dtype, shape: [changed] };
  return [
    { ...indices, bytes: changed * indexBytes(elements) },
    { ...replaced, bytes: storedBytes({ dtype, elements: changed }) },
  ];
}

/** Wider elements first, so that each begins on a multiple of its width. */
function aligned(entries: readonly HeaderEntry[]): HeaderEntry[] {
  return [...entries].sort((one, other) => dtypes[other.dtype].bits - dtypes[one.dtype].bits);
}

function placesOf(entries: readonly HeaderEntry[], first: number): Map<string, number> {
  const places = new Map<string, number>();
  let at = first;
  for (const { name, bytes } of entries) {
    places.set(name, at);
    at += bytes;
  }
  return places;
}

async function writeParts(
  changes: readonly TensorChange[],
  places: ReadonlyMap<string, number>,
  output: BinaryOutput,
  values: TensorValues,
  ports: PatchPorts,
): Promise<void> {
  const told = changes.filter(({ way }) => way !== 'equal');
  for (const { tensor, way } of told) ports.expect((way === 'sparse' ? 2 : 1) * storedBytes(tensor));
  for (const { tensor, base, way } of told) {
    const place = (name: string): number => places.get(name) ?? 0;
    if (way === 'sparse' && base !== null) {
      const at = { indices: place(indicesName(tensor.name)), values: place(valuesName(tensor.name)) };
      await writeSparse({ tensor, base }, at, output, values, ports);
      continue;
    }
    let at = place(tensor.name);
    for await (const { bytes } of chunksOf(values, tensor, ports.signal)) {
      await output.write(at, bytes);
      at += bytes.length;
      ports.onBytes(bytes.length, tensor.name);
    }
  }
}

async function writeSparse(
  { tensor, base }: { tensor: TensorChange['tensor']; base: TensorChange['tensor'] },
  places: { indices: number; values: number },
  output: BinaryOutput,
  values: TensorValues,
  { onBytes, signal }: PatchPorts,
): Promise<void> {
  const width = dtypes[tensor.dtype].bits / 8;
  const dtype = indexDtype(tensor.elements);
  const other = chunksOf(values, base, signal);
  const at = { ...places };
  try {
    for await (const { first, bytes } of chunksOf(values, tensor, signal)) {
      const next = await other.next();
      if (next.done === true) break;
      const found = changedElements(next.value.bytes, bytes, width, first);
      const indices = packIndices(found.indices, dtype);
      await output.write(at.indices, indices);
      await output.write(at.values, found.values);
      at.indices += indices.length;
      at.values += found.values.length;
      onBytes(2 * bytes.length, tensor.name);
    }
  } finally {
    await other.return(undefined);
  }
}

function patched(change: TensorChange): PatchedTensor {
  const { tensor, way, changed } = change;
  const { name, dtype, shape } = tensor;
  const bytes = partsOf(change).reduce((sum, part) => sum + part.bytes, 0);
  return { name, dtype, shape, way, changed, bytes };
}
