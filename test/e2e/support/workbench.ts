// The parts of a VS Code window that a person uses, by their accessible names where VS Code gives them one.
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { contentAfter, pictureBefore, storedState } from './inPage.ts';

const screenshots = join(import.meta.dirname, '../screenshots');

/** Pictures are for people to look at, and take as long as the tests: a run takes them where it is asked to. */
const picturesWanted = process.env['THREE_GATE_PICTURES'] !== undefined;

/** What a window's root carries in each theme. */
const themeClasses = { 'Dark Modern': 'vs-dark', 'Light Modern': 'vs', 'Dark High Contrast': 'hc-black' };

type Theme = keyof typeof themeClasses;

export class Workbench {
  readonly page: Page;
  private offersPairs = false;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the explorer shows the workspace and what the extension contributes is known. */
  async ready(): Promise<void> {
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    const command = this.quickRows().filter({ hasText: 'Three-Gate: Show Log' }).first();
    for (let attempt = 0; ; attempt += 1) {
      await this.openPalette('>Three-Gate: Show Log');
      const known = await command.waitFor({ timeout: 1000 }).then(
        () => true,
        () => false,
      );
      await this.page.keyboard.press('Escape');
      if (known) return;
      if (attempt > 60) throw new Error('The extension was not loaded within a minute.');
    }
  }

  /**
   * Reloads the window once it has stored that a tab is open, and no longer that one of another title is. VS Code in a
   * browser writes its state every few seconds and not when it is left: a reload before that goes back to an older one.
   */
  async reload(stored: { open: string; gone?: string }): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const state = String(await this.page.evaluate(storedState));
      if (state.includes(stored.open) && !(stored.gone !== undefined && state.includes(stored.gone))) break;
      if (attempt > 100) throw new Error(`The window did not store ${JSON.stringify(stored)}.`);
      await this.page.waitForTimeout(300);
    }
    await this.page.reload();
    await this.ready();
  }

  /** Runs a command by the title that the palette shows. */
  async command(title: string): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      await this.openPalette(`>${title}`);
      try {
        await this.pick(title, 5000);
        return;
      } catch (error) {
        // Closed by what took the focus before anything was chosen: open it again, as a person would.
        if (attempt > 3 || (await this.quickInput().isVisible())) throw error;
      }
    }
  }

  /** Opens the quick input with some text: `>…` for commands, a file name for files. */
  async openPalette(text: string): Promise<void> {
    const input = this.quickInput().locator('input.input');
    for (let attempt = 0; attempt < 10; attempt += 1) {
      // A press is lost while the focus is in a page that is just going away, and an editor that has just opened takes the
      // focus when it is drawn: that closes the input, before or after the text is in it.
      await this.page.keyboard.press('F1');
      const filled = await input.fill(text, { timeout: 3000 }).then(
        () => true,
        () => false,
      );
      if (filled && (await input.isVisible())) return;
    }
    throw new Error(`The palette did not stay open for ${text}.`);
  }

  quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** Rows of the open quick pick. */
  quickRows(): Locator {
    return this.quickInput().locator('.quick-input-list .monaco-list-row');
  }

  /** Chooses the quick pick's row whose label is or starts with `label`. */
  async pick(label: string, timeoutMs = 20_000): Promise<void> {
    await this.quickRows()
      .filter({ has: this.page.locator('.label-name', { hasText: label }) })
      .first()
      .click({ timeout: timeoutMs });
  }

  explorerRow(name: string): Locator {
    return this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: exactly(name) }) })
      .first();
  }

  /** Expands nested folders of the explorer, e.g. `base`, `grpo`. */
  async expand(...names: string[]): Promise<void> {
    for (const name of names) {
      const row = this.explorerRow(name);
      await row.waitFor();
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    }
  }

  /** Right-clicks a row and chooses an entry of the menu. */
  async contextMenu(row: Locator, entry: string): Promise<void> {
    await this.openContextMenuWith(row, entry);
    await this.chooseFromMenu(entry);
  }

  async chooseFromMenu(entry: string): Promise<void> {
    // A menu takes no clicks in its first 100 ms, so that the click that opened it chooses nothing.
    await this.page.waitForTimeout(150);
    await this.menuEntry(entry).click();
  }

  /** Opens the menu until it has an entry: those on folders wait for the extension's first look at the workspace. */
  async openContextMenuWith(row: Locator, entry: string): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await this.openContextMenu(row);
      if ((await this.menuEntry(entry).count()) > 0) return;
      await this.page.keyboard.press('Escape');
      await this.page.waitForTimeout(500);
    }
    throw new Error(`The menu does not offer ${entry}.`);
  }

  async openContextMenu(row: Locator): Promise<void> {
    await row.click({ button: 'right' });
    await this.page.locator('.monaco-menu .action-item').first().waitFor();
  }

  /** Leaves what was pointed at, whose tooltip would cover its neighbour. */
  async pointAway(): Promise<void> {
    const { width, height } = this.page.viewportSize() ?? { width: 0, height: 0 };
    await this.page.mouse.move(width / 2, height / 2);
    await this.page.locator('.workbench-hover:visible').waitFor({ state: 'detached' });
  }

  menuEntry(label: string): Locator {
    return this.page.locator('.monaco-menu .action-label', { hasText: exactly(label) });
  }

  async collapse(name: string): Promise<void> {
    const row = this.explorerRow(name);
    if ((await row.getAttribute('aria-expanded')) === 'true') await row.click();
  }

  /** Items of the status bar that show a text. */
  statusItem(text: string): Locator {
    return this.page.locator('.statusbar-item:visible', { hasText: text });
  }

  /** Does something in another colour theme; the settings are shared with other test files, so it is changed back. */
  async inTheme(name: Theme, action: () => Promise<void>): Promise<void> {
    await this.theme(name);
    try {
      await action();
    } finally {
      await this.theme('Dark Modern');
    }
  }

  private async theme(name: Theme): Promise<void> {
    await this.command('Preferences: Color Theme');
    await this.quickInput().locator('input.input').fill(name);
    await this.pick(name);
    await this.page.locator(`.monaco-workbench.${themeClasses[name]}`).waitFor();
    await this.quickInput().waitFor({ state: 'hidden' });
  }

  /** Accepts the file dialog once it proposes a name. */
  async acceptFile(name: string): Promise<void> {
    const input = this.quickInput().locator('input.input');
    for (let attempt = 0; !(await input.inputValue()).endsWith(name); attempt += 1) {
      if (attempt > 100) throw new Error(`The dialog proposes ${await input.inputValue()}, not ${name}.`);
      await this.page.waitForTimeout(100);
    }
    // The list below the name is still being read at first, and a press before that is lost.
    await this.quickRows().first().waitFor();
    await this.quickInput().locator('.monaco-button', { hasText: 'OK' }).click();
  }

  /** Types a path into the open file dialog and accepts it. */
  async acceptPath(path: string): Promise<void> {
    const dialog = this.quickInput();
    // The dialog first lists its own folder, and writes that over what was typed too early.
    await this.quickRows().first().waitFor();
    await dialog.locator('input.input').fill(path);
    // It lists the typed folder next, and a press before that is lost.
    await this.quickRows()
      .filter({ hasText: basename(path) })
      .first()
      .waitFor();
    await dialog.locator('.monaco-button', { hasText: 'OK' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Moves the mouse over a word of the text editor and returns what the hover says. */
  async hover(word: string, timeoutMs = 20_000): Promise<string> {
    const target = this.page.locator('.view-line span span', { hasText: word }).last();
    await target.waitFor();
    const deadline = Date.now() + timeoutMs;
    const hover = this.page.locator('.monaco-hover:visible .hover-contents');
    for (;;) {
      // A hover that came too early has nothing yet: leave the word and come back.
      await this.page.mouse.move(5, 5);
      await target.hover();
      const shown = await hover
        .first()
        .waitFor({ timeout: 1500 })
        .then(
          () => true,
          () => false,
        );
      // It may close again between the look and the reading.
      const text = shown ? (await hover.allTextContents()).join('\n') : '';
      if (text !== '') return text;
      if (Date.now() > deadline) throw new Error(`No hover over ${word} within ${timeoutMs} ms.`);
    }
  }

  /** Waits until a word has no hover any more. */
  async untilNoHover(word: string): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const shown = await this.hover(word, 0).catch(() => null);
      if (shown === null) return;
      await this.page.keyboard.press('Escape');
    }
    throw new Error(`There is still a hover over ${word}.`);
  }

  /** Waits until the explorer shows a badge on a row. */
  async untilBadge(name: string, badge: string): Promise<void> {
    const label = this.explorerRow(name).locator('.monaco-icon-label').first();
    const shown = async (): Promise<string> => (await label.evaluate(contentAfter)).replaceAll('"', '');
    for (let attempt = 0; (await shown()) !== badge; attempt += 1) {
      if (attempt > 50) throw new Error(`${name} shows "${await shown()}" for a badge, not "${badge}".`);
      await this.page.waitForTimeout(200);
    }
  }

  /** The picture that the explorer draws before a name. */
  async fileIcon(name: string): Promise<string> {
    const label = this.explorerRow(name).locator('.monaco-icon-label').first();
    return label.evaluate(pictureBefore);
  }

  async openFile(path: string): Promise<void> {
    await this.openPalette(path);
    await this.quickRows().first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** A question that has to be answered before anything else. */
  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box:visible');
  }

  /** Answers the question, and says what it said. */
  async answer(button: string): Promise<string> {
    await this.dialog().waitFor();
    const text = (await this.dialog().textContent()) ?? '';
    await this.dialog()
      .locator('.monaco-button', { hasText: exactly(button) })
      .click();
    await this.dialog().waitFor({ state: 'hidden' });
    return text;
  }

  /** Pictures in each of the themes, where the run is asked for pictures. */
  async looks(name: string): Promise<void> {
    if (!picturesWanted) return;
    await this.screenshot(`${name}-dark`);
    await this.inTheme('Light Modern', () => this.screenshot(`${name}-light`));
    await this.inTheme('Dark High Contrast', () => this.screenshot(`${name}-contrast`));
  }

  /** As `looks`, of a hover over a word. */
  async looksOfHover(name: string, word: string): Promise<void> {
    if (!picturesWanted) return;
    const shoot = async (look: string): Promise<void> => {
      await this.hover(word);
      await this.screenshot(`${name}-${look}`);
      await this.page.keyboard.press('Escape');
    };
    await shoot('dark');
    await this.inTheme('Light Modern', () => shoot('light'));
    await this.inTheme('Dark High Contrast', () => shoot('contrast'));
  }

  /** Waits for a notification that says something. */
  async notification(text: RegExp): Promise<Locator> {
    const toast = this.page.locator('.notification-toast', { hasText: text }).first();
    await toast.waitFor();
    return toast;
  }

  /** Types into the open quick input. */
  async type(text: string): Promise<void> {
    await this.quickInput().locator('input.input').fill(text);
  }

  /** The tab of an open editor. */
  tab(label: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: label });
  }

  async closeAllEditors(): Promise<void> {
    await this.command('View: Close All Editors');
  }

  /** Opens a pair file from the explorer, in the editor of pairs. */
  async openPair(name: string): Promise<void> {
    await this.untilPairsHaveTheirEditor(name);
    await this.explorerRow(name).dblclick();
  }

  /**
   * Waits until the window offers the editor of pairs for a file. A fresh profile registers custom editors a moment after
   * commands, and until then it would show any file as text.
   */
  private async untilPairsHaveTheirEditor(name: string): Promise<void> {
    const offered = this.quickRows().filter({ hasText: 'Three-Gate Comparison' }).first();
    for (let attempt = 0; !this.offersPairs; attempt += 1) {
      await this.contextMenu(this.explorerRow(name), 'Open With...');
      await this.quickRows().first().waitFor();
      this.offersPairs = await offered.isVisible();
      await this.page.keyboard.press('Escape');
      await this.quickInput().waitFor({ state: 'hidden' });
      if (attempt > 60) throw new Error(`The window offers no editor of its own for ${name}.`);
    }
  }

  /** The page inside a webview that holds `selector`; waits for it. */
  async webview(selector: string, timeoutMs = 20_000): Promise<Frame> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (const frame of this.page.frames()) {
        // A frame may go away while it is asked; then it is not the one.
        const found = await frame
          .locator(selector)
          .count()
          .catch(() => 0);
        if (found > 0 && frame !== this.page.mainFrame()) return frame;
      }
      if (Date.now() > deadline) throw new Error(`No webview showed ${selector} within ${timeoutMs} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** A picture of the window, where the run is asked for pictures. */
  async screenshot(name: string): Promise<void> {
    if (picturesWanted) await this.pictureOf(name);
  }

  /** A picture of the window as a test left it that failed. */
  async failed(title: string): Promise<void> {
    await this.pictureOf(`failed ${title.replaceAll(/[^\w]+/g, ' ').slice(0, 60)}`);
  }

  private async pictureOf(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}
