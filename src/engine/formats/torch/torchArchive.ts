// An archive of torch.save (1.6 and later: an uncompressed zip around a pickle), read without executing anything: what its
// pickle says as plain data, and where the bytes of a tensor's storage lie.
import { problem, ThreeGateError } from '../../../shared/errors.ts';
import { formatShape } from '../../../shared/text/format.ts';
import type { StoredTensor, UnreadableTensor } from '../../checkpoint/checkpoint.ts';
import { dtypes } from '../../checkpoint/dtype.ts';
import type { ByteSource } from '../../files/fileSystem.ts';
import { nameForeignContent } from '../../files/foreignContent.ts';
import { readPickle } from '../../files/pickle/restrictedPickle.ts';
import type { PicklePolicy } from '../../files/pickle/policy.ts';
import type { PickleValue } from '../../files/pickle/value.ts';
import { isContiguous, readStateDict } from './stateDict.ts';
import type { LocalTensor, StateDict } from './stateDict.ts';
import { dataOffset, readZipDirectory, readZipEntry } from '../../files/zip.ts';
import type { ZipEntry } from '../../files/zip.ts';

/** A state dict of 100,000 tensors takes some 30 MB. */
const maxPickleBytes = 256_000_000;
const maxIntegers = 1_000_000;
const maxComparedBytes = 4_000_000;
const legacyMagic = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9];

export class TorchArchive {
  /** What the pickle says. */
  readonly root: PickleValue;
  private readonly source: ByteSource;
  private readonly entries: ReadonlyMap<string, ZipEntry>;
  /** The folder inside the archive, with its slash. */
  private readonly prefix: string;
  /** Where storages start, once asked. */
  private readonly offsets = new Map<string, number>();
  private readonly readIntegers = new Map<string, number[]>();

  private constructor(
    source: ByteSource,
    entries: ReadonlyMap<string, ZipEntry>,
    prefix: string,
    root: PickleValue,
  ) {
    this.source = source;
    this.entries = entries;
    this.prefix = prefix;
    this.root = root;
  }

  static async open(source: ByteSource, policy: PicklePolicy): Promise<TorchArchive> {
    const { path } = source;
    await requireZip(source);
    const entries = await readZipDirectory(source);
    const pickle = [...entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
    if (pickle === undefined) {
      throw new ThreeGateError(
        'not-a-checkpoint',
        `${path} is a zip archive without a data.pkl: torch did not save it.`,
        {
          file: path,
        },
      );
    }
    const prefix = pickle.name.slice(0, -'data.pkl'.length);
    await requireLittleEndian(source, entries.get(`${prefix}byteorder`));
    if (pickle.bytes > maxPickleBytes) {
      throw new ThreeGateError(
        'pickle-refused',
        `${path} is refused: its pickle has ${pickle.bytes} bytes, beyond the limit of ${maxPickleBytes}.`,
        { file: path },
      );
    }
    const root = readPickle(path, await readZipEntry(source, pickle), policy);
    return new TorchArchive(source, entries, prefix, root);
  }

  /** Throws `not-a-checkpoint` where no tensor is found. */
  requireStateDict(): StateDict {
    const found = readStateDict(this.root);
    if (found !== null) return found;
    const { path } = this.source;
    const message = `${path} was saved by torch but holds no state dict of tensors.`;
    throw new ThreeGateError('not-a-checkpoint', message, { file: path });
  }

  /** Where a contiguous tensor's bytes lie. */
  async locate(name: string, tensor: LocalTensor): Promise<StoredTensor | UnreadableTensor> {
    const { dtype, shape } = tensor;
    const elements = this.elementsOf(shape);
    const offset = await this.placeOf(tensor);
    if (typeof offset === 'string') return this.unreadable(name, elements, offset);
    const bytes = (elements * dtypes[dtype].bits) / 8;
    return { name, dtype, shape, elements, file: this.source.path, offset, bytes, scale: null };
  }

  /** Byte offset of a contiguous tensor in the source, or in words why there is none. */
  async placeOf(tensor: LocalTensor): Promise<number | string> {
    const { dtype, shape, storage, storageOffset } = tensor;
    const width = dtypes[dtype].bits / 8;
    if (!isContiguous(tensor)) {
      const strides = tensor.strides.join(', ');
      return `has the shape ${formatShape(shape)} with the strides (${strides}): it is a view that is not stored row by row`;
    }
    const entry = this.entries.get(`${this.prefix}data/${storage}`);
    if (entry === undefined) return `has its storage ${storage} missing`;
    const end = (storageOffset + this.elementsOf(shape)) * width;
    if (end > entry.bytes) return `needs ${end} bytes of its storage ${storage}, which has ${entry.bytes}`;
    return (await this.startOf(entry)) + storageOffset * width;
  }

  /** Whether two tensors of one shape and dtype hold the same bytes; of long ones, the first and last of them. */
  async holdsSame(tensor: LocalTensor, other: TorchArchive, twin: LocalTensor): Promise<boolean> {
    const [own, its] = [await this.placeOf(tensor), await other.placeOf(twin)];
    if (typeof own === 'string' || typeof its === 'string') return false;
    const bytes = (this.elementsOf(tensor.shape) * dtypes[tensor.dtype].bits) / 8;
    const length = Math.min(bytes, maxComparedBytes);
    for (const start of new Set([0, bytes - length])) {
      const [mine, theirs] = [new Uint8Array(length), new Uint8Array(length)];
      await this.source.read(own + start, mine);
      await other.source.read(its + start, theirs);
      if (mine.some((byte, index) => byte !== theirs[index])) return false;
    }
    return true;
  }

  /** The values of a small integer tensor, read once; null for any other. */
  async integers(tensor: LocalTensor): Promise<number[] | null> {
    const key = `${tensor.storage}+${tensor.storageOffset}`;
    const known = this.readIntegers.get(key);
    if (known !== undefined) return known;
    const stored = await this.locate('', tensor);
    if ('reason' in stored || stored.elements > maxIntegers) return null;
    const wide = stored.dtype === 'I64';
    if (!wide && stored.dtype !== 'I32') return null;
    const data = new Uint8Array(stored.bytes);
    await this.source.read(stored.offset, data);
    const view = new DataView(data.buffer);
    const values = Array.from({ length: stored.elements }, (_, index) =>
      wide ? Number(view.getBigInt64(8 * index, true)) : view.getInt32(4 * index, true),
    );
    this.readIntegers.set(key, values);
    return values;
  }

  elementsOf(shape: readonly number[]): number {
    return shape.reduce((product, size) => product * size, 1);
  }

  unreadable(name: string, elements: number | null, what: string): UnreadableTensor {
    const { path } = this.source;
    const message = `Tensor "${name}" of ${path} ${what}.`;
    return { name, elements, reason: problem('tensor-layout', message, { file: path, tensor: name }) };
  }

  private async startOf(entry: ZipEntry): Promise<number> {
    const known = this.offsets.get(entry.name);
    if (known !== undefined) return known;
    const offset = await dataOffset(this.source, entry);
    this.offsets.set(entry.name, offset);
    return offset;
  }
}

async function requireZip(source: ByteSource): Promise<void> {
  const { path, size } = source;
  const start = new Uint8Array(Math.min(size, 512));
  await source.read(0, start);
  if (start[0] === 0x50 && start[1] === 0x4b) return;
  if (legacyMagic.every((byte, index) => start[index] === byte)) {
    throw new ThreeGateError(
      'pickle-refused',
      `${path} is in torch's format from before 1.6, a chain of pickles; load and save it with a current torch.`,
      { file: path },
    );
  }
  throw (
    nameForeignContent(path, start) ??
    new ThreeGateError('not-a-checkpoint', `${path} is no file of torch.save: it is not a zip archive.`, {
      file: path,
    })
  );
}

async function requireLittleEndian(source: ByteSource, entry: ZipEntry | undefined): Promise<void> {
  if (entry === undefined || entry.bytes > 16) return;
  const order = new TextDecoder().decode(await readZipEntry(source, entry));
  if (order === 'little') return;
  throw new ThreeGateError(
    'archive-refused',
    `${source.path} holds its numbers in ${order}-endian byte order.`,
    {
      file: source.path,
    },
  );
}
