// How files and folders are named to people.

/** `path` as seen from `folder`, with forward slashes; `path` itself when it lies elsewhere. */
export function relativePath(folder: string, path: string): string {
  if (path === folder) return '.';
  if (!path.startsWith(folder)) return path;
  return path.slice(folder.length).replaceAll('\\', '/').replace(/^\//, '');
}

/** The first four names, and how many more there are. */
export function quoteList(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
