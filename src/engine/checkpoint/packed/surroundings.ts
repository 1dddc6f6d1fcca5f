// What the recognisers of packed weights look at, and what they answer.
import type { StoredTensor, UnreadableTensor } from '../checkpoint.ts';
import type { Quantization } from '../quantization.ts';

/** The bytes of a small tensor. */
type ReadSmall = (tensor: StoredTensor) => Promise<Uint8Array>;

/** A weight that was recognised by one of its tensors. */
export interface Recognised {
  weight: StoredTensor | UnreadableTensor;
  /** Names of the tensors that it is made of, beside those that its module holds. */
  parts: string[];
}

/** What recognisers look at. */
export interface Surroundings {
  tensors: ReadonlyMap<string, StoredTensor>;
  quantization: Quantization | null;
  readSmall: ReadSmall;
}
