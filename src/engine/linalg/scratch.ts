// Working memory that one matrix after the other is measured in: to touch fresh memory for the first time costs about as
// much as a product with it. It is the kernels' own, so that they fill it in place. What is kept is bounded; larger ones are
// allocated anew each time.
import type { MatrixRoom } from './matrixOperator.ts';
import type { PanelKernels } from './panelKernels.ts';

/** Elements of each copy, a little more than 4096²: every thread that decomposes keeps as much for as long as it lives. */
const mostKept = 17 << 20;

export class Scratch {
  constructor(private readonly kernels: PanelKernels) {}

  /** Copies of these many elements and of any content, where 0 is none. What was given before is no longer valid. */
  room(whole: number, transposed: number): MatrixRoom {
    return Math.max(whole, transposed) <= mostKept
      ? this.kernels.ownRoom(whole, transposed)
      : freshRoom(this.kernels, whole, transposed);
  }
}

/** Room that nothing else uses. */
export function freshRoom(kernels: PanelKernels, whole: number, transposed: number): MatrixRoom {
  return {
    openGramRoom: (sizes) => kernels.gramRoom(sizes),
    whole: whole > 0 ? new Float32Array(whole) : null,
    transposed: transposed > 0 ? new Float32Array(transposed) : null,
  };
}
