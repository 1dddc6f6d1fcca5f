// Matrices on their way from the reader to the decomposition, bounded by bytes: the reader reserves before it reads,
// the decomposition releases when it is through. One item larger than the whole budget passes when nothing else waits,
// so peak memory is the budget or the largest matrix, whichever is larger.

export class MatrixQueue<Item> {
  private readonly budgetBytes: number;
  private reservedBytes = 0;
  private readonly items: Item[] = [];
  private closed = false;
  private wakeReader: (() => void) | null = null;
  private wakeTaker: (() => void) | null = null;
  /** Largest sum of reservations so far. */
  peakBytes = 0;

  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  /** Waits until `bytes` more fit, then counts them; nothing waits for 0 bytes. One reader at a time. */
  async reserve(bytes: number): Promise<void> {
    while (bytes > 0 && this.reservedBytes > 0 && this.reservedBytes + bytes > this.budgetBytes) {
      await new Promise<void>((resolve) => {
        this.wakeReader = resolve;
      });
    }
    this.reservedBytes += bytes;
    this.peakBytes = Math.max(this.peakBytes, this.reservedBytes);
  }

  release(bytes: number): void {
    this.reservedBytes -= bytes;
    this.wakeReader?.();
    this.wakeReader = null;
  }

  put(item: Item): void {
    this.items.push(item);
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
      });
    }
    return this.items.shift() ?? null;
  }
}
