// A forked process ends with its parent.

/** Ties this process to its parent: it ends when the channel goes, and leaves Ctrl-C to the parent. */
export function followParent(): void {
  // Nobody will read a result, so nothing may keep this process alive.
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C in a terminal reaches the whole process group; the client decides when the engine stops.
  process.on('SIGINT', () => undefined);
}
