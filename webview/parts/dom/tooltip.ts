// One tooltip for the page, on hover and on keyboard focus; Escape closes it, and the pointer may rest on it.
// Its lines are asked for when it opens, so that they are never stale.
import { element, freshId, replaceChildren, setAttributes } from './dom.ts';

/** First line is the heading. */
type TipLines = () => readonly string[];

const tips = new WeakMap<Element, TipLines>();

export function tip(target: HTMLElement | SVGElement, lines: TipLines): void {
  tips.set(target, lines);
  target.setAttribute('data-tip', '');
}

export function installTooltip(root: HTMLElement): HTMLElement {
  const box = element('div', { class: 'tooltip', role: 'tooltip', id: freshId('tip'), hidden: true });
  let owner: Element | null = null;
  let timer = 0;

  const close = (): void => {
    clearTimeout(timer);
    owner?.removeAttribute('aria-describedby');
    owner = null;
    box.hidden = true;
  };
  const open = (target: Element): void => {
    const lines = tips.get(target)?.() ?? [];
    if (lines.length === 0) return;
    owner = target;
    replaceChildren(
      box,
      ...lines.map((line, index) => element('div', index === 0 ? { class: 'tip-title' } : {}, line)),
    );
    box.hidden = false;
    setAttributes(target, { 'aria-describedby': box.id });
    place(target.getBoundingClientRect(), box);
  };
  const later = (target: Element, delay: number): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      open(target);
    }, delay);
  };
  const targetOf = (event: Event): Element | null =>
    event.target instanceof Element ? event.target.closest('[data-tip]') : null;

  root.addEventListener('pointerover', (event) => {
    if (event.target === box || box.contains(event.target as Node)) return;
    const target = targetOf(event);
    if (target === owner) return;
    close();
    if (target !== null) later(target, 250);
  });
  root.addEventListener('pointerleave', close);
  root.addEventListener('focusin', (event) => {
    const target = targetOf(event);
    close();
    if (target?.matches(':focus-visible') === true) later(target, 100);
  });
  root.addEventListener('focusout', close);
  root.addEventListener('pointerdown', close);
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });
  window.addEventListener('scroll', close, { capture: true, passive: true });
  return box;
}

/** Below its owner where there is room, else above; always inside the window. */
function place(anchor: DOMRect, box: HTMLElement): void {
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.max(8, Math.min(anchor.left, window.innerWidth - width - 8));
  const below = anchor.bottom + 4;
  const top = below + height > window.innerHeight - 8 ? Math.max(8, anchor.top - height - 4) : below;
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}
