// Which layer of which stack: the identity by which pools, map, table and exports keep layers apart. Layer 0 of an MTP
// head, a talker, an encoder or a vision tower is not layer 0 of the language model.

export interface LayerId {
  /** The stack as people say it: "mtp", "talker", "vision". Null for the model's main stack. */
  container: string | null;
  /** Index within the stack; null for what lies outside its layers. */
  layer: number | null;
}

/** One text per layer, for maps and selections. */
export function layerKey({ container, layer }: LayerId): string {
  return `${layer ?? 'none'}${container === null ? '' : ` ${container}`}`;
}

export function sameLayer(one: LayerId, other: LayerId): boolean {
  return one.layer === other.layer && one.container === other.container;
}

/** "Layer 3", "mtp · Layer 0", "talker · outside the layers". */
export function layerLabel({ container, layer }: LayerId): string {
  if (container === null) return layer === null ? 'Outside the layers' : `Layer ${layer}`;
  return `${container} · ${layer === null ? 'outside the layers' : `Layer ${layer}`}`;
}

/** "3", "mtp 0", "out": for the head of a column or a lane. */
export function shortLayerLabel({ container, layer }: LayerId): string {
  const place = layer?.toString() ?? 'out';
  return container === null ? place : `${container} ${place}`;
}

/**
 * In reading order: stacks as they first come in `layers`, each ascending and then what lies outside its layers; what
 * lies outside every stack last.
 */
export function inReadingOrder<Layer extends LayerId>(layers: readonly Layer[]): Layer[] {
  const containers = new Set(layers.map(({ container }) => container));
  const stacks = new Map([...containers].map((container, at) => [container, at]));
  const stackOf = ({ container, layer }: LayerId): number =>
    container === null && layer === null ? stacks.size : (stacks.get(container) ?? 0);
  return [...layers].sort(
    (a, b) =>
      stackOf(a) - stackOf(b) ||
      Number(a.layer === null) - Number(b.layer === null) ||
      (a.layer ?? 0) - (b.layer ?? 0),
  );
}
