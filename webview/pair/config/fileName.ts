/** The last part of a path, of either system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/u).at(-1) ?? path;
}
