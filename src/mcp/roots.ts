// Folders that a session may read: those that its client declares, and those that the user gave the server. A client that
// declares none leaves the folder that the server was started in.
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ThreeGateError } from '../shared/errors.ts';

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

/** Resolves where the user let the server read from the network. */
export function remoteAdmitter(allowRemote: boolean): (address: string) => Promise<void> {
  return (address) => {
    if (allowRemote) return Promise.resolve();
    const message = `${address.slice(0, 200)} lies elsewhere, and this server reads nothing from the network.`;
    return Promise.reject(new ThreeGateError('remote-not-allowed', message));
  };
}
