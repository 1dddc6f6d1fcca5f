// Charts are drawn one per animation frame, in the order asked for, so that a panel full of them never holds up one.
// Asking again for a chart that still waits replaces what it will draw.

export interface DrawQueue {
  ask(key: object, draw: () => void): void;
  forget(key: object): void;
}

export function createDrawQueue(nextFrame: (run: () => void) => void): DrawQueue {
  const waiting = new Map<object, () => void>();
  let scheduled = false;
  const run = (): void => {
    scheduled = false;
    for (const [key, draw] of waiting) {
      waiting.delete(key);
      draw();
      break;
    }
    schedule();
  };
  const schedule = (): void => {
    if (scheduled || waiting.size === 0) return;
    scheduled = true;
    nextFrame(run);
  };
  return {
    ask(key, draw) {
      waiting.set(key, draw);
      schedule();
    },
    forget(key) {
      waiting.delete(key);
    },
  };
}
