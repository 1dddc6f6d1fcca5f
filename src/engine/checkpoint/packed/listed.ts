// Packed weights that are listed by their scheme, counted by logical weights: GPTQ, AWQ, compressed-tensors, HQQ, AQLM and
// their like, and any integer matrix that is named a weight.
import type { StoredTensor } from '../checkpoint.ts';
import { dtypes } from '../dtype.ts';
import { listed } from './presented.ts';
import type { Recognised, Surroundings } from './surroundings.ts';

/** What the codes are called, and whose they are. */
const leaves: readonly (readonly [leaf: string, scheme: string])[] = [
  ['qweight', 'GPTQ'],
  ['weight_packed', 'compressed-tensors'],
  ['W_q', 'HQQ'],
  ['Qidxs', 'QuIP#'],
  ['codes', 'AQLM'],
  ['indices', 'VPTQ'],
  ['weight._data', 'quanto'],
  ['weight_qdata', 'torchao'],
];

/** These names are common words: only beside what else the scheme stores. */
const needed: Partial<Record<string, string>> = { codes: 'codebooks', indices: 'centroids' };

export function listedWeight(codes: StoredTensor, around: Surroundings): Recognised | null {
  const { name } = codes;
  for (const [leaf, scheme] of leaves) {
    if (!name.endsWith(`.${leaf}`)) continue;
    const module = name.slice(0, -leaf.length - 1);
    const beside = needed[leaf];
    if (beside !== undefined && !around.tensors.has(`${module}.${beside}`)) continue;
    const weight = `${module}.weight`;
    const { elements, of } = logical(codes, module, scheme, around);
    return { weight: listed(weight, codes, elements, of), parts: [] };
  }
  return integerWeight(codes, around);
}

/** An integer matrix called a weight is no weight as it stands; MLX keeps scales and biases beside its own. */
function integerWeight(codes: StoredTensor, { tensors, quantization }: Surroundings): Recognised | null {
  const { name, dtype, shape, elements } = codes;
  if (!/(?:^|\.)weight$/.test(name) || shape.length < 2 || dtypes[dtype].kind === 'float') return null;
  const beside = (leaf: string): boolean => tensors.has(name.replace(/weight$/, leaf));
  if (dtype === 'U32' && beside('scales') && beside('biases')) {
    const bits = quantization?.bits ?? 4;
    const weights = Math.floor((elements * 32) / bits);
    return { weight: listed(name, codes, weights, `MLX, ${bits} bits`), parts: [] };
  }
  const method = quantization?.method;
  const scheme =
    method === null || method === undefined ? `${dtype} by an unknown scheme` : `${dtype} by ${method}`;
  return { weight: listed(name, codes, elements, scheme), parts: [] };
}

/** Weights that the codes stand for, and the scheme in words. */
function logical(
  codes: StoredTensor,
  module: string,
  scheme: string,
  { tensors, quantization }: Surroundings,
): { elements: number; of: string } {
  const width = dtypes[codes.dtype].bits;
  if (scheme === 'GPTQ') {
    const scales = tensors.get(`${module}.scales`)?.shape.at(-1);
    const [rows = 0, columns = 0] = codes.shape;
    // GPTQ packs along the rows, so that scales have the codes' columns; AWQ along the columns.
    const isAwq =
      quantization?.method === 'awq' || (scales !== undefined && scales !== columns && scales > columns);
    const inputs = tensors.get(`${module}.g_idx`)?.elements;
    const [across, along] = isAwq ? [rows, scales] : [columns, inputs];
    const counted = across * (along ?? 0);
    const bits = counted > 0 ? (codes.elements * width) / counted : (quantization?.bits ?? 4);
    const elements = counted > 0 ? counted : Math.floor((codes.elements * width) / bits);
    return { elements, of: `${isAwq ? 'AWQ' : scheme}, ${String(Math.round(bits))} bits` };
  }
  const bits = quantization?.bits ?? (scheme === 'compressed-tensors' || scheme === 'HQQ' ? 4 : width);
  const stated = quantization?.bits ? `, ${bits} bits` : '';
  return { elements: Math.floor((codes.elements * width) / bits), of: `${scheme}${stated}` };
}
