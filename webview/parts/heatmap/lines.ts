// The lines of a heat map: module kinds down, layers across, and which cell a tensor falls into. Pure.
import { layerKey, type LayerId } from '../../../src/shared/report/layers.ts';
import type { ModuleKind } from '../../../src/shared/report/moduleKinds.ts';
import { moduleNames } from '../model/selection.ts';

export interface HeatLine {
  key: string;
  label: string;
  /** The stack that a column belongs to; null for the model's own, and for margins. */
  stack?: string | null;
}

export function layerColumns(layers: readonly (LayerId & { label: string })[]): HeatLine[] {
  return [
    // The number alone: the stack stands above its columns.
    ...layers.map(({ container, layer, label }) => ({
      key: label,
      label: layer?.toString() ?? 'out',
      stack: container,
    })),
    { key: 'all layers', label: 'all' },
  ];
}

export function moduleRows(kinds: readonly ModuleKind[]): HeatLine[] {
  return [
    ...kinds.map((kind) => ({ key: kind, label: moduleNames[kind] })),
    { key: 'all modules', label: 'all' },
  ];
}

export function cellKey(layer: LayerId, module: ModuleKind): string {
  return `${module} ${layerKey(layer)}`;
}

/** Positions of each cell's tensors, by its key. */
export function groupByCell(tensors: readonly (LayerId & { module: ModuleKind })[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, tensor] of tensors.entries()) {
    const key = cellKey(tensor, tensor.module);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [index]);
    else list.push(index);
  }
  return groups;
}
