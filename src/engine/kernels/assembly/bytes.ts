// Equality as stored: of two byte ranges, and of elements that have no arithmetic here (integers, booleans).
import { CHANGED, COMPARED, RAW_CHANGED, addAt, addCount } from './tally';

/** 1 when both ranges hold the same bytes. */
export function bytesEqual(left: usize, right: usize, bytes: usize): bool {
  let i: usize = 0;
  for (; i + 64 <= bytes; i += 64) {
    const a = v128.xor(v128.load(left + i), v128.load(right + i));
    const b = v128.xor(v128.load(left + i, 16), v128.load(right + i, 16));
    const c = v128.xor(v128.load(left + i, 32), v128.load(right + i, 32));
    const d = v128.xor(v128.load(left + i, 48), v128.load(right + i, 48));
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return false;
  }
  for (; i < bytes; i++) if (load<u8>(left + i) !== load<u8>(right + i)) return false;
  return true;
}

/** 1 when all float32 values are those of a bf16. */
export function isBf16(values: usize, count: u32): bool {
  const beyond = i32x4.splat(0xffff);
  let i: u32 = 0;
  for (; i + 8 <= count; i += 8) {
    const at = values + ((<usize>i) << 2);
    if (v128.any_true(v128.and(v128.or(v128.load(at), v128.load(at, 16)), beyond))) return false;
  }
  for (; i < count; i++) if ((load<u32>(values + ((<usize>i) << 2)) & 0xffff) !== 0) return false;
  return true;
}

/** Counts elements of `width` bytes that differ, as changed both raw and in the bf16 view, by row and by column (0: not). */
export function compareBytes(
  tally: usize,
  base: usize,
  tuned: usize,
  width: usize,
  rows: usize,
  columns: usize,
  rowChanged: usize,
  columnChanged: usize,
): void {
  let at: usize = 0;
  let changed: u32 = 0;
  for (let r: usize = 0; r < rows; r++) {
    let inRow: u32 = 0;
    for (let c: usize = 0; c < columns; c++) {
      let differs: u32 = 0;
      for (let k: usize = 0; k < width; k++, at++) differs |= load<u8>(base + at) ^ load<u8>(tuned + at);
      if (differs === 0) continue;
      inRow++;
      if (columnChanged !== 0) addAt(columnChanged + (c << 2), 1);
    }
    if (rowChanged !== 0) addAt(rowChanged + (r << 2), inRow);
    changed += inRow;
  }
  addCount(tally, COMPARED, <u32>(rows * columns));
  addCount(tally, CHANGED, changed);
  addCount(tally, RAW_CHANGED, changed);
}
