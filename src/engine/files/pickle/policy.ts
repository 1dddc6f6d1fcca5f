// What one kind of file may say in its pickle, as data: the interpreter is the same for all of them, and calls nothing
// whatever the policy says. A policy decides which names are known, which are set aside, and which end the reading.
import { ThreeGateError } from '../../../shared/errors.ts';

interface PickleLimits {
  opcodes: number;
  memo: number;
  /** Levels of containers inside each other. */
  depth: number;
  /** Open marks. */
  marks: number;
  /** Values on the stack, open marks included. */
  stack: number;
  /** Bytes of one text. */
  text: number;
}

export interface PicklePolicy {
  /** Of those that the interpreter knows; it refuses all others by name. */
  opcodes: ReadonlySet<string>;
  /** Globals that may be mentioned. */
  mention: ReadonlySet<string>;
  /** Those of them that may also stand before REDUCE or NEWOBJ. */
  call: ReadonlySet<string>;
  /**
   * Globals outside `mention`: refused, or kept as opaque names that may be called, filled and given a state, none of
   * which is carried out.
   */
  others: 'refuse' | 'opaque';
  /** Full names that end the reading even where others are opaque: nobody who means well writes them. */
  forbidden: RegExp | null;
  limits: Readonly<PickleLimits>;
  wording: PickleWording;
}

/** How a refusal is put: each gets the path or what was met, and gives the end of a sentence without its full stop. */
interface PickleWording {
  refusal: (path: string, what: string) => string;
  opcode: (name: string, at: number) => string;
  global: (name: string) => string;
  called: (name: string, opcode: string) => string;
  ended: (bytes: number, at: number) => string;
}

export function refusalOf({ wording }: PicklePolicy, path: string): (what: string) => ThreeGateError {
  return (what) => new ThreeGateError('pickle-refused', wording.refusal(path, what), { file: path });
}

/** Names that a pickle mentions to run code. */
export const dangerousGlobals = new RegExp(
  [
    '^(?:os|nt|posix|posixpath|subprocess|sys|shutil|socket|importlib|imp|runpy|pty|ctypes|webbrowser|code|codeop|pdb',
    '|commands|asyncio|multiprocessing|requests|urllib|http|ftplib|smtplib|tempfile|pickle|_pickle|marshal|operator',
    '|functools|types|inspect|bdb|timeit|cProfile|pip|ensurepip|venv|setuptools|numpy\\.testing)\\.',
    '|^(?:__builtin__|builtins)\\.',
    '(?:eval|exec|execfile|compile|open|__import__|getattr|setattr|globals|input|breakpoint|apply)$',
  ].join(''),
);
