// One tensor of the tuned side, made of the base and the patch chunk by chunk, held to the hashes of both.
import { ThreeGateError } from '../../shared/errors.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import type { PlainTensor } from '../checkpoint/plainTensor.ts';
import type { TensorValues } from '../checkpoint/tensorValues.ts';
import type { BinaryOutput } from '../files/binaryOutput.ts';
import { chunksOf } from '../hashing/storedTensors.ts';
import { replaceElements } from './elements.ts';
import { indicesName, valuesName } from './findChanges.ts';
import type { TensorPromise } from './patchMetadata.ts';
import type { PatchPorts } from './ports.ts';
import { SparseParts } from './sparseParts.ts';

export interface Ingredients {
  base: ReadonlyMap<string, PlainTensor>;
  /** The tensors of the patch. */
  parts: ReadonlyMap<string, PlainTensor>;
  values: TensorValues;
  basePath: string;
  patchPath: string;
}

/** Writes `tensor` to its place. Rejects with `wrong-base` where the base is another one than the patch was made from. */
export async function restoreTensor(
  tensor: PlainTensor,
  promise: TensorPromise,
  ingredients: Ingredients,
  output: BinaryOutput,
  { openHash, onBytes, signal }: PatchPorts,
): Promise<void> {
  const { name, dtype, offset } = tensor;
  const { values, patchPath } = ingredients;
  const width = dtypes[dtype].bits / 8;
  const source = sourceOf(tensor, promise, ingredients);
  const replaced = promise.way === 'sparse' ? sparseOf(tensor, ingredients) : null;
  const [before, after] = [openHash(), openHash()];
  let at = offset;
  for await (const { first, bytes } of chunksOf(values, source, signal)) {
    before.update(bytes);
    onBytes(bytes.length, name);
    await replaced?.until(first + bytes.length / width, (found) => {
      replaceElements(bytes, width, first, found);
    });
    after.update(bytes);
    await output.write(at, bytes);
    at += bytes.length;
  }
  const found = before.digest();
  if (promise.baseSha256 !== null && found !== promise.baseSha256) {
    throw wrongBase(ingredients, name, 'holds other bits');
  }
  if (after.digest() !== promise.sha256) {
    const message = `${patchPath} is damaged: ${name} does not come out as it promises.`;
    throw new ThreeGateError('header-entry', message, { file: patchPath, tensor: name });
  }
}

/** What the tensor is made from: the base's, or the patch's where it is told whole. */
function sourceOf(tensor: PlainTensor, { way }: TensorPromise, ingredients: Ingredients): PlainTensor {
  const { base, parts } = ingredients;
  const source = (way === 'whole' ? parts : base).get(tensor.name);
  const fits = source?.dtype === tensor.dtype && source.elements === tensor.elements;
  if (source !== undefined && fits) return source;
  if (way !== 'whole')
    throw wrongBase(ingredients, tensor.name, source === undefined ? 'is missing' : 'has another form');
  throw lacking(tensor.name, ingredients);
}

function sparseOf(tensor: PlainTensor, ingredients: Ingredients): SparseParts {
  const { parts, values } = ingredients;
  const indices = parts.get(indicesName(tensor.name));
  const replaced = parts.get(valuesName(tensor.name));
  if (indices === undefined || replaced?.dtype !== tensor.dtype) throw lacking(tensor.name, ingredients);
  return new SparseParts(tensor.name, tensor.elements, indices, replaced, values);
}

function lacking(tensor: string, { patchPath }: Ingredients): ThreeGateError {
  const message = `${patchPath} is damaged: it lacks what it says of ${tensor}.`;
  return new ThreeGateError('header-entry', message, { file: patchPath, tensor });
}

function wrongBase({ basePath, patchPath }: Ingredients, tensor: string, how: string): ThreeGateError {
  const message = `${patchPath} was made from another base: in ${basePath}, ${tensor} ${how}. Nothing was written; name the base that it was made from.`;
  return new ThreeGateError('wrong-base', message, { file: basePath, tensor });
}
