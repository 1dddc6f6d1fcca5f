// `three-gate mcp`: the tools for assistants, by the Model Context Protocol over stdin and stdout. The server is loaded only here.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { cacheDirectory } from '../../node/disk/cacheDirectory.ts';
import { printable } from '../columns.ts';
import { defineCommand } from '../command.ts';
import { exitStatus } from '../exitStatus.ts';

interface McpFlags {
  root?: string[];
  allowRemote?: boolean;
}

export const mcp = defineCommand<[], McpFlags>({
  name: 'mcp',
  description: 'serve tools to an assistant by the Model Context Protocol, over stdin and stdout',
  operands: [],
  options: [
    new Option(
      '--root <folders...>',
      'folders that may be read, beside those that the client opens (docs/mcp.md)',
    ),
    new Option('--allow-remote', 'let hf://, s3:// and https:// addresses be read, up to 2 GB a call'),
  ],
  interrupted: 'Interrupted.',
  async run(_, flags, { stderr, environment, enginePath, interrupted }) {
    const { serve } = await import('../../mcp/serve.ts');
    await serve({
      enginePath,
      roots: (flags.root ?? []).map((folder) => resolve(folder)),
      allowRemote: flags.allowRemote === true,
      cacheDirectory: cacheDirectory(environment),
      stdin: process.stdin,
      stdout: process.stdout,
      // A client may keep this as the server's log.
      onLog: (message) => stderr.write(`${printable(message)}\n`),
      signal: interrupted,
    });
    return exitStatus.analysed;
  },
});
