// Whether the page is a file of its own, with no editor around it that could open another.

export function isAlone(): boolean {
  return document.body.dataset['alone'] !== undefined;
}
