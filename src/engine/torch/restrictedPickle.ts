// A pickle interpreter that builds plain data and calls nothing. It knows the opcodes that torch.save writes and a closed
// list of globals; any other opcode or global ends the reading with a sentence that names it. Bounded in steps, memo,
// nesting and marks. Source of the opcodes: Python's Lib/pickle.py.
import { ThreeGateError } from '../../shared/errors.ts';
import { allowedGlobals, callableGlobals, opcodeName } from './pickleOpcodes.ts';
import { PickleCursor } from './pickleCursor.ts';
import { depthOf, isKind } from './pickleValue.ts';
import type { PickleValue } from './pickleValue.ts';

export interface PickleLimits {
  opcodes: number;
  memo: number;
  /** Levels of containers inside each other, and of open marks. */
  depth: number;
}

export const defaultPickleLimits: Readonly<PickleLimits> = {
  opcodes: 50_000_000,
  memo: 10_000_000,
  depth: 100,
};

/** `path` is for the sentences. Throws `pickle-refused`. */
export function readPickle(
  path: string,
  bytes: Uint8Array,
  limits: PickleLimits = defaultPickleLimits,
): PickleValue {
  return new RestrictedPickle(path, bytes, limits).read();
}

class RestrictedPickle {
  private readonly cursor: PickleCursor;
  private readonly limits: PickleLimits;
  private readonly refuse: (what: string) => ThreeGateError;
  private readonly memo = new Map<number, PickleValue>();
  /** The open stack on top of those that a MARK put aside. */
  private stack: PickleValue[] = [];
  private readonly marked: PickleValue[][] = [];

  constructor(path: string, bytes: Uint8Array, limits: PickleLimits) {
    this.limits = limits;
    this.refuse = (what) =>
      new ThreeGateError('pickle-refused', `${path} is refused: its pickle ${what}.`, { file: path });
    this.cursor = new PickleCursor(bytes, this.refuse);
  }

  read(): PickleValue {
    for (let steps = 0; ; steps += 1) {
      if (steps === this.limits.opcodes) {
        throw this.refuse(`has more than ${this.limits.opcodes} opcodes`);
      }
      const code = this.cursor.uint8();
      if (code === 0x2e) return this.finish();
      this.carryOut(code);
    }
  }

  private finish(): PickleValue {
    const value = this.pop();
    if (this.stack.length > 0 || this.marked.length > 0) throw this.refuse('ends with values left over');
    return value;
  }

  /** Opcodes that put a value on the stack. */
  private readonly values: Readonly<Record<string, () => PickleValue>> = {
    N: () => null,
    '\x88': () => true,
    '\x89': () => false,
    J: () => this.cursor.int32(),
    K: () => this.cursor.uint8(),
    M: () => this.cursor.uint16(),
    '\x8a': () => this.cursor.long(this.cursor.uint8()),
    '\x8b': () => this.cursor.long(this.cursor.uint32()),
    G: () => this.cursor.float64(),
    X: () => this.cursor.text(this.cursor.uint32()),
    '\x8c': () => this.cursor.text(this.cursor.uint8()),
    '\x8d': () => this.cursor.text(this.cursor.uint64()),
    ')': () => this.tuple([]),
    '\x85': () => this.tuple(this.popMany(1)),
    '\x86': () => this.tuple(this.popMany(2)),
    '\x87': () => this.tuple(this.popMany(3)),
    t: () => this.tuple(this.popMark()),
    ']': () => ({ kind: 'list', items: [], depth: 1 }),
    '}': () => ({ kind: 'dict', entries: new Map(), depth: 1 }),
    c: () => this.global(this.cursor.line(), this.cursor.line()),
    '\x93': () => this.stackGlobal(),
    R: () => this.call('REDUCE'),
    '\x81': () => this.call('NEWOBJ'),
    Q: () => this.reference(),
    h: () => this.recall(this.cursor.uint8()),
    j: () => this.recall(this.cursor.uint32()),
  };

  /** Opcodes that change what is there. */
  private readonly changes: Readonly<Record<string, () => void>> = {
    '\x80': () => {
      const protocol = this.cursor.uint8();
      if (protocol < 2 || protocol > 5) throw this.refuse(`is of protocol ${protocol}`);
    },
    '\x95': () => {
      this.cursor.uint64();
    },
    '(': () => {
      if (this.marked.length === this.limits.depth) throw this.tooDeep();
      this.marked.push(this.stack);
      this.stack = [];
    },
    a: () => {
      this.append(this.popMany(1));
    },
    e: () => {
      this.append(this.popMark());
    },
    s: () => {
      this.setItems(this.popMany(2));
    },
    u: () => {
      this.setItems(this.popMark());
    },
    b: () => {
      this.build();
    },
    q: () => {
      this.remember(this.cursor.uint8());
    },
    r: () => {
      this.remember(this.cursor.uint32());
    },
    '\x94': () => {
      this.remember(this.memo.size);
    },
  };

  private carryOut(code: number): void {
    const opcode = String.fromCharCode(code);
    const make = this.values[opcode];
    if (make !== undefined) {
      // First made, then pushed: closing a mark changes which stack is the open one.
      const value = make();
      this.stack.push(value);
      return;
    }
    const change = this.changes[opcode];
    if (change === undefined) {
      throw this.refuse(`has the opcode ${opcodeName(code)}, which a tensor file does not need`);
    }
    change();
  }

  private tuple(items: PickleValue[]): PickleValue {
    return { kind: 'tuple', items, depth: this.depthAbove(items) };
  }

  private reference(): PickleValue {
    const id = this.pop();
    return { kind: 'reference', id, depth: this.depthAbove([id]) };
  }

  private stackGlobal(): PickleValue {
    const [module, name] = this.popMany(2);
    if (typeof module === 'string' && typeof name === 'string') return this.global(module, name);
    throw this.refuse('names a global by something that is not text');
  }

  private global(module: string, name: string): PickleValue {
    const full = `${module}.${name}`;
    if (!allowedGlobals.has(full)) throw this.refuse(`names ${full}, which a tensor file does not need`);
    return { kind: 'global', name: full };
  }

  /** Notes what would be called with what, and calls nothing. */
  private call(opcode: string): PickleValue {
    const [callee, args] = this.popMany(2);
    if (!isKind(callee, 'global')) throw this.refuse(`calls something that is not a global by ${opcode}`);
    if (!callableGlobals.has(callee.name)) {
      throw this.refuse(`calls ${callee.name} by ${opcode}, which a tensor file does not need`);
    }
    if (!isKind(args, 'tuple')) throw this.refuse(`calls ${callee.name} without a tuple of arguments`);
    const { items } = args;
    const depth = this.depthAbove(items);
    return { kind: 'object', callee: callee.name, args: items, state: null, entries: new Map(), depth };
  }

  private build(): void {
    const state = this.pop();
    const target = this.top();
    if (!isKind(target, 'object'))
      throw this.refuse('sets the state of something that was not made by a call');
    target.state = state;
    target.depth = Math.max(target.depth, this.depthAbove([state]));
  }

  private append(items: PickleValue[]): void {
    const target = this.top();
    if (!isKind(target, 'list')) throw this.refuse('appends to something that is not a list');
    for (const item of items) target.items.push(item);
    target.depth = Math.max(target.depth, this.depthAbove(items));
  }

  private setItems(items: PickleValue[]): void {
    const target = this.top();
    const isOrderedDict = isKind(target, 'object') && target.callee === 'collections.OrderedDict';
    if (!isKind(target, 'dict') && !isOrderedDict) {
      throw this.refuse('sets items of something that is not a dictionary');
    }
    if (items.length % 2 !== 0) throw this.refuse('sets a dictionary key without a value');
    for (let index = 0; index < items.length; index += 2) {
      target.entries.set(items[index] ?? null, items[index + 1] ?? null);
    }
    target.depth = Math.max(target.depth, this.depthAbove(items));
  }

  private remember(index: number): void {
    if (this.memo.size >= this.limits.memo) {
      throw this.refuse(`remembers more than ${this.limits.memo} values`);
    }
    this.memo.set(index, this.top());
  }

  private recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw this.refuse(`recalls value ${index}, which it never remembered`);
    return value;
  }

  private top(): PickleValue {
    const value = this.stack[this.stack.length - 1];
    if (value === undefined) throw this.underflow();
    return value;
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.underflow();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw this.underflow();
    return this.stack.splice(-count);
  }

  private popMark(): PickleValue[] {
    const below = this.marked.pop();
    if (below === undefined) throw this.refuse('closes a mark that it never set');
    const items = this.stack;
    this.stack = below;
    return items;
  }

  private depthAbove(values: readonly PickleValue[]): number {
    let deepest = 0;
    for (const value of values) deepest = Math.max(deepest, depthOf(value));
    if (deepest >= this.limits.depth) throw this.tooDeep();
    return deepest + 1;
  }

  private tooDeep(): ThreeGateError {
    return this.refuse(`nests deeper than ${this.limits.depth} levels`);
  }

  private underflow(): ThreeGateError {
    return this.refuse('takes a value from an empty stack');
  }
}
