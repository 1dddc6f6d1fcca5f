// A button that looks like a link: for what one does now and then.
import { element, type Child } from './dom.ts';
import { tip } from './tooltip.ts';

interface QuietWishes {
  /** Shown on hover and focus. */
  hint?: string;
  /** Beside `quiet`. */
  look?: string;
}

export function quietButton(
  content: Child,
  onClick: () => void,
  { hint, look }: QuietWishes = {},
): HTMLButtonElement {
  const made = element(
    'button',
    { type: 'button', class: `quiet${look === undefined ? '' : ` ${look}`}` },
    content,
  );
  made.addEventListener('click', onClick);
  if (hint !== undefined) tip(made, () => [hint]);
  return made;
}
