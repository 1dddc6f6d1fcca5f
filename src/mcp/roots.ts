// Folders that a session may read: those that its client declares, and those that the user gave the server. A client that
// declares none leaves the folder that the server was started in.
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { FileSystem } from '../engine/files/fileSystem.ts';
import { isRemote } from '../engine/files/remoteAddress.ts';
import { asPath } from '../node/disk/checkpointPath.ts';
import { ThreeGateError } from '../shared/errors.ts';
import type { ToolServices } from '../tools/services.ts';

export class Roots {
  private declared: Promise<string[]> | null = null;

  constructor(
    private readonly server: McpServer,
    private readonly given: readonly string[],
  ) {}

  /** Absolute. */
  async folders(): Promise<string[]> {
    this.declared ??= this.ask();
    return [...new Set([...(await this.declared), ...this.given])];
  }

  /** The client said that they are others now. */
  forget(): void {
    this.declared = null;
  }

  private async ask(): Promise<string[]> {
    const { server } = this.server;
    if (server.getClientCapabilities()?.roots === undefined) {
      const here = process.cwd();
      // Where a desktop starts its programs is nobody's project.
      return this.given.length > 0 || parse(here).root === here ? [] : [here];
    }
    const { roots } = await server.listRoots();
    return roots.filter(({ uri }) => uri.startsWith('file:')).map(({ uri }) => fileURLToPath(uri));
  }
}

/** Relative paths start from the first folder. */
export function admitter(
  files: FileSystem,
  folders: readonly string[],
  allowRemote: boolean,
): ToolServices['admit'] {
  return async (text) => {
    if (isRemote(text)) {
      if (allowRemote) return text;
      const message = `${text.slice(0, 200)} lies elsewhere, and this server reads nothing from the network.`;
      throw new ThreeGateError('remote-not-allowed', message);
    }
    const path = asPath(text, folders[0] ?? process.cwd());
    if ((await files.stat(path)) !== null) return path;
    throw new ThreeGateError('not-found', `${path} does not exist.`, { file: path });
  };
}
