// Says something to screen readers and shows it briefly.
import { element, setText } from './dom.ts';

const shownMs = 4000;

interface Announcer {
  root: HTMLElement;
  announce: (text: string) => void;
}

export function createAnnouncer(): Announcer {
  const root = element('div', { class: 'announcer', role: 'status' });
  let timer = 0;
  return {
    root,
    announce(text) {
      setText(root, text);
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        setText(root, '');
      }, shownMs);
    },
  };
}
