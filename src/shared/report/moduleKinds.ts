// What a tensor is in a model: a projection, a norm, an embedding.
export type ModuleKind =
  'q' | 'k' | 'v' | 'o' | 'gate' | 'up' | 'down' | 'experts' | 'norm' | 'embed' | 'head' | 'other';

export const moduleKinds: readonly ModuleKind[] = [
  'q',
  'k',
  'v',
  'o',
  'gate',
  'up',
  'down',
  'experts',
  'norm',
  'embed',
  'head',
  'other',
];

/** Kinds whose weights are the matrices of a layer. */
export const matrixKinds: readonly ModuleKind[] = ['q', 'k', 'v', 'o', 'gate', 'up', 'down', 'experts'];
