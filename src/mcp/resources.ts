// Resources of the MCP server: whole reports, as JSON and as Markdown, and the JSON Schema that they follow.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Report } from '../shared/report/report.ts';
import { reportJson } from '../shared/text/reportJson.ts';
import { reportMarkdown } from '../shared/text/reportMarkdown.ts';
import { failureWords } from '../tools/callTool.ts';
import { reportOf } from '../tools/reportOf.ts';
import type { ToolServices } from '../tools/services.ts';

interface Shelves {
  schemas: string;
  shelf: ReadonlyMap<string, Report>;
  services: () => Promise<ToolServices>;
}

const schemaUri = uriOf('report.schema.json');
const reportUri = /^three-gate:\/\/report\/([0-9a-f]{32})\.(json|md)$/;
/** -32002 of the protocol: the resource was not found. */
const notFound = -32_002;

export function uriOf(name: string): string {
  return `three-gate://${name}`;
}

export function serveResources(server: McpServer['server'], { schemas, shelf, services }: Shelves): void {
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: [
      {
        uri: schemaUri,
        name: 'report.schema.json',
        title: 'JSON Schema of a report, with the definition of every number',
        mimeType: 'application/schema+json',
      },
      ...[...shelf].map(([id, { pair }]) => ({
        uri: uriOf(`report/${id}.json`),
        name: `report/${id}.json`,
        title: `${pair.base.label} → ${pair.tuned.label}`.slice(0, 200),
        mimeType: 'application/json',
      })),
    ],
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [
      {
        uriTemplate: uriOf('report/{report}.json'),
        name: 'report',
        title: 'The whole report of an analyze_pair answer',
        mimeType: 'application/json',
      },
      {
        uriTemplate: uriOf('report/{report}.md'),
        name: 'report as Markdown',
        title: 'The same as Markdown',
        mimeType: 'text/markdown',
      },
    ],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }) => {
    if (uri === schemaUri) {
      const text = await readFile(join(schemas, 'report.schema.json'), 'utf8');
      return { contents: [{ uri, mimeType: 'application/schema+json', text }] };
    }
    const [, id, form] = reportUri.exec(uri) ?? [];
    if (id === undefined) {
      const message = `There is no resource ${uri.slice(0, 200)}. Next: read three-gate://report/REPORT.json with the report of an analyze_pair answer.`;
      throw new McpError(notFound, message, { uri });
    }
    const report = await reportOf(await services(), id).catch((thrown: unknown) => {
      throw new McpError(ErrorCode.InvalidParams, failureWords(thrown), { uri });
    });
    return form === 'md'
      ? { contents: [{ uri, mimeType: 'text/markdown', text: reportMarkdown(report) }] }
      : { contents: [{ uri, mimeType: 'application/json', text: reportJson(report) }] };
  });
}

interface Schemas {
  /** Of the answers, by tool; each complete in itself. */
  answers: Record<string, object>;
}

let schemasRead: Promise<Schemas> | null = null;

/** @param folder of answers.schema.json */
export function readSchemas(folder: string): Promise<Schemas> {
  schemasRead ??= readFile(join(folder, 'answers.schema.json'), 'utf8').then((text) => ({
    answers: JSON.parse(text) as Record<string, object>,
  }));
  return schemasRead;
}
