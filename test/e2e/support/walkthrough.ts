// The walkthrough as a person goes through it: a step is unfolded, its picture shows, its button does what it says.
import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench.ts';

const title = 'Get started with Three-Gate';

export class Walkthrough {
  private readonly workbench: Workbench;

  private constructor(workbench: Workbench) {
    this.workbench = workbench;
  }

  /** Opens it, or comes back to it: what a step has opened may have taken its place. */
  static async open(workbench: Workbench): Promise<Walkthrough> {
    await workbench.command('Welcome: Open Walkthrough...');
    await workbench.type(title);
    await workbench.pick(title);
    const walkthrough = new Walkthrough(workbench);
    await walkthrough.steps().first().waitFor();
    return walkthrough;
  }

  /** Names of all steps, in order. */
  async titles(): Promise<string[]> {
    return this.steps().locator('.step-title').allTextContents();
  }

  /** Unfolds a step; returns the width in pixels of the picture of this name that it shows. */
  async unfold(step: string, picture: string): Promise<number> {
    const folded = this.step(step).and(this.workbench.page.locator(':not(.expanded)'));
    if ((await folded.count()) > 0) await folded.locator('.step-title').click();
    const shown = this.workbench.page.locator(`.getting-started-media img[srcset*="${picture}"]:visible`);
    await shown.waitFor();
    return shown.evaluate(widthOf);
  }

  async press(step: string, button: string): Promise<void> {
    await this.step(step).locator('.monaco-button', { hasText: button }).click();
  }

  async untilDone(step: string): Promise<void> {
    await this.step(step).locator('[role="checkbox"][aria-checked="true"]').waitFor();
  }

  private step(name: string): Locator {
    const named = this.workbench.page.locator('.step-title', { hasText: name });
    return this.steps().filter({ has: named });
  }

  private steps(): Locator {
    return this.workbench.page.locator('.getting-started-step:visible');
  }
}

/** Runs in the page. */
async function widthOf(element: unknown): Promise<number> {
  const picture = element as { naturalWidth: number; decode: () => Promise<void> };
  await picture.decode();
  return picture.naturalWidth;
}
