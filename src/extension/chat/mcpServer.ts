// The MCP server of this extension, for the editor to start: the command line that lies beside the extension's own bundle, on
// the Node.js that runs the extension. Which folders it may read, the editor tells it as its client.
import { join } from 'node:path';
import { version } from '../../node/engine/version.ts';
import type { ChatFeatures, Registration } from './chatFeatures.ts';
import { serverId } from './contributedNames.ts';

/** Nothing where the editor knows no such servers. @param folder of the extension */
export function registerMcpServer(
  { lm, McpStdioServerDefinition: Definition }: ChatFeatures,
  folder: string,
): Registration[] {
  if (lm?.registerMcpServerDefinitionProvider === undefined || Definition === undefined) return [];
  const args = [join(folder, 'dist', 'cli.cjs'), 'mcp'];
  // Where the extension runs in Electron, its executable is a Node.js only when it is told so.
  const environment = { ELECTRON_RUN_AS_NODE: '1' };
  const provider = {
    provideMcpServerDefinitions: () => [
      new Definition('Three-Gate', process.execPath, args, environment, version),
    ],
  };
  return [lm.registerMcpServerDefinitionProvider(serverId, provider)];
}
