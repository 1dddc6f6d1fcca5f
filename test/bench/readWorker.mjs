// The yardstick of the streaming bench: reads the slabs of its share of the chunks and does nothing with them.
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** @typedef {{ files: string[], bytes: number, chunkBytes: number, slabBytes: number, share: number, shares: number }} ReadTask */

// One target per side of the pair. They begin with a page, as the slabs do in the files: where a plain array comes to lie,
// up to 31 bytes further, reading takes twice as long.
const { buffer } = new WebAssembly.Memory({ initial: 128, maximum: 128 });
const targets = [0, 1].map((side) => new Uint8Array(buffer, side << 22, 1 << 22).fill(1));

parentPort?.on('message', (/** @type {ReadTask} */ task) => {
  const handles = task.files.map((file) => openSync(file, 'r'));
  for (let chunk = task.share * task.chunkBytes; chunk < task.bytes; chunk += task.shares * task.chunkBytes) {
    const end = Math.min(task.bytes, chunk + task.chunkBytes);
    for (let at = chunk; at < end; at += task.slabBytes) {
      handles.forEach((handle, i) => {
        const target = targets[i];
        if (target) readSync(handle, target, 0, Math.min(task.slabBytes, end - at), at);
      });
    }
  }
  for (const handle of handles) closeSync(handle);
  parentPort?.postMessage('done');
});
