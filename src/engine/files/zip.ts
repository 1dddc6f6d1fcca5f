// The directory of a zip archive as torch.save writes it: entries stored, not compressed, so that their bytes can be
// read in place. Reads the end of the file and one short header per entry asked for, never the data. Anything that a
// torch file does not have (compression, encryption, several disks, overlapping sizes) is refused by name.
import { ThreeGateError } from '../../shared/errors.ts';
import type { ByteSource } from './fileSystem.ts';

export interface ZipEntry {
  name: string;
  bytes: number;
  /** Absolute offset of its local header. */
  headerOffset: number;
}

const endSignature = 0x06054b50;
const end64LocatorSignature = 0x07064b50;
const end64Signature = 0x06064b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const locatorBytes = 20;
const end64Bytes = 56;
const directoryEntryBytes = 46;
const localHeaderBytes = 30;
const maxCommentBytes = 0xffff;
/** Far above any checkpoint's (one entry per storage), far below what would fill the memory. */
const maxDirectoryBytes = 128_000_000;
const maxEntries = 1_000_000;
const saturated16 = 0xffff;
const saturated32 = 0xffff_ffff;
const zip64ExtraId = 1;
const encryptedFlag = 1;

/** Entries by name, in the order of the directory. Throws `archive-refused` or `file-truncated`. */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { entries, offset, bytes } = await findDirectory(source);
  if (bytes > maxDirectoryBytes || entries > maxEntries) {
    const limit = `${maxEntries} entries in ${maxDirectoryBytes} bytes`;
    throw refused(
      source,
      `has a zip directory of ${entries} entries in ${bytes} bytes, beyond the limit of ${limit}`,
    );
  }
  if (offset + bytes > source.size) {
    throw truncated(source, `its zip directory should end at byte ${offset + bytes}`);
  }
  const data = new Uint8Array(bytes);
  await source.read(offset, data);
  const found = new Map<string, ZipEntry>();
  let at = 0;
  let claimed = 0;
  for (let index = 0; index < entries; index += 1) {
    const { entry, next } = parseEntry(source, data, at);
    if (found.has(entry.name)) throw refused(source, `lists the zip entry "${entry.name}" twice`);
    claimed += entry.bytes;
    // Entries that share bytes are how a small archive pretends to be a huge one.
    if (claimed > source.size) {
      throw refused(
        source,
        `has zip entries of more than ${source.size} bytes together, more than the file itself: they overlap`,
      );
    }
    found.set(entry.name, entry);
    at = next;
  }
  return found;
}

/** Absolute offset of the entry's first byte. Reads its local header and holds it to the directory. */
export async function dataOffset(source: ByteSource, entry: ZipEntry): Promise<number> {
  const { headerOffset, name, bytes } = entry;
  if (headerOffset + localHeaderBytes > source.size) throw outside(source, entry, headerOffset);
  const header = new Uint8Array(localHeaderBytes);
  await source.read(headerOffset, header);
  const view = viewOf(header);
  if (view.getUint32(0, true) !== localSignature) {
    throw refused(source, `has no zip entry at byte ${headerOffset}, where its directory places "${name}"`);
  }
  const offset = headerOffset + localHeaderBytes + view.getUint16(26, true) + view.getUint16(28, true);
  if (offset + bytes > source.size) throw outside(source, entry, offset + bytes);
  return offset;
}

/** The bytes of an entry, whole. */
export async function readZipEntry(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  const data = new Uint8Array(entry.bytes);
  await source.read(await dataOffset(source, entry), data);
  return data;
}

interface DirectoryPlace {
  entries: number;
  offset: number;
  bytes: number;
}

async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  // Without a comment, as torch writes it, the end of the directory is the end of the file.
  for (const comment of [0, maxCommentBytes]) {
    const found = await findEnd(source, Math.min(source.size, endBytes + locatorBytes + comment));
    if (found !== null) return found;
  }
  throw truncated(source, 'the directory at the end of its zip archive is missing');
}

async function findEnd(source: ByteSource, tailBytes: number): Promise<DirectoryPlace | null> {
  const tail = new Uint8Array(tailBytes);
  await source.read(source.size - tailBytes, tail);
  const view = viewOf(tail);
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    if (view.getUint32(at, true) !== endSignature) continue;
    if (at + endBytes + view.getUint16(at + 20, true) !== tail.length) continue;
    const disks = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
    if (disks.some((disk) => disk !== 0 && disk !== saturated16)) {
      throw refused(source, 'is one part of a zip archive over several disks');
    }
    const place = {
      entries: view.getUint16(at + 10, true),
      bytes: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const locator = at - locatorBytes;
    if (locator >= 0 && view.getUint32(locator, true) === end64LocatorSignature) {
      return readEnd64(source, readUint64(source, view, locator + 8));
    }
    if (place.entries === saturated16 || place.bytes === saturated32 || place.offset === saturated32) {
      throw refused(
        source,
        'has a zip directory beyond 32 bits without the zip64 record that would place it',
      );
    }
    return place;
  }
  return null;
}

async function readEnd64(source: ByteSource, at: number): Promise<DirectoryPlace> {
  if (at + end64Bytes > source.size) throw truncated(source, `its zip64 record should lie at byte ${at}`);
  const record = new Uint8Array(end64Bytes);
  await source.read(at, record);
  const view = viewOf(record);
  if (view.getUint32(0, true) !== end64Signature) {
    throw refused(source, `has no zip64 record at byte ${at}, where its end places it`);
  }
  return {
    entries: readUint64(source, view, 32),
    bytes: readUint64(source, view, 40),
    offset: readUint64(source, view, 48),
  };
}

function parseEntry(source: ByteSource, data: Uint8Array, at: number): { entry: ZipEntry; next: number } {
  const view = viewOf(data);
  if (at + directoryEntryBytes > data.length || view.getUint32(at, true) !== directorySignature) {
    throw refused(source, `has a damaged zip directory at entry byte ${at}`);
  }
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const extraAt = at + directoryEntryBytes + nameBytes;
  const next = extraAt + extraBytes + view.getUint16(at + 32, true);
  if (next > data.length) throw refused(source, `has a damaged zip directory at entry byte ${at}`);
  const name = new TextDecoder().decode(data.subarray(at + directoryEntryBytes, extraAt));
  if ((view.getUint16(at + 8, true) & encryptedFlag) !== 0) {
    throw refused(source, `has the encrypted zip entry "${name}"`);
  }
  const method = view.getUint16(at + 10, true);
  if (method !== 0) {
    const what = `has the zip entry "${name}" compressed by method ${method}`;
    throw refused(source, `${what}, while torch.save stores its entries as they are`);
  }
  const wide = zip64Values(source, view, at, extraAt, extraBytes);
  if (wide.packed !== wide.bytes) {
    throw refused(
      source,
      `has the stored zip entry "${name}" with ${wide.packed} bytes in the file but ${wide.bytes} unpacked`,
    );
  }
  return { entry: { name, bytes: wide.bytes, headerOffset: wide.headerOffset }, next };
}

/** Sizes and offset of a directory entry; those saturated in 32 bits stand, in this order, in its zip64 extra field. */
function zip64Values(
  source: ByteSource,
  view: DataView,
  at: number,
  extraAt: number,
  extraBytes: number,
): { bytes: number; packed: number; headerOffset: number } {
  const narrow = [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ] as const;
  const wide: number[] = [...narrow];
  for (let field = extraAt; field + 4 <= extraAt + extraBytes;) {
    const length = view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === zip64ExtraId) {
      let value = field + 4;
      for (const [index, number] of narrow.entries()) {
        if (number !== saturated32) continue;
        if (value + 8 > Math.min(field + 4 + length, extraAt + extraBytes)) {
          throw refused(source, 'has a zip entry beyond 32 bits without its zip64 sizes');
        }
        wide[index] = readUint64(source, view, value);
        value += 8;
      }
    }
    field += 4 + length;
  }
  const [bytes = 0, packed = 0, headerOffset = 0] = wide;
  return { bytes, packed, headerOffset };
}

function readUint64(source: ByteSource, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw refused(source, `has ${value.toString()} as a size or place in its zip directory`);
  }
  return Number(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function outside({ path, size }: ByteSource, { name }: ZipEntry, end: number): ThreeGateError {
  return new ThreeGateError(
    'file-truncated',
    `${path} is truncated: its zip entry "${name}" reaches byte ${end}, the file ends at byte ${size}.`,
    { file: path },
  );
}

function truncated({ path }: ByteSource, what: string): ThreeGateError {
  return new ThreeGateError('file-truncated', `${path} is truncated: ${what}.`, { file: path });
}

function refused({ path }: ByteSource, what: string): ThreeGateError {
  return new ThreeGateError('archive-refused', `${path} ${what}.`, { file: path });
}
