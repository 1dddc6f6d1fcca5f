// A test that leaves a picture of the window when it fails, and a calm window for the next one.
import { it } from 'node:test';
import type { Workbench } from './workbench.ts';

type Scenario = (title: string, body: () => Promise<void>) => void;

/** `it` for tests that share a window; the window may not exist yet when they are declared. */
export function scenarios(window: () => Workbench): Scenario {
  return (title, body) => {
    it(title, async () => {
      try {
        await body();
      } catch (error) {
        await window().failed(title);
        for (let times = 0; times < 3; times += 1) await window().page.keyboard.press('Escape');
        throw error;
      }
    });
  };
}
