// The part of the WebAssembly JavaScript interface that is used here: the compiler's own declarations of it come only
// with those of the browser, which this room must not see.
declare namespace WebAssembly {
  /** Compiled code; can be sent to another thread. */
  type Module = object;
  const Module: {
    new (bytes: Uint8Array): Module;
    exports(module: Module): { name: string; kind: string }[];
  };

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  const Memory: new (limits: { initial: number; maximum: number }) => Memory;

  interface Instance {
    readonly exports: unknown;
  }
  const Instance: new (module: Module, imports: { env: Record<string, unknown> }) => Instance;
}
