// What training_args.bin may say in its pickle: any class, as a name alone, but none that runs code.
import { opcodesNamed, plainOpcodes } from '../../files/pickle/opcodes.ts';
import { dangerousGlobals } from '../../files/pickle/policy.ts';
import type { PicklePolicy } from '../../files/pickle/policy.ts';

/** How Python 3.11 writes the member of an enumeration: a name and no call, as all of them. */
const enumMember: ReadonlySet<string> = new Set(['__builtin__.getattr']);

export const argumentsPolicy: PicklePolicy = {
  opcodes: opcodesNamed(plainOpcodes),
  mention: enumMember,
  call: enumMember,
  others: 'opaque',
  forbidden: dangerousGlobals,
  limits: {
    opcodes: 200_000,
    memo: 200_000,
    depth: 100,
    marks: 20_000,
    stack: 10_000,
    text: 65_536,
  },
  wording: {
    refusal: (path, what) => `${path} was not read: it ${what}.`,
    opcode: (name, at) => `uses the opcode ${name} at byte ${at}, which no training arguments need`,
    global: (name) => `names ${name}, which no training arguments hold`,
    called: (name) => `calls ${name}, which no training arguments hold`,
    ended: (_bytes, at) => `ends in the middle of a value at byte ${at}`,
  },
};
