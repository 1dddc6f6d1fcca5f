// One stored (uncompressed) entry out of a small zip archive, as torch.save writes it.
// Source: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16.
import { ThreeGateError } from '../../../shared/errors.ts';

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const maxEntries = 1000;

/** Bytes of the first entry whose name matches. Throws `pickle-refused` naming file and reason. */
export function storedZipEntry(bytes: Uint8Array, name: RegExp, file: string): Uint8Array {
  const refuse = (why: string): never => {
    throw new ThreeGateError('pickle-refused', `${file} was not read: ${why}.`, { file });
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === -1)
    return refuse('it is no zip archive, so it was not written by torch.save of PyTorch 1.6 or newer');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > maxEntries) return refuse(`it has ${count} entries, more than ${maxEntries}`);
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== centralSignature) {
      return refuse('its directory of entries is damaged');
    }
    const nameLength = view.getUint16(at + 28, true);
    const entryName = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (name.test(entryName)) {
      if (view.getUint16(at + 10, true) !== 0) return refuse(`its entry ${entryName} is compressed`);
      const size = view.getUint32(at + 24, true);
      const local = view.getUint32(at + 42, true);
      if (local + 30 > bytes.length || view.getUint32(local, true) !== localSignature) {
        return refuse(`its entry ${entryName} is damaged`);
      }
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      if (start + size > bytes.length) return refuse(`its entry ${entryName} is cut off`);
      return bytes.subarray(start, start + size);
    }
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return refuse('it holds no data.pkl');
}

/** Offset of the end-of-directory record, looked for from the end over the longest possible comment; −1 = none. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === endSignature) return at;
  }
  return -1;
}
