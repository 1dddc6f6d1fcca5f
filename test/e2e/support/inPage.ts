// What the tests run inside the window's page.

/** The page's globals, which the tests' types do not know. */
interface PageGlobals {
  getComputedStyle(element: unknown, pseudo: string): { content: string; backgroundImage: string };
}

/** Which editors VS Code has stored as open. A text, as the compiler's helpers are not known there. */
export const storedState = `(async () => {
  const finished = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  let found = '';
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db')) continue;
    const database = await finished(indexedDB.open(name));
    const items = database.transaction('ItemTable').objectStore('ItemTable');
    found += await finished(items.get('memento/workbench.parts.editor'));
    database.close();
  }
  return found;
})()`;

/** The text that a style puts behind an element. */
export function contentAfter(element: unknown): string {
  return (globalThis as unknown as PageGlobals).getComputedStyle(element, '::after').content;
}

/** The picture that a style puts before an element. */
export function pictureBefore(element: unknown): string {
  return (globalThis as unknown as PageGlobals).getComputedStyle(element, '::before').backgroundImage;
}
