// The MCP server: what it lists, and how calls, resources and prompts are answered. Schemas of tools are JSON Schema as the
// options and answers are, so requests are handled as the protocol has them.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  RootsListChangedNotificationSchema,
  type CallToolResult,
  type ServerNotification,
  type ServerRequest,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { EngineApi } from '../node/engine/engineApi.ts';
import { version } from '../node/engine/version.ts';
import type { ReportStore } from '../node/runs/reportStore.ts';
import type { RunService } from '../node/runs/runService.ts';
import { defaultOptions } from '../shared/options/catalogue.ts';
import { unaskedRemoteBytes } from '../shared/options/remoteReading.ts';
import type { Report } from '../shared/report/report.ts';
import { progressText, shareDone } from '../shared/text/progressText.ts';
import { admitter } from '../tools/admit.ts';
import { callTool, failureWords } from '../tools/callTool.ts';
import type { ToolName } from '../tools/answers.ts';
import type { ToolResult, ToolServices, ToolWatch } from '../tools/services.ts';
import { inputSchema, toolCatalogue, toolNames } from '../tools/toolCatalogue.ts';
import { within } from '../node/disk/confinedFileSystem.ts';
import { servePrompts } from './prompts.ts';
import { readSchemas, serveResources, uriOf } from './resources.ts';
import { remoteAdmitter, Roots } from './roots.ts';

interface ServerOptions {
  /** Folder of report.schema.json and answers.schema.json. */
  schemas: string;
  roots: readonly string[];
  allowRemote: boolean;
  cacheDirectory: string;
  createEngine: () => EngineApi;
  runs: RunService;
  reports: ReportStore;
  /** What engines are confined to; kept as the client's roots are. */
  confined: { folders: readonly string[] };
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

const instructions =
  'Three-Gate compares a base checkpoint with one tuned from it and says what RL or supervised fine-tuning did to the weights. Start with list_checkpoints when paths are not known, then analyze_pair, then explain for a layer, tensor, gate or finding. Numbers come with what a random update of the same size would show: quote both. Whole reports are resources.';

export function createServer(options: ServerOptions): McpServer {
  const server = new McpServer(
    { name: 'three-gate', title: 'Three-Gate', version },
    { capabilities: { tools: {}, resources: { listChanged: true }, prompts: {} }, instructions },
  );
  const roots = new Roots(server, options.roots);
  const shelf = new Map<string, Report>();
  const services = async (): Promise<ToolServices> => {
    const folders = await roots.folders();
    Object.assign(options.confined, { folders });
    const { runs, reports, createEngine, cacheDirectory, allowRemote } = options;
    const files = within(folders);
    const admit = admitter(files, folders, remoteAdmitter(allowRemote));
    const remoteLimitBytes = allowRemote ? unaskedRemoteBytes : 0;
    const common = { runs, reports, shelf, createEngine, cacheDirectory };
    return { ...common, files, folders, admit, options: defaultOptions, remoteLimitBytes };
  };
  const { server: protocol } = server;
  protocol.setNotificationHandler(RootsListChangedNotificationSchema, () => {
    roots.forget();
  });
  protocol.setRequestHandler(ListToolsRequestSchema, async () => {
    const { answers } = await readSchemas(options.schemas);
    return { tools: toolNames.map((name) => toolEntry(name, answers)) };
  });
  protocol.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const name = toolNames.find((each) => each === params.name);
    if (name === undefined) {
      const message = `There is no tool ${params.name.slice(0, 100)}; the tools are ${toolNames.join(', ')}.`;
      throw new McpError(ErrorCode.InvalidParams, message);
    }
    try {
      const result = await callTool(await services(), name, params.arguments, watchOf(extra));
      if (result.attachments.length > 0) void server.server.sendResourceListChanged();
      return callResult(result);
    } catch (thrown) {
      return { isError: true, content: [{ type: 'text', text: failureWords(thrown) }] };
    }
  });
  serveResources(protocol, { schemas: options.schemas, shelf, services });
  servePrompts(protocol);
  return server;
}

function toolEntry(name: ToolName, answers: Record<string, object>): Tool {
  const { title, description } = toolCatalogue[name];
  const annotations = { title, readOnlyHint: true, destructiveHint: false, idempotentHint: true };
  return {
    name,
    title,
    description,
    inputSchema: inputSchema(name),
    outputSchema: { type: 'object', ...answers[name] },
    // What lies elsewhere is read only where the user started the server so.
    annotations: { ...annotations, openWorldHint: false },
  };
}

function callResult({ answer, words, attachments }: ToolResult): CallToolResult {
  return {
    content: [
      { type: 'text', text: words },
      ...attachments.map(({ name, title }) => ({
        type: 'resource_link' as const,
        uri: uriOf(name),
        name,
        title,
        mimeType: name.endsWith('.md') ? 'text/markdown' : 'application/json',
      })),
    ],
    structuredContent: { ...answer },
  };
}

/** Progress is told only to who asked for it, and only as it grows. */
function watchOf({ signal, _meta, sendNotification }: Extra): ToolWatch {
  const token = _meta?.progressToken;
  let told = -1;
  return {
    signal,
    onProgress(state) {
      const progress = shareDone(state);
      if (token === undefined || progress <= told) return;
      told = progress;
      const message = progressText(state).trim();
      const params = { progressToken: token, progress, total: 1, message };
      void sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
    },
  };
}
