/** Gives back memory now. The engine's process is started with a collector that can be called; other hosts go on without. */
export function collect(): void {
  globalThis.gc?.();
}
