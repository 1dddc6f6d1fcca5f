// Why the WebAssembly build of the matrix library ran, in a sentence.

export function fallbackSentence(reason: string): string {
  return `The WebAssembly engine ran instead of the native one: ${reason}`;
}
