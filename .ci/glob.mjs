// Files below a directory by suffix, sorted: Node.js 20 has no glob of its own.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} directory @param {string} suffix @returns {string[]} */
export function globSync(directory, suffix) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
