// The comparison panel inside its webview, as a person reads and uses it.
import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import type { Workbench } from './workbench.ts';

/** Longest that an analysis of the fixtures may take on a slow machine. */
const analysisMs = 120_000;

export class Panel {
  readonly frame: Frame;

  private constructor(frame: Frame) {
    this.frame = frame;
  }

  /** The panel that shows; waits until it has drawn its document. */
  static async shown(workbench: Workbench): Promise<Panel> {
    const frame = await workbench.webview('.header .pair:visible, .banner.error:visible');
    return new Panel(frame);
  }

  /** Waits until the analysis is complete and returns the headline. */
  async complete(): Promise<string> {
    await this.button('Analyse again').waitFor({ timeout: analysisMs });
    return this.headline();
  }

  async headline(): Promise<string> {
    return (await this.frame.locator('.headline').textContent()) ?? '';
  }

  /** `base → grpo/checkpoint-100` */
  async sides(): Promise<string> {
    const names = await this.frame.locator('.header .side-name').allTextContents();
    return names.join(' → ');
  }

  /** Waits until base and tuned are these. */
  async sidesAre(sides: string): Promise<void> {
    await this.frame.locator('.header .pair', { hasText: sides.replace(' → ', ' → tuned ') }).waitFor();
  }

  /** Waits for a headline. */
  async headlineIs(pattern: RegExp): Promise<void> {
    await this.frame.locator('.headline', { hasText: pattern }).waitFor({ timeout: analysisMs });
  }

  button(label: string): ReturnType<Frame['locator']> {
    return this.frame.locator('vscode-button:visible, button:visible', { hasText: label });
  }

  /** The banner that says what went wrong or was stopped. */
  async banner(kind: 'info' | 'warning' | 'error'): Promise<string> {
    const banner = this.frame.locator(`.banner.${kind}`).first();
    await banner.waitFor({ timeout: analysisMs });
    return (await banner.textContent()) ?? '';
  }

  async words(): Promise<string[]> {
    const words = await this.frame.locator('.gate-head').allTextContents();
    assert.equal(words.length, 3);
    return words;
  }
}
