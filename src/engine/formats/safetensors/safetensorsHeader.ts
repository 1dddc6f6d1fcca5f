// The header of a safetensors file, held to every rule of the format's own reader (safetensors/src/tensor.rs), and
// stricter in one: a repeated key is refused. Reads only the header, whatever the size of the file.
import { problem, ThreeGateError } from '../../../shared/errors.ts';
import type { ProblemCode } from '../../../shared/errors.ts';
import { formatShape } from '../../../shared/text/format.ts';
import type { StoredTensor, UnreadableTensor } from '../../checkpoint/checkpoint.ts';
import { dtypes, isDtypeName } from '../../checkpoint/dtype.ts';
import type { ByteSource } from '../../files/fileSystem.ts';
import { nameForeignContent } from '../../files/foreignContent.ts';
import { JsonFraction, StrictJsonError, visitStrictJsonObject } from '../../files/strictJson.ts';
import type { JsonObject, JsonValue } from '../../files/strictJson.ts';
import { metadataKey, scanPlainHeader } from './plainHeader.ts';
import type { ReadEntry, HeaderMembers } from './plainHeader.ts';

/** The format's own limit on the JSON, in bytes. */
export const maxHeaderBytes = 100_000_000;
const lengthBytes = 8;
const openBrace = 0x7b;

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  tensors: StoredTensor[];
  /** Tensors of an unknown dtype, and those whose bytes lie beyond the end of a truncated file. */
  unreadable: UnreadableTensor[];
  /** `__metadata__`; empty when absent. */
  metadata: Record<string, string>;
}

/** Throws a ThreeGateError when the file as a whole cannot be trusted. */
export async function readSafetensorsHeader(source: ByteSource): Promise<SafetensorsHeader> {
  return parseSafetensorsHeader(source.path, await readHeaderJson(source), source.size);
}

/** The JSON of the header as it stands in the file. Throws where it cannot be there. */
export async function readHeaderJson(source: ByteSource): Promise<Uint8Array> {
  const { path, size } = source;
  const fail = failing(path);
  if (size === 0) throw fail('header-too-small', `${path} is empty.`);
  if (size < lengthBytes) {
    throw fail(
      'header-too-small',
      `${path} has ${size} bytes; a safetensors file starts with the length of its header in ${lengthBytes} bytes.`,
    );
  }
  const start = new Uint8Array(Math.min(size, 512));
  await source.read(0, start);
  const length = new DataView(start.buffer).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    const foreign = nameForeignContent(path, start);
    if (foreign !== null) throw foreign;
    if (start[0] === openBrace) throw fail('not-a-checkpoint', `${path} is JSON text, not safetensors.`);
    throw fail(
      'header-too-large',
      `The header of ${path} claims ${length.toString()} bytes, beyond the format's limit of ${maxHeaderBytes}.`,
    );
  }
  const headerBytes = Number(length);
  if (lengthBytes + headerBytes > size) {
    throw fail(
      'header-length',
      `The header of ${path} claims ${headerBytes} bytes, but the file ends after ${size}.`,
    );
  }
  const bytes = new Uint8Array(headerBytes);
  await source.read(lengthBytes, bytes);
  return bytes;
}

/** Parses and checks the JSON of a header; `fileBytes` is the size of the whole file. */
export function parseSafetensorsHeader(
  path: string,
  headerJson: Uint8Array,
  fileBytes: number,
): SafetensorsHeader {
  const text = decodeUtf8(path, headerJson);
  const { entries, metadata } = scanPlainHeader(text) ?? readMembers(path, text);
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  const dataStart = lengthBytes + headerJson.length;
  const header: SafetensorsHeader = { tensors: [], unreadable: [], metadata };
  let previousEnd = 0;
  for (const entry of entries) {
    checkOffsets(path, entry, previousEnd);
    previousEnd = entry.end;
    place(header, path, entry, dataStart, fileBytes);
  }
  if (dataStart + previousEnd < fileBytes) {
    throw new ThreeGateError(
      'file-trailing-bytes',
      `${path} has ${fileBytes - dataStart - previousEnd} bytes after its last tensor, which its header does not describe.`,
      { file: path },
    );
  }
  return header;
}

function decodeUtf8(path: string, headerJson: Uint8Array): string {
  const fail = failing(path);
  if (headerJson.length === 0) throw fail('header-json', `The header of ${path} is empty.`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(headerJson);
  } catch {
    throw fail('header-utf8', `The header of ${path} is not UTF-8.`);
  }
}

/** Syntax errors win over wrong entries, wherever they stand: text that is no JSON says nothing about tensors. */
function readMembers(path: string, text: string): HeaderMembers {
  const entries: ReadEntry[] = [];
  let metadata: Record<string, string> = {};
  let fault: unknown = null;
  const visit = (name: string, value: JsonValue): void => {
    if (fault !== null) return;
    try {
      if (name === metadataKey) metadata = readMetadata(path, value);
      else entries.push(readEntry(path, name, value));
    } catch (thrown) {
      fault = thrown;
    }
  };
  try {
    if (!visitStrictJsonObject(text, visit)) {
      throw failing(path)('header-json', `The header of ${path} is not a JSON object.`);
    }
  } catch (thrown) {
    if (!(thrown instanceof StrictJsonError)) throw thrown;
    if (thrown.kind === 'duplicate') throw duplicateKey(path, thrown.keys);
    throw failing(path)('header-json', `The header of ${path} is not JSON: ${thrown.message}.`);
  }
  if (fault !== null) throw fault as Error;
  return { entries, metadata };
}

function duplicateKey(path: string, keys: readonly string[]): ThreeGateError {
  const [owner = '', field] = keys;
  const fail = failing(path, owner);
  if (keys.length === 1 && owner === metadataKey) {
    return failing(path)('header-duplicate', `${path} has its metadata twice.`);
  }
  if (field === undefined) return fail('header-duplicate', `${path} lists the tensor "${owner}" twice.`);
  const place = owner === metadataKey ? 'its metadata' : `the entry of tensor "${owner}"`;
  return fail('header-duplicate', `${path} has the key "${keys.at(-1) ?? ''}" twice in ${place}.`);
}

function readMetadata(path: string, value: JsonValue): Record<string, string> {
  if (value === null) return {};
  const fail = failing(path);
  if (!(value instanceof Map)) {
    throw fail('header-entry', `The __metadata__ of ${path} is not an object.`);
  }
  return Object.fromEntries(
    [...value].map(([key, text]) => {
      if (typeof text === 'string') return [key, text];
      throw fail('header-entry', `The __metadata__ of ${path} has a value that is not text under "${key}".`);
    }),
  );
}

function readEntry(path: string, name: string, value: JsonValue): ReadEntry {
  if (!(value instanceof Map)) throw entryFault(path, name, 'is not described by an object');
  const dtype = value.get('dtype');
  if (dtype === undefined) throw entryFault(path, name, 'has no dtype');
  if (typeof dtype !== 'string') throw entryFault(path, name, 'has a dtype that is not text');
  const shape = readIntegers(path, name, value, 'shape');
  const offsets = readIntegers(path, name, value, 'data_offsets');
  const [start, end] = offsets;
  if (start === undefined || end === undefined || offsets.length !== 2) {
    throw entryFault(path, name, `has ${offsets.length} data_offsets instead of 2`);
  }
  let elements = 1;
  for (const dimension of shape) elements = multiply(path, name, shape, elements, dimension);
  return { name, dtype, shape, elements, start, end };
}

function readIntegers(
  path: string,
  name: string,
  entry: JsonObject,
  key: 'shape' | 'data_offsets',
): number[] {
  const value = entry.get(key);
  if (value === undefined) throw entryFault(path, name, `has no ${key}`);
  if (!Array.isArray(value)) {
    throw entryFault(
      path,
      name,
      `has ${key === 'shape' ? 'a shape that is' : 'data_offsets that are'} not a list`,
    );
  }
  return value.map((item) => {
    if (typeof item === 'number' && item >= 0) return item;
    if (typeof item === 'bigint' && item >= 0n) {
      const limit = `beyond the limit of ${Number.MAX_SAFE_INTEGER}`;
      throw entryFault(path, name, `has ${item.toString()} in its ${key}, ${limit}`, 'header-overflow');
    }
    throw entryFault(path, name, `has ${spell(item)} in its ${key}, which is not a whole number ≥ 0`);
  });
}

function multiply(path: string, name: string, shape: number[], elements: number, factor: number): number {
  const product = elements * factor;
  if (Number.isSafeInteger(product)) return product;
  const what = `has the shape ${formatShape(shape)}, more elements than can be counted`;
  throw entryFault(path, name, what, 'header-overflow');
}

/** Sorted by offsets, each tensor must start where the one before it ends: no holes, no overlap. */
function checkOffsets(path: string, { name, start, end }: ReadEntry, previousEnd: number): void {
  if (end < start) {
    throw entryFault(path, name, `ends at byte ${end}, before its start at byte ${start}`, 'header-offset');
  }
  if (start > previousEnd) {
    const what = `starts at byte ${start}, leaving a hole after byte ${previousEnd}`;
    throw entryFault(path, name, what, 'header-offset');
  }
  if (start < previousEnd) {
    const what = `starts at byte ${start}, inside the tensor before it, which ends at byte ${previousEnd}`;
    throw entryFault(path, name, what, 'header-offset');
  }
}

function place(
  header: SafetensorsHeader,
  path: string,
  entry: ReadEntry,
  dataStart: number,
  fileBytes: number,
): void {
  const { name, shape, elements, start, end } = entry;
  if (!isDtypeName(entry.dtype)) {
    const what = `is not comparable: unknown dtype ${spell(entry.dtype)}`;
    header.unreadable.push({
      name,
      elements,
      reason: entryFault(path, name, what, 'dtype-unsupported').problem,
    });
    return;
  }
  checkSpan(path, entry, dtypes[entry.dtype].bits);
  if (dataStart + end > fileBytes) {
    const message = `${path} is truncated: tensor "${name}" ends at byte ${dataStart + end}, the file at byte ${fileBytes}.`;
    const reason = problem('file-truncated', message, { file: path, tensor: name });
    header.unreadable.push({ name, elements, reason });
    return;
  }
  const offset = dataStart + start;
  const { dtype } = entry;
  header.tensors.push({ name, dtype, shape, elements, file: path, offset, bytes: end - start, scale: null });
}

function checkSpan(
  path: string,
  { name, dtype, shape, elements, start, end }: ReadEntry,
  bits: number,
): void {
  const totalBits = multiply(path, name, shape, elements, bits);
  if (totalBits % 8 !== 0) {
    const what = `has ${elements} elements of ${bits} bits (${dtype}), not a whole number of bytes`;
    throw entryFault(path, name, what, 'header-alignment');
  }
  if (end - start !== totalBits / 8) {
    const what = `spans ${end - start} bytes, but ${formatShape(shape)} in ${dtype} takes ${totalBits / 8}`;
    throw entryFault(path, name, what, 'header-span');
  }
}

/** Built only when thrown: a header may describe a hundred thousand tensors. */
function entryFault(
  file: string,
  tensor: string,
  what: string,
  code: ProblemCode = 'header-entry',
): ThreeGateError {
  return new ThreeGateError(code, `Tensor "${tensor}" of ${file} ${what}.`, { file, tensor });
}

function spell(value: JsonValue): string {
  if (value instanceof JsonFraction) return value.text;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return 'an object';
  return Array.isArray(value) ? 'a list' : JSON.stringify(value);
}

function failing(file: string, tensor?: string): (code: ProblemCode, message: string) => ThreeGateError {
  return (code, message) =>
    new ThreeGateError(code, message, tensor === undefined ? { file } : { file, tensor });
}
