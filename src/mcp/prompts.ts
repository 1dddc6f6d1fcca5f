// Prompts of the MCP server: what a person may ask for by name.
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';

interface PromptEntry {
  name: string;
  title: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
  text: (given: Readonly<Record<string, string>>) => string;
}

const prompts: readonly PromptEntry[] = [
  {
    name: 'explain-pair',
    title: 'Explain this pair',
    description: 'What training did to the weights of a tuned checkpoint, with the numbers that say so.',
    arguments: [
      { name: 'base', description: 'Path of the base checkpoint.', required: true },
      { name: 'tuned', description: 'Path of the tuned checkpoint.', required: true },
    ],
    text: ({ base = '', tuned = '' }) =>
      [
        `Analyse the base checkpoint "${base}" and the tuned checkpoint "${tuned}" with the tool analyze_pair, and explain to me what training did to the weights.`,
        'Say first in which published range it lies, and that this is no proof of how it was trained. Then take the three gates one by one: the verdict, the numbers it rests on, and what a random update of the same size would have shown. Only what is beyond size says something about the training.',
        'Look with explain at the layers that moved most and say whether they differ from the rest. End with what was not compared, and with the findings and their next steps.',
      ].join('\n\n'),
  },
  {
    name: 'review-config',
    title: 'Review this config',
    description: 'What a training config may do to the three gates, and what to change.',
    arguments: [
      { name: 'config', description: 'Path of the training config.', required: true },
      {
        name: 'report',
        description: 'The report of an analyze_pair answer that findings may cite.',
        required: false,
      },
    ],
    text: ({ config = '', report = '' }) =>
      [
        `Review the training config "${config}" with the tool advise_config${report === '' ? '' : `, and give it the report "${report}"`}.`,
        'Take the warnings first. For each finding say which line it is about, why it matters for the KL anchor, the model geometry or bf16 precision, what source says so, and what to change. Tell apart what was measured from what may happen. Name the settings that are defaults and are not written in the file.',
      ].join('\n\n'),
  },
];

export function servePrompts(server: McpServer['server']): void {
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: prompts.map(({ name, title, description, arguments: taken }) => ({
      ...{ name, title, description },
      arguments: taken,
    })),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    const prompt = prompts.find(({ name }) => name === params.name);
    if (prompt === undefined) {
      const names = prompts.map(({ name }) => name).join(', ');
      throw new McpError(
        ErrorCode.InvalidParams,
        `There is no prompt ${params.name.slice(0, 100)}; the prompts are ${names}.`,
      );
    }
    const given = params.arguments ?? {};
    const missing = prompt.arguments.find(({ name, required }) => required && (given[name] ?? '') === '');
    if (missing !== undefined) {
      throw new McpError(
        ErrorCode.InvalidParams,
        `The prompt ${prompt.name} needs the argument ${missing.name}.`,
      );
    }
    const text = prompt.text(given);
    return {
      description: prompt.description,
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text } }],
    };
  });
}
