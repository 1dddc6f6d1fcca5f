// The update of one matrix, or of a bias, from the factors of its module: every way in which they may not fit it, or in
// which s·B·A would not be the update, is a refusal.
import type { Problem, ProblemCode } from '../../shared/errors.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { dtypes } from '../checkpoint/dtype.ts';
import type { AdapterSettings, AdapterUpdate, InitialFactors } from '../checkpoint/adapterUpdate.ts';
import { scalingOf } from '../formats/peft/adapterConfig.ts';
import { type Factors, factorPair } from './factorGroups.ts';
import { refusal, usablePair } from './refusal.ts';

/** `parameter`: its name in the base model, which the patterns of rank and alpha are held against. */
export function weightUpdate(
  settings: AdapterSettings,
  factors: Factors,
  target: StoredTensor,
  start: Factors | null,
  parameter: string = factors.module,
): AdapterUpdate | Problem {
  const { parts } = factors;
  const refuse = (code: ProblemCode, what: string): Problem => refusal(code, target.name, what, settings);
  const pair = usablePair(factors);
  if ('code' in pair) return refuse(pair.code, pair.what);
  const { a, b } = pair;
  const isEmbedding = parts.has('embedding_A');
  if (a.shape.length !== 2 || b.shape.length !== 2 || target.shape.length !== 2) {
    const what = `is a convolution or a stack of matrices (${formatShape(target.shape)}), on which LoRA is not supported`;
    return refuse('adapter-unsupported', what);
  }
  const { rank, alpha, scaling } = scalingOf(settings, parameter);
  const transposed = settings.fanInFanOut || isEmbedding;
  const [rows = 0, columns = 0] = transposed ? [...target.shape].reverse() : target.shape;
  if (a.shape[0] !== rank || b.shape[1] !== rank || a.shape[1] !== columns || b.shape[0] !== rows) {
    const shapes = `A ${formatShape(a.shape)}, B ${formatShape(b.shape)}`;
    return refuse(
      'shape-mismatch',
      `is ${formatShape(target.shape)}, which the factors ${shapes} of rank ${rank} do not fit`,
    );
  }
  const fault = faultOfTarget(target);
  if (fault !== null) return refuse('adapter-unsupported', fault);
  const magnitude = parts.get('magnitude_vector') ?? null;
  const magnitudeFault = faultOfMagnitude(magnitude, settings.dora, transposed, rows);
  if (magnitudeFault !== null) return refuse('adapter-unsupported', magnitudeFault);
  const { initialization } = settings;
  // PEFT starts embeddings the default way whatever is asked for, except that LoftQ quantises them as well.
  const baseChange = isEmbedding && settings.baseChange !== 'unknowable' ? 'none' : settings.baseChange;
  if (baseChange === 'olora' && transposed) {
    return refuse(
      'adapter-base-rewritten',
      'has no known update: OLoRA of a weight that is stored transposed',
    );
  }
  const initial = start === null ? null : matchingStart(start, a, b);
  if (baseChange === 'unknowable' || (baseChange === 'stored' && initial === null)) {
    const why =
      baseChange === 'unknowable'
        ? `its initialisation "${initialization}" changed the base in a way that its factors do not tell`
        : `its initialisation "${initialization}" took a part out of the base that only the factors before training (pissa_init/) can tell`;
    return refuse('adapter-base-rewritten', `has no known update: ${why}`);
  }
  const method = methodOf(settings);
  return {
    kind: 'low-rank',
    ...{ method, rank, scaling: alpha === 0 ? 0 : scaling, a, b, transposed, baseChange, initial, magnitude },
  };
}

function faultOfMagnitude(
  magnitude: StoredTensor | null,
  isDora: boolean,
  transposed: boolean,
  rows: number,
): string | null {
  if (isDora !== (magnitude !== null)) {
    return 'has a DoRA magnitude where the settings say otherwise, or none where they ask for one';
  }
  return magnitude !== null && (transposed || magnitude.elements !== rows)
    ? 'is scaled by a DoRA magnitude over a transposed weight, which is not supported'
    : null;
}

/** s·b for a bias, from the bias of B. */
export function biasUpdate(
  settings: AdapterSettings,
  { module, parts }: Factors,
  target: StoredTensor,
): AdapterUpdate | Problem {
  const bias = parts.get('B.bias');
  const { scaling } = scalingOf(settings, module);
  if (bias?.elements === target.elements) {
    return { kind: 'bias', method: methodOf(settings), scaling, bias };
  }
  const what = `is ${formatShape(target.shape)}, which the adapter's bias ${formatShape(bias?.shape ?? [])} does not fit`;
  return refusal('shape-mismatch', target.name, what, settings);
}

/** Why nothing can be added to a tensor as it is stored, for `refusal`; null where it can. */
export function faultOfTarget({ dtype }: StoredTensor): string | null {
  if (dtypes[dtype].kind === 'float' && dtype !== 'F64') return null;
  return `is stored in ${dtype}, to which no adapter is applied here`;
}

export function methodOf({ dora, rankStabilized, initialization }: AdapterSettings): string {
  const plain = dora ? 'DoRA' : rankStabilized ? 'rsLoRA' : 'LoRA';
  return ['true', 'false'].includes(initialization) ? plain : `${plain} (${initialization})`;
}

/** Initial factors count only when they are of the same shapes. */
function matchingStart(start: Factors, a: StoredTensor, b: StoredTensor): InitialFactors | null {
  const pair = factorPair(start);
  const alike =
    pair !== null &&
    formatShape(pair.a.shape) === formatShape(a.shape) &&
    formatShape(pair.b.shape) === formatShape(b.shape);
  return alike ? pair : null;
}
