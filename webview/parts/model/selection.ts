// What is looked at: the model, or a part of it.
import { sameLayer, type LayerId } from '../../../src/shared/report/layers.ts';
import { moduleKinds, type ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import { fieldsOf } from './kept.ts';

export type Selection =
  | { kind: 'model' }
  | ({ kind: 'layer' } & LayerId)
  | { kind: 'module'; module: ModuleKind }
  /** The tensors of one module kind in one layer, when there are several (experts, norms). */
  | ({ kind: 'cell'; module: ModuleKind } & LayerId)
  | { kind: 'tensor'; name: string };

export function sameSelection(one: Selection, other: Selection): boolean {
  if (one === other) return true;
  switch (one.kind) {
    case 'model':
      return other.kind === 'model';
    case 'layer':
      return other.kind === 'layer' && sameLayer(one, other);
    case 'module':
      return other.kind === 'module' && one.module === other.module;
    case 'cell':
      return other.kind === 'cell' && sameLayer(one, other) && one.module === other.module;
    case 'tensor':
      return other.kind === 'tensor' && one.name === other.name;
  }
}

/** As it was kept; the whole model where that is nothing that can be selected. */
export function selectionOf(kept: unknown): Selection {
  const { kind, layer, module, name, ...rest } = fieldsOf(kept);
  const container = typeof rest['container'] === 'string' ? rest['container'] : null;
  if (kind === 'layer' && isLayer(layer)) return { kind, container, layer };
  if (kind === 'module' && isModule(module)) return { kind, module };
  if (kind === 'cell' && isLayer(layer) && isModule(module)) return { kind, container, layer, module };
  if (kind === 'tensor' && typeof name === 'string') return { kind, name };
  return { kind: 'model' };
}

const isModule = (value: unknown): value is ModuleKind => moduleKinds.some((kind) => kind === value);
const isLayer = (value: unknown): value is number | null => value === null || Number.isInteger(value);

/** What the module kinds are called. */
export const moduleNames: Record<ModuleKind, string> = {
  q: 'q',
  k: 'k',
  v: 'v',
  o: 'o',
  gate: 'gate',
  up: 'up',
  down: 'down',
  experts: 'experts',
  norm: 'norms',
  embed: 'embedding',
  head: 'head',
  other: 'other',
};
