// A way to make the mask of one tensor; one file a way: budgetMask, randomMask, updateMask.
import type { Problem } from '../../shared/errors.ts';
import type { MaskDescription } from '../../shared/report/maskReport.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import type { FileStretch } from '../files/rangeSource.ts';
import type { MaskScope, MaskStep } from './maskPlan.ts';

export interface MadeMask {
  /** One byte per element, 1 where it may be trained. */
  mask: Uint8Array;
  /** The k used; null where none was needed. */
  rank: number | null;
  /** SHA-256 of the base's stored bytes. */
  content: string;
}

export interface MaskMaker {
  /** Rejects where this tensor has no mask, with the reason. */
  make(step: MaskStep): Promise<MadeMask>;
  /** What is read for a tensor from elsewhere, beside the base's. */
  stretches(tensor: StoredTensor): FileStretch[];
  readonly needs: Pick<MaskScope, 'matricesOnly' | 'workingBytes'>;
  /** What it is made by, beside the base: in the file's metadata, and in the report. */
  readonly metadata: Record<string, string>;
  readonly description: Omit<MaskDescription, 'kind' | 'definition' | 'eta' | 'match' | 'exclude'>;
  /** What should be known of what it made; complete when all tensors are. */
  readonly problems: readonly Problem[];
}

/** Of what a mask does not depend on. */
export const notNeeded = {
  preset: null,
  rank: null,
  alphaPrincipal: null,
  alphaLow: null,
  seed: null,
  like: null,
  tuned: null,
} as const satisfies MaskMaker['description'];

/** Bytes per element of the tensor in work: the base as float32 with what else is made of it; or the mask alone. */
export const wholeBytes = 8;
export const streamedBytes = 1;
