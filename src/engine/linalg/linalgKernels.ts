// The kernels of dist/linalg.wasm by what they are for, each wrapper with memory of its own. Single-threaded.
import { DenseKernels } from './denseKernels.ts';
import { MagnitudeHistograms } from './magnitudeHistograms.ts';
import { MaskCounter } from './maskCounter.ts';
import { Widener } from './widener.ts';

export interface LinalgKernels {
  dense: DenseKernels;
  widener: Widener;
  histograms: MagnitudeHistograms;
  masks: MaskCounter;
}

/** @param module compiled from `assembly/`. */
export function openLinalgKernels(module: WebAssembly.Module): LinalgKernels {
  return {
    dense: new DenseKernels(module),
    widener: new Widener(module),
    histograms: new MagnitudeHistograms(module),
    masks: new MaskCounter(module),
  };
}
