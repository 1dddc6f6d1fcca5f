// Texts of a page that lie over one another, as a reader would see it: by the boxes of their lines, cut to what shows of them.
import type { Page } from 'playwright-core';

/** Pairs of texts, "one | other", that share more than a hair's breadth. */
export function overlappingTexts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(script);
}

/** Runs in the page. Lines of a paragraph touch each other's line boxes, so it takes 3 px in height and 2 px in width to overlap. */
const script = `(() => {
  const shown = (element) => {
    let box = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 };
    for (let at = element; at !== null; at = at.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(at);
      const { left, top, right, bottom } = at.getBoundingClientRect();
      if (overflowX !== 'visible') box = { ...box, left: Math.max(box.left, left), right: Math.min(box.right, right) };
      if (overflowY !== 'visible') box = { ...box, top: Math.max(box.top, top), bottom: Math.min(box.bottom, bottom) };
    }
    return box;
  };
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.data.trim();
    if (text === '' || !element.checkVisibility() || element.closest('.hidden-text, .announcer, script, style') !== null) continue;
    // A name stays in view while the cells of its row scroll under it, and covers them with a ground of its own.
    const floats = element.closest('.table-scroll') !== null;
    const range = document.createRange();
    range.selectNodeContents(node);
    const clip = shown(element);
    for (const { left, top, right, bottom } of range.getClientRects()) {
      const line = { node, text, floats, left: Math.max(left, clip.left), top: Math.max(top, clip.top), right: Math.min(right, clip.right), bottom: Math.min(bottom, clip.bottom) };
      if (line.right > line.left && line.bottom > line.top) lines.push(line);
    }
  }
  const found = [];
  lines.sort((one, other) => one.top - other.top);
  lines.forEach((one, index) => {
    for (let at = index + 1; at < lines.length && lines[at].top < one.bottom; at += 1) {
      const other = lines[at];
      // The ellipsis of a text that is cut has a box of its own over it.
      if (one.node === other.node || (one.floats && other.floats)) continue;
      const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const height = Math.min(one.bottom, other.bottom) - other.top;
      if (width > 2 && height > 3) found.push(one.text + ' | ' + other.text);
    }
  });
  return found;
})()`;
