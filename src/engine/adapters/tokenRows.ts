// `trainable_token_indices`: rows of an embedding (or head) trained by themselves. The adapter stores the rows as they are
// after training, in the order of the indices in its settings; they replace the base's
// (huggingface/peft, tuners/trainable_tokens/layer.py, merge: index_copy).
import type { Problem } from '../../shared/errors.ts';
import { formatShape } from '../../shared/text/format.ts';
import type { StoredTensor } from '../checkpoint/checkpoint.ts';
import { isTokenEmbedding } from '../checkpoint/tiedHeads.ts';
import type { AdapterSettings, AdapterUpdate } from '../checkpoint/adapterUpdate.ts';
import { moduleName } from './factorGroups.ts';
import { notGathered, refusal } from './refusal.ts';
import { faultOfTarget } from './weightUpdate.ts';

const deltaPattern = /^(.*?)(?:\.token_adapter)?\.trainable_tokens_delta(?:\.[^.]+)?$/;
const readable: readonly string[] = ['F32', 'BF16', 'F16', 'F64'];

/** The module whose rows a tensor holds; null where it holds none. */
export function moduleOfRows({ name }: StoredTensor): string | null {
  const path = deltaPattern.exec(name)?.[1];
  return path === undefined ? null : moduleName(path);
}

export function rowsUpdate(
  settings: AdapterSettings,
  module: string,
  values: StoredTensor,
  target: StoredTensor,
): AdapterUpdate | Problem {
  const refuse = (code: Problem['code'], what: string): Problem =>
    refusal(code, target.name, `has rows trained by themselves (trainable_tokens_delta) ${what}`, settings);
  if (values.elements === 0)
    return refuse('adapter-empty', `that are empty (${formatShape(values.shape)}): ${notGathered}`);
  const indices = indicesOf(settings, module);
  if (indices === null) {
    return refuse('adapter-unplaced', 'of which trainable_token_indices does not say which they are');
  }
  const [rows = 0, columns = 0] = target.shape;
  if (
    target.shape.length !== 2 ||
    values.shape.length !== 2 ||
    values.shape[0] !== indices.length ||
    values.shape[1] !== columns
  ) {
    return refuse(
      'shape-mismatch',
      `of ${formatShape(values.shape)}, which ${indices.length} indices into ${formatShape(target.shape)} do not fit`,
    );
  }
  const beyond = indices.find((index) => index >= rows);
  if (beyond !== undefined) {
    return refuse(
      'adapter-unplaced',
      `of which row ${beyond} lies beyond its ${rows}: give the base with the vocabulary that the adapter was trained on`,
    );
  }
  if (new Set(indices).size < indices.length) {
    return refuse('adapter-unplaced', 'of which trainable_token_indices names one twice');
  }
  if (!readable.includes(values.dtype)) return refuse('dtype-unsupported', `in ${values.dtype}`);
  const fault = faultOfTarget(target);
  if (fault !== null) return refusal('adapter-unsupported', target.name, fault, settings);
  return { kind: 'rows', method: 'trained rows', indices, values };
}

/** Whether the settings have rows of a tensor trained by themselves. */
export function hasRows(settings: AdapterSettings, name: string): boolean {
  if (!name.endsWith('.weight')) return false;
  if (isList(settings.tokenIndices) && !isTokenEmbedding(name)) return false;
  return indicesOf(settings, name.slice(0, -'.weight'.length)) !== null;
}

/** A list is of the one embedding; lists by module go by the end of its name. */
function indicesOf({ tokenIndices }: AdapterSettings, module: string): readonly number[] | null {
  if (isList(tokenIndices)) return tokenIndices.length === 0 ? null : tokenIndices;
  const names = Object.keys(tokenIndices).filter((name) => module === name || module.endsWith(`.${name}`));
  const [name] = names;
  return names.length === 1 && name !== undefined ? (tokenIndices[name] ?? null) : null;
}

function isList(indices: AdapterSettings['tokenIndices']): indices is readonly number[] {
  return Array.isArray(indices);
}
