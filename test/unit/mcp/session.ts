// A client of the built `three-gate mcp`, as an assistant has one: it declares its roots and keeps every progress notification.
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';

const root = resolve(import.meta.dirname, '../../..');
export const cli = join(root, 'dist/cli.cjs');

export interface Session {
  client: Client;
  /** The folder that the client opened: a copy of the genuine small runs. */
  folder: string;
  call: (name: string, given: Record<string, unknown>) => Promise<Called>;
  close: () => Promise<void>;
}

export interface Called {
  isError: boolean;
  text: string;
  /** Bytes of the text and of the structured answer. */
  bytes: [number, number];
  answer: Record<string, unknown>;
  links: string[];
}

interface SessionOptions {
  /** Null for a client that knows no roots. */
  roots?: (folder: string) => string[] | null;
  args?: string[];
  /** The server's working directory; the folder where nothing is said. */
  cwd?: string;
}

export async function openSession({
  roots = (folder) => [folder],
  args = [],
  cwd,
}: SessionOptions = {}): Promise<Session> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'three-gate-mcp-')));
  cpSync(join(root, 'test/fixtures/nano'), folder, { recursive: true });
  const cache = mkdtempSync(join(tmpdir(), 'three-gate-mcp-cache-'));
  const declared = roots(folder);
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: declared === null ? {} : { roots: { listChanged: true } } },
  );
  if (declared !== null) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: declared.map((path) => ({ uri: pathToFileURL(path).href })),
    }));
  }
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [cli, 'mcp', ...args],
    cwd: cwd ?? folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: cache, XDG_CACHE_HOME: cache },
    stderr: 'ignore',
  });
  await client.connect(transport);
  return {
    client,
    folder,
    call: async (name, given) =>
      called((await client.callTool({ name, arguments: given })) as CallToolResult),
    close: async () => {
      await client.close();
      for (const path of [folder, cache]) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function called({ content, structuredContent, isError }: CallToolResult): Called {
  const text = content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
  const size = (value: string): number => Buffer.byteLength(value);
  return {
    isError: isError === true,
    text,
    bytes: [size(text), size(JSON.stringify(structuredContent ?? null))],
    answer: structuredContent ?? {},
    links: content.flatMap((block) => (block.type === 'resource_link' ? [block.uri] : [])),
  };
}
