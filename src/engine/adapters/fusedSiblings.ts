// Projections that a base holds fused and an adapter changes by themselves, or the other way round. Where in the fused
// matrix each lies differs from model to model, so nothing is placed; the tensors that hold them are known, and are then
// not compared.
import type { BaseTargets, Target } from './baseTargets.ts';

const fusions: readonly (readonly [fused: readonly string[], parts: readonly string[]])[] = [
  [
    ['qkv_proj', 'query_key_value', 'c_attn', 'Wqkv', 'W_pack', 'qkv', 'in_proj'],
    ['q_proj', 'k_proj', 'v_proj', 'query', 'key', 'value'],
  ],
  [
    ['gate_up_proj', 'gate_and_up_proj', 'dense_h_to_4h', 'w12'],
    ['gate_proj', 'up_proj', 'w1', 'w3'],
  ],
];

/** The base's tensors that hold what a module without a tensor of its own is. */
export function fusedSiblings(module: string, targets: BaseTargets): Target[] {
  const cut = module.lastIndexOf('.') + 1;
  const [parent, leaf] = [module.slice(0, cut), module.slice(cut)];
  const others = fusions.flatMap(([fused, parts]) =>
    parts.includes(leaf) ? fused : fused.includes(leaf) ? parts : [],
  );
  return others.flatMap((other) => targets.find(`${parent}${other}.weight`) ?? []);
}
