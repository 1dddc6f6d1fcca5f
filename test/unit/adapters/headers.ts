// Checkpoints and adapters by their headers alone, for tests of what is placed where.
import type { AdapterSettings } from '../../../src/engine/checkpoint/adapterUpdate.ts';
import type { Checkpoint, StoredTensor } from '../../../src/engine/checkpoint/checkpoint.ts';
import type { DtypeName } from '../../../src/engine/checkpoint/dtype.ts';

export const settings: AdapterSettings = {
  file: '/adapter/adapter_config.json',
  rank: 2,
  alpha: 4,
  rankStabilized: false,
  dora: false,
  fanInFanOut: false,
  rankPatterns: [],
  alphaPatterns: [],
  initialization: 'true',
  baseChange: 'none',
  targetParameters: [],
  tokenIndices: [],
};

export function tensor(name: string, shape: number[], dtype: DtypeName = 'F32'): StoredTensor {
  const elements = shape.reduce((product, size) => product * size, 1);
  return { name, dtype, shape, elements, file: '/file', offset: 0, bytes: 4 * elements, scale: null };
}

export function checkpoint(folder: string, tensors: readonly StoredTensor[]): Checkpoint {
  const info = {
    ...{ path: folder, label: folder, format: 'safetensors', files: [], bytes: 0, parameters: 0, tensors: 0 },
    ...{ dtypes: {}, architecture: null, modelType: null, step: null, namedBase: null },
  };
  const rest = { unreadable: [], tiesEmbeddings: null, notes: [], metadata: {}, problems: [] };
  return { info, folder, tensors: new Map(tensors.map((each) => [each.name, each])), ...rest };
}
