// Which tensors lie beside a quantised weight: its scales by every name that writers use, and what belongs to its module
// without being a weight (zero points, shapes, the ranges of activations).

/** `q_proj.weight` → `q_proj`; a parameter without a module of its own (`experts.gate_up_proj`) → null. */
export function moduleOfWeight(name: string): string | null {
  return name.endsWith('.weight') ? name.slice(0, -'.weight'.length) : null;
}

/**
 * Names of the scales of a weight, the most used first. All of them multiply, whatever "inv" suggests: DeepSeek-V3 and
 * compressed-tensors (`weight_scale_inv`, `weight_scale`), DeepSeek-V4 (`<module>.scale`), ComfyUI (`scale_weight`),
 * optimum-quanto (`weight._scale` beside `weight._data`).
 */
export function scaleNames(weight: string): string[] {
  const module = moduleOfWeight(weight);
  const own = [`${weight}_scale_inv`, `${weight}_scale`, `${weight}.scale_inv`, `${weight}.scale`];
  const ofModule =
    module === null
      ? []
      : [`${module}.scale`, `${module}.scale_inv`, `${module}.scale_weight`, `${module}._scale`];
  const ofData = weight.endsWith('._data') ? [`${weight.slice(0, -'_data'.length)}_scale`] : [];
  return [...own, ...ofModule, ...ofData, `${weight}._scale`, `${weight}._scale_inv`];
}

/** Ranges of activations and of the key-value cache: no weights, whatever module they lie in. */
const activationScale =
  /(?:^|[._])(?:(?:input|output|activation|act|kv_cache|prob|softmax|[qkv])_?(?:global_)?scale(?:_ub|_inv)?|scale_input|scale_output|input_amax|output_amax)$/;

/** ComfyUI's mark of a file whose F8 weights are scaled. */
const markers = new Set(['scaled_fp8', 'scaled_fp8_e4m3fn', 'scaled_fp8_e5m2']);

export function isActivationScale(name: string): boolean {
  return activationScale.test(name) || isScaleMarker(name);
}

export function isScaleMarker(name: string): boolean {
  return markers.has(name.slice(name.lastIndexOf('.') + 1));
}

const packingWords = /scale|zero|shape|packed|g_idx|absmax|quant|blocks|shift|codebook|format|SCB/;

/** Of `names`, those that only say how the weight is packed: all of its module but weight and bias. */
export function companionsOf(weight: string, names: Iterable<string>): string[] {
  const module = moduleOfWeight(weight);
  return [...names].filter((name) => {
    if (name === weight) return false;
    if (name.startsWith(`${weight}.`)) return true;
    if (name.startsWith(`${weight}_`)) return packingWords.test(name.slice(weight.length));
    if (module === null || !name.startsWith(`${module}.`)) return false;
    const leaf = name.slice(module.length + 1);
    return !leaf.includes('.') && leaf !== 'bias';
  });
}
