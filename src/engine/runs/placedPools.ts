// What is added over tensors by where they stand: in the whole model, in every layer and in every kind of module.
import { inReadingOrder, layerKey, layerLabel, type LayerId } from '../../shared/report/layers.ts';
import { moduleKinds, type ModuleKind } from '../../shared/report/moduleKinds.ts';
import type { TensorPair } from '../checkpoint/checkpoint.ts';

interface Pooled<Found> {
  whole: Found;
  layers: (LayerId & { label: string } & Found)[];
  modules: ({ module: ModuleKind } & Found)[];
}

export class PlacedPools<Found extends object, Pool extends { pool(): Found }> {
  private readonly whole: Pool;
  private readonly layers = new Map<string, LayerId & { pool: Pool }>();
  private readonly modules = new Map<ModuleKind, Pool>();

  /** @param make an empty pool */
  constructor(private readonly make: () => Pool) {
    this.whole = make();
  }

  /** Those that a tensor counts in. */
  of(pair: TensorPair): [whole: Pool, layer: Pool, module: Pool] {
    const { container, layer, module } = pair;
    const key = layerKey(pair);
    const ofLayer = this.layers.get(key) ?? { container, layer, pool: this.make() };
    this.layers.set(key, ofLayer);
    const ofModule = this.modules.get(module) ?? this.make();
    this.modules.set(module, ofModule);
    return [this.whole, ofLayer.pool, ofModule];
  }

  /** Layers and modules in reading order. */
  pooled(): Pooled<Found> {
    return {
      whole: this.whole.pool(),
      layers: inReadingOrder([...this.layers.values()]).map(({ container, layer, pool }) => ({
        container,
        layer,
        label: layerLabel({ container, layer }),
        ...pool.pool(),
      })),
      modules: moduleKinds.flatMap((module) => {
        const pool = this.modules.get(module);
        return pool === undefined ? [] : [{ module, ...pool.pool() }];
      }),
    };
  }
}
