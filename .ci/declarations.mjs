// Writes dist/api.d.cts: the types of the package's API in one file, from src/api. It is made anew only when a source is newer, as
// that takes seconds.
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import { globSync } from './glob.mjs';
import { root } from './stage.mjs';

const target = join(root, 'dist/api.d.cts');

export function writeDeclarations() {
  const sources = [...globSync(join(root, 'src'), '.ts'), import.meta.filename];
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(target) && statSync(target).mtimeMs > newest) return;
  const [declarations = ''] = generateDtsBundle(
    [{ filePath: join(root, 'src/api/index.ts'), output: { noBanner: true } }],
    { preferredConfigPath: join(import.meta.dirname, 'tsconfig.declarations.json') },
  );
  writeFileSync(target, declarations);
}
