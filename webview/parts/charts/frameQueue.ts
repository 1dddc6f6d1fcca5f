// A queue that draws with the page's own frames.
import { createDrawQueue, type DrawQueue } from './queue.ts';

export function createFrameQueue(): DrawQueue {
  return createDrawQueue((run) => {
    requestAnimationFrame(run);
  });
}
