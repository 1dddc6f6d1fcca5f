// What a patch says of itself in its `__metadata__`, written and read back. Of a patch that was read nothing is believed: paths stay
// inside their folder, and every field has its form.
import { ThreeGateError } from '../../shared/errors.ts';
import type { Restored, TensorWay } from '../../shared/report/patchReport.ts';
import { isInsideFolder } from '../files/paths.ts';
import type { NamedHeader, NamedText, ResultLayout } from './resultLayout.ts';

const patchFormat = 'three-gate-patch/1';

export interface TensorPromise {
  name: string;
  way: TensorWay;
  /** SHA-256 of the base's tensor; null where none is needed. */
  baseSha256: string | null;
  /** SHA-256 of what comes out. */
  sha256: string;
}

export interface PatchMetadata extends ResultLayout {
  tensors: TensorPromise[];
  /** Of the whole, as docs/hash.md says. */
  sha256: string;
}

export function writeMetadata(patch: PatchMetadata, version: string): Record<string, string> {
  const { tensors, headers, index, restores, sha256 } = patch;
  return {
    format: patchFormat,
    tensors: JSON.stringify(
      tensors.map(({ name, way, ...hashes }) => [name, way, hashes.baseSha256, hashes.sha256]),
    ),
    files: JSON.stringify(headers.map(({ path, text, bytes }) => [path, text, bytes])),
    ...(index && { index: JSON.stringify([index.path, index.text]) }),
    restores,
    result_sha256: sha256,
    three_gate_version: version,
  };
}

/** Throws a ThreeGateError that names the file where it is no patch, or a damaged one. */
export function readMetadata(path: string, metadata: Record<string, string>): PatchMetadata {
  if (metadata['format'] !== patchFormat) {
    const message = `${path} is no patch of "three-gate diff": its metadata do not say ${patchFormat}.`;
    throw new ThreeGateError('not-a-checkpoint', message, { file: path });
  }
  const damaged = (what: string): ThreeGateError =>
    new ThreeGateError('header-entry', `${path} is damaged: ${what}.`, { file: path });
  const list = (key: string): unknown[] => {
    const found = parsed(metadata[key]);
    if (!Array.isArray(found)) throw damaged(`"${key}" in its metadata is not a list`);
    return found;
  };
  const sha256 = metadata['result_sha256'];
  const restores = metadata['restores'];
  if (!isSha256(sha256) || !isRestored(restores)) throw damaged('its metadata do not say what comes out');
  const named = (entry: unknown): NamedText => {
    const [file, text] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof file !== 'string' || typeof text !== 'string') throw damaged('a file has no name or no text');
    if (!isInsideFolder(file)) throw damaged(`${JSON.stringify(file)} is not a file inside a folder`);
    return { path: file, text };
  };
  const header = (entry: unknown): NamedHeader => {
    const [, , bytes] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes)) throw damaged('a file has no length');
    return { ...named(entry), bytes };
  };
  const promise = (entry: unknown): TensorPromise => {
    const [name, way, baseSha256, own] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof name !== 'string' || !isWay(way) || !isSha256(own)) throw damaged('a tensor is not described');
    if (way === 'whole') return { name, way, baseSha256: null, sha256: own };
    if (!isSha256(baseSha256)) throw damaged(`${name} has no hash of its base`);
    return { name, way, baseSha256, sha256: own };
  };
  return {
    tensors: list('tensors').map(promise),
    headers: list('files').map(header),
    index: metadata['index'] === undefined ? null : named(list('index')),
    restores,
    sha256,
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function isSha256(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f]{64}$/.test(value);
}

function isRestored(value: unknown): value is Restored {
  return value === 'files' || value === 'tensors';
}

function isWay(value: unknown): value is TensorWay {
  return value === 'equal' || value === 'sparse' || value === 'whole';
}
