// Names what a file is that is not what it was expected to be: by its first bytes, in one sentence.
import { ThreeGateError } from '../../shared/errors.ts';
import type { ProblemCode } from '../../shared/errors.ts';

interface Signature {
  matches: (start: string) => boolean;
  code: ProblemCode;
  sentence: (path: string) => string;
}

// The bytes of a UTF-8 byte order mark may stand before it.
const markup = /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype|html|head|body|\?xml|error)/i;

const signatures: Signature[] = [
  {
    matches: (start) => start.startsWith('version https://git-lfs.github.com/spec/'),
    code: 'git-lfs-pointer',
    sentence: (path) => `${path} is a Git LFS pointer, not the file itself; fetch it with "git lfs pull".`,
  },
  {
    matches: (start) => markup.test(start),
    code: 'html-page',
    sentence: (path) =>
      `${path} is a web page, not the file itself; the download probably answered with an error page.`,
  },
  {
    matches: (start) => start.startsWith('PK\u0003\u0004') || start.startsWith('\u0080\u0002'),
    code: 'pickle-refused',
    sentence: (path) => `${path} is a PyTorch pickle, which is never executed; save it as safetensors first.`,
  },
  {
    matches: (start) => start.startsWith('GGUF'),
    code: 'not-a-checkpoint',
    sentence: (path) => `${path} is a GGUF file, not safetensors.`,
  },
];

/** Null when the bytes look like nothing known. `start`: the first bytes of the file, some hundreds. */
export function nameForeignContent(path: string, start: Uint8Array): ThreeGateError | null {
  const text = String.fromCharCode(...start);
  const found = signatures.find((signature) => signature.matches(text));
  return found === undefined ? null : new ThreeGateError(found.code, found.sentence(path), { file: path });
}
