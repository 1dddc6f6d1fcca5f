// Small zip archives as torch.save lays them out, and pickles spelled opcode by opcode, for files that no torch writes.

export interface ArchiveOptions {
  method?: number;
  flags?: number;
  /** What the directory claims an entry's sizes to be, by name. */
  claims?: Record<string, number>;
  /** Bytes cut off the end. */
  cut?: number;
}

/** Entries without the archive's folder, which is `model/`. */
export function torchArchive(
  entries: Record<string, Uint8Array | string>,
  { method = 0, flags = 0, claims = {}, cut = 0 }: ArchiveOptions = {},
): Uint8Array {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [shortName, content] of Object.entries(entries)) {
    const name = Buffer.from(`model/${shortName}`);
    const data = Buffer.from(content);
    const claimed = claims[shortName] ?? data.length;
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(method === 0 ? claimed : data.length, 20);
    entry.writeUInt32LE(claimed, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    local.push(header, name, data);
    directory.push(entry, name);
    at += header.length + name.length + data.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  const whole = Buffer.concat([...local, listing, end]);
  return new Uint8Array(whole.subarray(0, whole.length - cut));
}

/** Opcodes as Latin-1 text: `pickle('cos\nsystem\n', text('id'), '\x85R')`. PROTO 2 and STOP are added. */
export function pickle(...parts: string[]): Uint8Array {
  return new Uint8Array(Buffer.from(`\x80\x02${parts.join('')}.`, 'latin1'));
}

/** BINUNICODE. */
export function text(value: string): string {
  return `X${uint32(value.length)}${value}`;
}

export function uint32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
}

/** A state dict with one tensor `w` of four float32, its storage described by `id`. */
export function stateDict(
  id = `(${text('storage')}ctorch\nFloatStorage\n${text('0')}${text('cpu')}K\x04tQ`,
): string {
  const noHooks = 'ccollections\nOrderedDict\n)R';
  return `}(${text('w')}ctorch._utils\n_rebuild_tensor_v2\n(${id}K\x00K\x02K\x02\x86K\x02K\x01\x86\x89${noHooks}tRu`;
}
