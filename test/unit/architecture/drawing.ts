// The drawing of the house in ARCHITECTURE.md, made from the table of rooms.
import { allowed } from './rooms.ts';

/** What the drawing stands between. */
const [opening, closing] = ['```mermaid\nflowchart TD\n', '```\n'];

/** Rooms that use the whole engine stand above it, not in it. */
function usesWholeEngine(room: string): boolean {
  return allowed[room]?.includes('src/engine/*') ?? false;
}

/** An identifier that Mermaid takes. */
function idOf(room: string): string {
  return room.replace('src/', '').replaceAll('/', '_');
}

function group(id: string, title: string, rooms: readonly string[]): string[] {
  const lines = rooms.map((room) => `    ${idOf(room)}["${room.replace(/^.*\//, '')}"]`);
  return [`  subgraph ${id}["${title}"]`, ...lines, '  end'];
}

/** One arrow for each import that is allowed, but those of `src/shared`, which every room may import. */
function arrowsFrom(room: string): string[] {
  return (allowed[room] ?? [])
    .map((pattern) => pattern.replace(/\/\*$/, ''))
    .filter((target) => /^(?:src|webview)\b/.test(target) && !target.startsWith('src/shared'))
    .map((target) => `  ${idOf(room)} --> ${idOf(target)}`);
}

export function drawing(): string {
  const rooms = Object.keys(allowed).filter((room) => !room.startsWith('src/shared'));
  const below = (folder: string): string[] => rooms.filter((room) => room.startsWith(`${folder}/`));
  const engine = below('src/engine');
  const alone = rooms.filter((room) => room.replace('src/', '').split('/').length === 1);
  const lines = [
    ...group(
      'engine',
      'src/engine',
      engine.filter((room) => !usesWholeEngine(room)),
    ),
    ...group('over_engine', 'src/engine, over all of it', engine.filter(usesWholeEngine)),
    ...group('node', 'src/node', below('src/node')),
    ...(below('webview').length === 0 ? [] : group('webview', 'webview', below('webview'))),
    ...alone.map((room) => `  ${idOf(room)}["${room}"]`),
    ...rooms.flatMap(arrowsFrom),
  ];
  return `${opening}${lines.join('\n')}\n${closing}`;
}

/** The drawing as a page has it; empty where it has none. */
export function drawnIn(page: string): string {
  const from = page.indexOf(opening);
  if (from === -1) return '';
  return page.slice(from, page.indexOf(closing, from + opening.length) + closing.length);
}
