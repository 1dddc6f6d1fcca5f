// The engine's process is started with a collector that can be called; other hosts go on without.

/** Gives back memory now. Optimised code that refers to something dead goes with it, and is made again. */
export function collect(): void {
  globalThis.gc?.();
}

/** Gives back what came lately and is no longer used: soon done, and code stays. */
export function collectYoung(): void {
  globalThis.gc?.({ type: 'minor' });
}
