// A name that leads to its line in a file.
import type { SourceLocation } from '../../../src/shared/report/training.ts';
import { breakable, element } from '../../parts/dom/dom.ts';
import { tip } from '../../parts/dom/tooltip.ts';
import type { Tools } from '../section.ts';
import { isAlone } from '../../parts/page/alone.ts';
import { fileName } from './fileName.ts';

/** Plain text where the line is not known, or there is no editor to show it. */
export function sourceLink(
  { host }: Tools,
  text: string,
  location: SourceLocation | null,
  label: string,
): HTMLElement {
  if (location === null || isAlone()) return element('span', { class: 'key' }, ...breakable(text));
  const made = element(
    'button',
    { type: 'button', class: 'link key', 'aria-label': `${label}, show line ${location.line}` },
    ...breakable(text),
  );
  made.addEventListener('click', () => {
    host.reveal(location);
  });
  tip(made, () => [
    `${fileName(location.file)}, line ${location.line}`,
    location.file,
    'Click to show the line.',
  ]);
  return made;
}
