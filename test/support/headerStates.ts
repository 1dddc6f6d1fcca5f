// Every state that the page of a file's header can be in, as documents: what the gallery draws.
import { problem } from '../../src/shared/errors.ts';
import type { CheckpointListing, TensorEntry } from '../../src/shared/protocol/engineProtocol.ts';
import type { PackedDocument } from '../../src/shared/protocol/headerProtocol.ts';
import { packListing } from '../../src/shared/protocol/packedListing.ts';

const parts = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'mlp.down_proj',
  'mlp.experts.0.up',
  'input_layernorm',
];

export const headerStates: Record<string, PackedDocument> = {
  'header-complete': listed(12, { metadata: { format: 'pt' } }),
  'header-problems': listed(1, {
    metadata: { format: 'pt', author: '<b>me</b>', step: '400', note: 'kept' },
    problems: [problem('not-found', 'The shard model-00002-of-00002.safetensors is missing.')],
  }),
  'header-denied': {
    listing: null,
    problem: problem('remote-denied', 'hf://org/model@main may not be read (status 401): it is private.'),
  },
  'header-broken': { listing: null, problem: problem('not-found', 'There is no file at /models/gone.') },
};

function listed(layers: number, rest: Partial<CheckpointListing>): PackedDocument {
  const names = Array.from({ length: layers }, (_, layer) =>
    parts.map((part) => `model.layers.${layer}.${part}.weight`),
  ).flat();
  const tensors = [
    entry('model.embed_tokens.weight', 151_936, 1536),
    ...names.map((name) => entry(name, 1536, 1536)),
  ];
  const sum = (count: (tensor: TensorEntry) => number): number =>
    tensors.reduce((total, tensor) => total + count(tensor), 0);
  const parameters = sum(({ elements }) => elements);
  const info = {
    ...{ label: 'Qwen2.5-Math-1.5B', path: '/models/base', format: 'safetensors' as const },
    ...{
      parameters,
      tensors: tensors.length,
      bytes: sum(({ bytes }) => bytes),
      dtypes: { BF16: parameters },
    },
    ...{
      architecture: 'Qwen2ForCausalLM',
      modelType: 'qwen2',
      step: null,
      namedBase: null,
      files: ['model.safetensors'],
    },
  };
  const listing = packListing({ info, metadata: {}, problems: [], tensors, ...rest });
  return { listing, problem: null };
}

function entry(name: string, rows: number, columns: number): TensorEntry {
  const elements = rows * columns;
  return {
    name,
    dtype: 'BF16',
    shape: [rows, columns],
    elements,
    bytes: 2 * elements,
    file: 'model.safetensors',
  };
}
