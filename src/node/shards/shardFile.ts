// A shard on disk: findings one behind the other as they came, then an index in JSON, its length, and the SHA-256 of all that.
// Written beside its place and renamed; read one finding at a time. Nothing in it is ever executed.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import type { TensorFinding } from '../../engine/analysis/tensorFinding.ts';
import { packTotals, unpackTotals, type PackedTotals } from '../../engine/analysis/packedTotals.ts';
import type { ShardHeader, ShardOutput, StoredShard } from '../../engine/shards/record.ts';
import type { Unit } from '../../engine/shards/units.ts';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import { openPart } from '../disk/partFile.ts';

const magic = Buffer.from('3GSHARD1');
const lengthBytes = 8;
const digestBytes = 32;
const footerBytes = lengthBytes + digestBytes;
const readBytes = 1 << 20;

interface Entry {
  unit: Unit;
  offset: number;
  bytes: number;
}

interface Index {
  header: ShardHeader;
  entries: Entry[];
}

type Packed =
  | Exclude<TensorFinding, { kind: 'streamed' }>
  | (Omit<TensorFinding & { kind: 'streamed' }, 'totals'> & { totals: PackedTotals });

/** Every failure is `access-denied` and names the file. @param id names the writer's unfinished file */
export async function openShardFile(path: string, id: string): Promise<ShardOutput> {
  const named = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const message = `${path} could not be written: ${asProblem(error).message}`;
      throw new ThreeGateError('access-denied', message, { file: path });
    }
  };
  const part = await named(() => openPart(path, id));
  const hash = createHash('sha256');
  const entries: Entry[] = [];
  let offset = magic.length;
  let written: Promise<unknown> = part.file.write(magic);
  const append = (bytes: Uint8Array): void => {
    hash.update(bytes);
    offset += bytes.length;
    written = written.then(() => part.file.writeFile(bytes));
    // Told when it is committed.
    written.catch(() => undefined);
  };
  return {
    add({ unit, finding }) {
      const payload = serialize(packed(finding));
      entries.push({ unit, offset, bytes: payload.length });
      append(payload);
    },
    commit: (header) =>
      named(async () => {
        const index = Buffer.from(JSON.stringify({ header, entries } satisfies Index));
        append(index);
        const length = Buffer.alloc(lengthBytes);
        length.writeBigUInt64LE(BigInt(index.length));
        append(length);
        await written;
        await part.file.writeFile(hash.digest());
        await part.commit({ sync: true });
      }),
    async discard() {
      await written.catch(() => undefined);
      await part.discard();
    },
  };
}

/** What a shard says of itself, from its end alone; rejects with `shard-refused` where it is not whole. */
export async function readShardHeader(path: string): Promise<ShardHeader> {
  return await withFile(path, async (file, size) => (await readIndex(path, file, size)).header);
}

/** Reads and checks every byte once; rejects with `shard-refused` where it is not as it was written. */
export async function readShard(path: string): Promise<StoredShard> {
  const { header, entries } = await withFile(path, async (file, size) => {
    const index = await readIndex(path, file, size);
    if (!(await isWhole(file, size))) throw damaged(path, 'its checksum does not match');
    return index;
  });
  const byUnit = new Map<string, Entry[]>();
  for (const entry of entries)
    byUnit.set(keyOf(entry.unit), [...(byUnit.get(keyOf(entry.unit)) ?? []), entry]);
  return {
    path,
    header,
    findings: (unit) =>
      withFile(path, async (file) => {
        const found: TensorFinding[] = [];
        for (const { offset, bytes } of byUnit.get(keyOf(unit)) ?? []) {
          found.push(unpacked(deserialize(await readAt(file, offset, bytes)) as Packed));
        }
        return found;
      }),
  };
}

function packed(finding: TensorFinding): Packed {
  return finding.kind === 'streamed' ? { ...finding, totals: packTotals(finding.totals) } : finding;
}

function unpacked(finding: Packed): TensorFinding {
  return finding.kind === 'streamed' ? { ...finding, totals: unpackTotals(finding.totals) } : finding;
}

function keyOf({ step, part }: Unit): string {
  return typeof part === 'string' ? `${step} ${part}` : `${step} ${part.from}-${part.to}`;
}

async function withFile<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  const file = await open(path).catch((error: unknown) => {
    throw damaged(path, asProblem(error).message);
  });
  try {
    return await work(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function readIndex(path: string, file: FileHandle, size: number): Promise<Index> {
  if (size < magic.length + footerBytes) throw damaged(path, 'it is cut off');
  if (!(await readAt(file, 0, magic.length)).equals(magic)) {
    throw damaged(path, 'it is no shard, or one of another version of Three-Gate');
  }
  const length = Number((await readAt(file, size - footerBytes, lengthBytes)).readBigUInt64LE());
  const from = size - footerBytes - length;
  if (from < magic.length) throw damaged(path, 'it is cut off');
  try {
    return JSON.parse((await readAt(file, from, length)).toString()) as Index;
  } catch {
    throw damaged(path, 'it is cut off');
  }
}

async function isWhole(file: FileHandle, size: number): Promise<boolean> {
  const hash = createHash('sha256');
  const end = size - digestBytes;
  for (let at = magic.length; at < end; at += readBytes) {
    hash.update(await readAt(file, at, Math.min(readBytes, end - at)));
  }
  return hash.digest().equals(await readAt(file, end, digestBytes));
}

async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const target = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(target, 0, bytes, offset);
  return target.subarray(0, bytesRead);
}

function damaged(path: string, why: string): ThreeGateError {
  const message = `${path} cannot be merged: ${why}. Remove it; three-gate retry then submits that shard again.`;
  return new ThreeGateError('shard-refused', message, { file: path });
}
