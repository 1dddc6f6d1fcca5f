// When a folder is looked at again: at once when it is shown or something in it changed, and every few seconds while it is in
// sight, as network file systems tell of no change. Never while it is hidden, and no more once it is whole.
export class Follower {
  private isVisible = false;
  private isLooking = false;
  private isWhole = false;
  /** Something changed while it was looked at. */
  private isStale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param look says whether the folder is whole; never rejects */
  constructor(
    private readonly look: () => Promise<boolean>,
    private readonly pollMs: number,
  ) {}

  show(isVisible: boolean): void {
    if (isVisible === this.isVisible) return;
    this.isVisible = isVisible;
    this.changed();
  }

  /** Something may have changed. */
  changed(): void {
    clearTimeout(this.timer);
    if (!this.isVisible || this.isWhole) return;
    this.isStale = true;
    if (!this.isLooking) void this.lookOn();
  }

  private async lookOn(): Promise<void> {
    this.isLooking = true;
    while (this.isVisible && this.isStale && !this.isWhole) {
      this.isStale = false;
      this.isWhole = await this.look();
    }
    this.isLooking = false;
    if (!this.isVisible || this.isWhole) return;
    this.timer = setTimeout(() => {
      this.changed();
    }, this.pollMs);
  }
}
