// Matrices on their way from the reader to the decomposition, bounded by bytes: the reader reserves before it reads, the
// decomposition releases when it is through. All together they stay within the budget, and those that only wait within
// `aheadBytes`: more of them would not be decomposed sooner. A matrix larger than that passes when it is awaited, one larger
// than the budget when no other is held: peak memory is the budget or the largest matrix.

/** Enough waiting for the decomposition never to wait for the reader. */
const defaultAheadBytes = 1 << 28;

interface Queued<Item> {
  item: Item;
  bytes: number;
}

export class MatrixQueue<Item> {
  private readonly budgetBytes: number;
  private readonly aheadBytes: number;
  /** Reserved and not released yet; and of these, what nobody decomposes yet. */
  private reservedBytes = 0;
  private waitingBytes = 0;
  private readonly items: Queued<Item>[] = [];
  private closed = false;
  private wakeReader: (() => void) | null = null;
  private wakeTaker: (() => void) | null = null;
  /** Largest sum of reservations so far. */
  peakBytes = 0;

  constructor(budgetBytes: number, aheadBytes = defaultAheadBytes) {
    this.budgetBytes = budgetBytes;
    this.aheadBytes = aheadBytes;
  }

  /** Whether `bytes` more can be reserved without waiting. */
  fits(bytes: number): boolean {
    if (bytes === 0 || this.reservedBytes === 0) return true;
    if (this.reservedBytes + bytes > this.budgetBytes) return false;
    // Who asks for a matrix and gets none is a lane of the decomposition that stands still.
    const isAwaited = this.wakeTaker !== null && this.waitingBytes === 0;
    return isAwaited || this.waitingBytes + bytes <= this.aheadBytes;
  }

  /** Waits until `bytes` more fit, then counts them; nothing waits for 0 bytes. One reader at a time. */
  async reserve(bytes: number): Promise<void> {
    while (!this.fits(bytes)) {
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
    this.reservedBytes += bytes;
    this.waitingBytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.reservedBytes);
  }

  /** Gives back what was reserved for something that turned out not to need it. */
  cancel(bytes: number): void {
    this.waitingBytes -= bytes;
    this.release(bytes);
  }

  /** Gives back what a taken item had reserved. */
  release(bytes: number): void {
    this.reservedBytes -= bytes;
    this.tellReader();
  }

  /** Hands over an item that has `bytes` reserved. */
  put(item: Item, bytes: number): void {
    this.items.push({ item, bytes });
    this.wakeTaker?.();
    this.wakeTaker = null;
  }

  /** No more items will come. */
  close(): void {
    this.closed = true;
    this.wakeTaker?.();
    this.wakeTaker = null;
  }

  /** The next item in order; null when the queue is closed and empty. One taker at a time. */
  async take(): Promise<Item | null> {
    while (this.items.length === 0) {
      if (this.closed) return null;
      await new Promise<void>((resolve) => {
        this.wakeTaker = resolve;
        this.tellReader();
      });
    }
    const next = this.items.shift();
    if (next === undefined) return null;
    this.waitingBytes -= next.bytes;
    this.tellReader();
    return next.item;
  }

  private tellReader(): void {
    this.wakeReader?.();
    this.wakeReader = null;
  }
}
