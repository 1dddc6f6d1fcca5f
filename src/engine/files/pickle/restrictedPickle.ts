// The one pickle interpreter: it builds plain data and calls nothing. Which opcodes and globals a file may use is its
// policy's; any other ends the reading with a sentence that names it. Bounded in steps, stack, memo, nesting, marks and
// text. Source of the opcodes: Python's Lib/pickle.py.
import type { ThreeGateError } from '../../../shared/errors.ts';
import { PickleCursor } from './cursor.ts';
import { opcodeName } from './opcodes.ts';
import { refusalOf } from './policy.ts';
import type { PicklePolicy } from './policy.ts';
import { depthOf, isKind } from './value.ts';
import type { PickleValue } from './value.ts';

/** `path` is for the sentences. Throws `pickle-refused`. */
export function readPickle(path: string, bytes: Uint8Array, policy: PicklePolicy): PickleValue {
  return new RestrictedPickle(path, bytes, policy).read();
}

class RestrictedPickle {
  private readonly cursor: PickleCursor;
  private readonly policy: PicklePolicy;
  private readonly refuse: (what: string) => ThreeGateError;
  private readonly memo = new Map<number, PickleValue>();
  /** The open stack on top of those that a MARK put aside. */
  private stack: PickleValue[] = [];
  private readonly marked: PickleValue[][] = [];
  /** Values below the open stack, and the marks. */
  private set = 0;

  constructor(path: string, bytes: Uint8Array, policy: PicklePolicy) {
    this.policy = policy;
    this.refuse = refusalOf(policy, path);
    this.cursor = new PickleCursor(bytes, this.refuse, policy);
  }

  read(): PickleValue {
    const { limits } = this.policy;
    for (let steps = 0; ; steps += 1) {
      if (steps === limits.opcodes) throw this.refuse(`has more than ${limits.opcodes} opcodes`);
      const at = this.cursor.position;
      const code = this.cursor.uint8();
      if (code === 0x2e) return this.finish();
      this.carryOut(code, at);
      if (this.set + this.stack.length > limits.stack) {
        throw this.refuse(`has a stack that grows beyond ${limits.stack} values`);
      }
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
      if (this.marked.length === this.policy.limits.marks) throw this.tooDeep();
      this.set += this.stack.length + 1;
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

  private carryOut(code: number, at: number): void {
    const opcode = String.fromCharCode(code);
    if (!this.policy.opcodes.has(opcode)) {
      throw this.refuse(this.policy.wording.opcode(opcodeName(code), at));
    }
    const make = this.values[opcode];
    if (make !== undefined) {
      // First made, then pushed: closing a mark changes which stack is the open one.
      const value = make();
      this.stack.push(value);
      return;
    }
    const change = this.changes[opcode];
    if (change === undefined) throw this.refuse(this.policy.wording.opcode(opcodeName(code), at));
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
    const { mention, others, forbidden, wording } = this.policy;
    const full = `${module}.${name}`;
    const known = mention.has(full) || (others === 'opaque' && forbidden?.test(full) !== true);
    if (!known) throw this.refuse(wording.global(full));
    return { kind: 'global', name: full };
  }

  /** Notes what would be called with what, and calls nothing. */
  private call(opcode: string): PickleValue {
    const [callee, args] = this.popMany(2);
    const name = this.calledName(callee);
    if (name === null) throw this.refuse(`calls something that is not a global by ${opcode}`);
    const { call, wording } = this.policy;
    if (!call.has(name) && !this.isOpaque(name)) throw this.refuse(wording.called(name, opcode));
    if (!isKind(args, 'tuple')) throw this.refuse(`calls ${name} without a tuple of arguments`);
    const { items } = args;
    const depth = this.depthAbove(items);
    return { kind: 'object', callee: name, args: items, state: null, entries: new Map(), depth };
  }

  /** What an opaque call made may be called in turn: `name()`. */
  private calledName(callee: PickleValue | undefined): string | null {
    if (isKind(callee, 'global')) return callee.name;
    if (!isKind(callee, 'object') || !this.isOpaque(callee.callee)) return null;
    return `${callee.callee}()`;
  }

  /** A name that the policy does not know and lets stand. */
  private isOpaque(name: string): boolean {
    return this.policy.others === 'opaque' && !this.policy.mention.has(name);
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
    // What an opaque object would have been filled with is nobody's concern.
    if (isKind(target, 'object') && this.isOpaque(target.callee)) return;
    if (!isKind(target, 'list')) throw this.refuse('appends to something that is not a list');
    for (const item of items) target.items.push(item);
    target.depth = Math.max(target.depth, this.depthAbove(items));
  }

  private setItems(items: PickleValue[]): void {
    const target = this.top();
    const isFillable =
      isKind(target, 'object') &&
      (target.callee === 'collections.OrderedDict' || this.isOpaque(target.callee));
    if (!isKind(target, 'dict') && !isFillable) {
      throw this.refuse('sets items of something that is not a dictionary');
    }
    if (items.length % 2 !== 0) throw this.refuse('sets a dictionary key without a value');
    for (let index = 0; index < items.length; index += 2) {
      target.entries.set(items[index] ?? null, items[index + 1] ?? null);
    }
    target.depth = Math.max(target.depth, this.depthAbove(items));
  }

  private remember(index: number): void {
    const { memo } = this.policy.limits;
    if (this.memo.size >= memo) throw this.refuse(`remembers more than ${memo} values`);
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
    this.set -= below.length + 1;
    this.stack = below;
    return items;
  }

  private depthAbove(values: readonly PickleValue[]): number {
    let deepest = 0;
    for (const value of values) deepest = Math.max(deepest, depthOf(value));
    if (deepest >= this.policy.limits.depth) throw this.tooDeep();
    return deepest + 1;
  }

  private tooDeep(): ThreeGateError {
    return this.refuse(`nests deeper than ${this.policy.limits.depth} levels`);
  }

  private underflow(): ThreeGateError {
    return this.refuse('takes a value from an empty stack');
  }
}
