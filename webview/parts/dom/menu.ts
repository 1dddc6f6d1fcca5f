// A button that opens a short list of commands: arrow keys walk, Escape and leaving close.
import { element, freshId, setAttributes } from './dom.ts';

export interface Command {
  label: string;
  run: () => void;
}

export function menu(label: string, commands: readonly Command[]): HTMLElement {
  const id = freshId('menu');
  const opener = element(
    'button',
    {
      class: 'quiet',
      type: 'button',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      'aria-controls': id,
    },
    label,
    element('span', { class: 'caret', 'aria-hidden': 'true' }),
  );
  const items = commands.map((command) =>
    element('button', { type: 'button', role: 'menuitem', tabindex: -1 }, command.label),
  );
  const list = element(
    'div',
    { class: 'menu', role: 'menu', id, 'aria-label': label, hidden: true },
    ...items,
  );
  const root = element('div', { class: 'menu-root' }, opener, list);
  const setOpen = (open: boolean, at = 0): void => {
    list.hidden = !open;
    setAttributes(opener, { 'aria-expanded': String(open) });
    if (open) items[at]?.focus();
  };
  opener.addEventListener('click', () => {
    setOpen(list.hidden);
  });
  items.forEach((item, index) => {
    item.addEventListener('click', () => {
      setOpen(false);
      opener.focus();
      commands[index]?.run();
    });
  });
  root.addEventListener('keydown', (event) => {
    const at = items.findIndex((item) => item === document.activeElement);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1 + (at === -1 ? items.length + 1 : 0),
      Home: 0,
      End: items.length - 1,
    };
    if (event.key === 'Escape' && !list.hidden) {
      setOpen(false);
      opener.focus();
    } else if (event.key in to) {
      event.preventDefault();
      const next = to[event.key as keyof typeof to];
      setOpen(true, (next + items.length) % items.length);
    }
  });
  root.addEventListener('focusout', (event) => {
    if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget))) setOpen(false);
  });
  return root;
}
