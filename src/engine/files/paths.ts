// Paths that a file names: hostile ones must not make us read files elsewhere. Symbolic links inside the folder are the
// user's own.

/** Whether `path` is plainly a file below the folder it is relative to. */
export function isInsideFolder(path: string): boolean {
  if (/^(?:[/\\]|[A-Za-z]:)/.test(path) || path.includes('\0')) return false;
  return path.split(/[/\\]/).every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}
