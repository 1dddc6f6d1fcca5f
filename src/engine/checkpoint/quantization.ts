// How config.json says that the weights are quantised.

/** What `quantization_config` says. */
export interface Quantization {
  method: string | null;
  bits: number | null;
  /** Rows and columns that share a scale. */
  blockSize: readonly [number, number] | null;
}
