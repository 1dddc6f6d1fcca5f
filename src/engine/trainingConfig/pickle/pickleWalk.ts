// A static walk over pickle opcodes: plain values come out, nothing is imported, constructed or called. Classes and calls
// stay opaque nodes that carry their names. Any opcode outside the list that torch.save of training arguments uses is
// refused by name, and so is a file that names a module no training arguments hold.
// Source: CPython Lib/pickletools.py (opcode semantics).
import { ThreeGateError } from '../../../shared/errors.ts';

export type PickleValue =
  string | number | boolean | null | PickleList | PickleDict | PickleGlobal | PickleObject;

export interface PickleList {
  kind: 'list' | 'tuple';
  items: PickleValue[];
}

export interface PickleDict {
  kind: 'dict';
  entries: Map<string, PickleValue>;
}

/** A class or function by name; never looked up. */
export interface PickleGlobal {
  kind: 'global';
  module: string;
  name: string;
}

/** What a call or a constructor would have made. */
export interface PickleObject {
  kind: 'object';
  of: PickleValue;
  args: PickleValue[];
  /** Argument of BUILD: the attributes. */
  state: PickleValue;
}

const maxOpcodes = 200_000;
const maxStack = 10_000;
const maxText = 65_536;
const forbiddenModules =
  /^(os|nt|posix|posixpath|subprocess|sys|shutil|socket|importlib|imp|runpy|pty|ctypes|webbrowser|code|codeop|pdb|commands|asyncio|multiprocessing|requests|urllib|http|ftplib|smtplib|tempfile|pickle|_pickle|marshal|operator|functools|types|inspect|bdb|timeit|cProfile|pip|ensurepip|venv|setuptools|numpy\.testing)(\.|$)/;
const forbiddenBuiltins =
  /^(eval|exec|execfile|compile|open|__import__|getattr|setattr|globals|input|breakpoint|apply)$/;

const mark = Symbol('mark');
type Slot = PickleValue | typeof mark;

/** The value that STOP leaves. Throws `pickle-refused` naming file, opcode and byte. */
export function walkPickle(bytes: Uint8Array, file: string): PickleValue {
  return new PickleWalk(bytes, file).run();
}

class PickleWalk {
  private at = 0;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly file: string;

  constructor(bytes: Uint8Array, file: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.file = file;
  }

  run(): PickleValue {
    for (let count = 0; count < maxOpcodes; count++) {
      const opcodeAt = this.at;
      const opcode = this.byte();
      if (opcode === 0x2e) return this.pop();
      this.step(opcode, opcodeAt);
      if (this.stack.length > maxStack) this.refuse(`its stack grows beyond ${maxStack} values`);
    }
    return this.refuse(`it has more than ${maxOpcodes} opcodes`);
  }

  private step(opcode: number, opcodeAt: number): void {
    switch (opcode) {
      case 0x80: // PROTO
        this.skip(1);
        return;
      case 0x95: // FRAME
        this.skip(8);
        return;
      case 0x28: // MARK
        this.stack.push(mark);
        return;
      case 0x4e: // NONE
        this.push(null);
        return;
      case 0x88: // NEWTRUE
        this.push(true);
        return;
      case 0x89: // NEWFALSE
        this.push(false);
        return;
      case 0x4a: // BININT
        this.push(this.view.getInt32(this.take(4), true));
        return;
      case 0x4b: // BININT1
        this.push(this.byte());
        return;
      case 0x4d: // BININT2
        this.push(this.view.getUint16(this.take(2), true));
        return;
      case 0x8a: // LONG1
        this.push(this.long(this.byte()));
        return;
      case 0x47: // BINFLOAT
        this.push(this.view.getFloat64(this.take(8), false));
        return;
      case 0x58: // BINUNICODE
        this.push(this.text(this.view.getUint32(this.take(4), true)));
        return;
      case 0x8c: // SHORT_BINUNICODE
        this.push(this.text(this.byte()));
        return;
      case 0x63: // GLOBAL
        this.push(this.global());
        return;
      default:
        this.stepStructure(opcode, opcodeAt);
    }
  }

  private stepStructure(opcode: number, opcodeAt: number): void {
    switch (opcode) {
      case 0x29: // EMPTY_TUPLE
        this.push({ kind: 'tuple', items: [] });
        return;
      case 0x5d: // EMPTY_LIST
        this.push({ kind: 'list', items: [] });
        return;
      case 0x7d: // EMPTY_DICT
        this.push({ kind: 'dict', entries: new Map() });
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.push({ kind: 'tuple', items: this.popMany(opcode - 0x84) });
        return;
      case 0x74: // TUPLE
        this.push({ kind: 'tuple', items: this.popToMark() });
        return;
      case 0x61: // APPEND
        this.extend(this.popMany(1));
        return;
      case 0x65: // APPENDS
        this.extend(this.popToMark());
        return;
      case 0x73: // SETITEM
        this.setItems(this.popMany(2));
        return;
      case 0x75: // SETITEMS
        this.setItems(this.popToMark());
        return;
      case 0x71: // BINPUT
        this.memo.set(this.byte(), this.top());
        return;
      case 0x72: // LONG_BINPUT
        this.memo.set(this.view.getUint32(this.take(4), true), this.top());
        return;
      case 0x94: // MEMOIZE
        this.memo.set(this.memo.size, this.top());
        return;
      case 0x68: // BINGET
        this.recall(this.byte());
        return;
      case 0x6a: // LONG_BINGET
        this.recall(this.view.getUint32(this.take(4), true));
        return;
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [of = null, args = null] = this.popMany(2);
        this.push({ kind: 'object', of, args: isList(args) ? args.items : [], state: null });
        return;
      }
      case 0x62: // BUILD
        this.build();
        return;
      default:
        this.refuse(
          `it uses the opcode ${opcodeName(opcode)} at byte ${opcodeAt}, which no training arguments need`,
        );
    }
  }

  private build(): void {
    const state = this.pop();
    const target = this.top();
    if (target === null || typeof target !== 'object' || target.kind !== 'object') {
      this.refuse('it sets attributes of something that is no object');
    }
    target.state = state;
  }

  private setItems(flat: readonly PickleValue[]): void {
    const target = this.top();
    if (
      target === null ||
      typeof target !== 'object' ||
      (target.kind !== 'dict' && target.kind !== 'object')
    ) {
      this.refuse('it sets items of something that is no dictionary');
    }
    if (target.kind !== 'dict') return;
    for (let index = 0; index + 1 < flat.length; index += 2) {
      const key = flat[index];
      if (typeof key === 'string' || typeof key === 'number') {
        target.entries.set(String(key), flat[index + 1] ?? null);
      }
    }
  }

  private extend(items: readonly PickleValue[]): void {
    const target = this.top();
    if (isList(target)) for (const item of items) target.items.push(item);
    else if (target === null || typeof target !== 'object' || target.kind !== 'object') {
      this.refuse('it appends to something that is no list');
    }
  }

  private global(): PickleGlobal {
    const [module, name] = [this.line(), this.line()];
    const builtin = /^(__builtin__|builtins)$/.test(module) && forbiddenBuiltins.test(name);
    if (builtin || forbiddenModules.test(module)) {
      this.refuse(`it names ${module}.${name}, which no training arguments hold`);
    }
    return { kind: 'global', module, name };
  }

  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end === -1 || end - this.at > 1024) this.refuse('it has a name without an end');
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  private long(length: number): number {
    const start = this.take(length);
    let value = 0;
    for (let index = length - 1; index >= 0; index--) value = value * 256 + (this.bytes[start + index] ?? 0);
    const negative = length > 0 && ((this.bytes[start + length - 1] ?? 0) & 0x80) !== 0;
    return negative ? value - 256 ** length : value;
  }

  private text(length: number): string {
    if (length > maxText) this.refuse(`it holds a text of ${length} bytes, more than ${maxText}`);
    const start = this.take(length);
    return new TextDecoder().decode(this.bytes.subarray(start, start + length));
  }

  private recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) this.refuse(`it recalls value ${index}, which it never stored`);
    this.push(value);
  }

  private byte(): number {
    return this.bytes[this.take(1)] ?? 0;
  }

  private skip(count: number): void {
    this.take(count);
  }

  private take(count: number): number {
    const start = this.at;
    if (start + count > this.bytes.length) this.refuse(`it ends in the middle of a value at byte ${start}`);
    this.at += count;
    return start;
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === mark) return this.refuse('it takes a value from an empty stack');
    return value;
  }

  private top(): PickleValue {
    const value = this.stack[this.stack.length - 1];
    if (value === undefined || value === mark) return this.refuse('it uses a value of an empty stack');
    return value;
  }

  private popMany(count: number): PickleValue[] {
    const items: PickleValue[] = [];
    for (let index = 0; index < count; index++) items.push(this.pop());
    return items.reverse();
  }

  private popToMark(): PickleValue[] {
    const from = this.stack.lastIndexOf(mark);
    if (from === -1) this.refuse('it closes a list that it never opened');
    const items = this.stack.splice(from).slice(1);
    return items.filter((item) => item !== mark);
  }

  private refuse(why: string): never {
    throw new ThreeGateError('pickle-refused', `${this.file} was not read: ${why}.`, { file: this.file });
  }
}

function isList(value: PickleValue): value is PickleList {
  return value !== null && typeof value === 'object' && (value.kind === 'list' || value.kind === 'tuple');
}

const names: Readonly<Record<number, string>> = {
  0x30: 'POP',
  0x31: 'POP_MARK',
  0x32: 'DUP',
  0x46: 'FLOAT',
  0x49: 'INT',
  0x4c: 'LONG',
  0x50: 'PERSID',
  0x51: 'BINPERSID',
  0x53: 'STRING',
  0x54: 'BINSTRING',
  0x55: 'SHORT_BINSTRING',
  0x56: 'UNICODE',
  0x67: 'GET',
  0x69: 'INST',
  0x6f: 'OBJ',
  0x70: 'PUT',
  0x82: 'EXT1',
  0x83: 'EXT2',
  0x84: 'EXT4',
  0x8b: 'LONG4',
  0x8d: 'BINUNICODE8',
  0x8f: 'EMPTY_SET',
  0x90: 'ADDITEMS',
  0x91: 'FROZENSET',
  0x92: 'NEWOBJ_EX',
  0x93: 'STACK_GLOBAL',
  0x96: 'BYTEARRAY8',
  0x97: 'NEXT_BUFFER',
};

function opcodeName(opcode: number): string {
  const hex = `0x${opcode.toString(16).padStart(2, '0')}`;
  const name = names[opcode];
  return name === undefined ? hex : `${name} (${hex})`;
}
