// One tool in the editor's chat: asked for first where it reads weights, followed in the status bar, and stopped when the
// user stops the answer.
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { describeCheckpoint } from '../../node/disk/knownCheckpoints.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import { asProblem } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/text/format.ts';
import { progressText } from '../../shared/text/progressText.ts';
import { readsWeights } from '../../tools/analyzePair.ts';
import type { ToolName } from '../../tools/answers.ts';
import { callTool, failureWords } from '../../tools/callTool.ts';
import type { ToolResult, ToolServices } from '../../tools/services.ts';
import { toolCatalogue } from '../../tools/toolCatalogue.ts';
import { toolInput } from '../../tools/toolInput.ts';

export function chatTool(name: ToolName, services: () => ToolServices): vscode.LanguageModelTool<object> {
  return {
    async prepareInvocation({ input }) {
      const { title } = toolCatalogue[name];
      const subject = subjectOf(input);
      const invocationMessage = subject === '' ? title : `${title}: ${subject}`;
      const question = await questionOf(name, services(), input);
      if (question === null) return { invocationMessage };
      return { invocationMessage, confirmationMessages: { title: `${title}?`, message: question } };
    },
    async invoke({ input }, token) {
      try {
        const { words } = await followed(name, services(), input, token);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(words)]);
      } catch (thrown) {
        if (asProblem(thrown).code === 'cancelled') throw new vscode.CancellationError();
        throw new Error(failureWords(thrown, 'editor'));
      }
    },
  };
}

/** What is asked before long work; null where none is to come. */
async function questionOf(
  name: ToolName,
  services: ToolServices,
  given: object,
): Promise<vscode.MarkdownString | null> {
  try {
    if (name === 'analyze_pair') {
      const input = toolInput(name, given);
      if (!(await readsWeights(services, input))) return null;
      return await longWork(services, [input.base, input.tuned]);
    }
    if (name === 'compare_runs') {
      const { base, runs } = toolInput(name, given);
      return await longWork(services, [base, ...runs]);
    }
    return null;
  } catch {
    // The call itself says what is wrong.
    return null;
  }
}

async function longWork(
  { admit, files }: ToolServices,
  paths: readonly string[],
): Promise<vscode.MarkdownString> {
  const known = await Promise.all(paths.map(async (path) => describeCheckpoint(await admit(path), files)));
  const bytes = known.reduce((sum, info) => sum + (info?.bytes ?? 0), 0);
  const text = new vscode.MarkdownString();
  for (const path of paths) text.appendText(`${path}\n`);
  const size = bytes === 0 ? '' : ` (${formatBytes(bytes)})`;
  return text.appendText(
    `\n${vscode.l10n.t('Every weight is read{0}: this takes seconds for small models and minutes for large ones.', size)}`,
  );
}

function followed(
  name: ToolName,
  services: ToolServices,
  input: object,
  token: vscode.CancellationToken,
): Thenable<ToolResult> {
  const controller = new AbortController();
  const stop = token.onCancellationRequested(() => {
    controller.abort();
  });
  if (token.isCancellationRequested) controller.abort();
  const { signal } = controller;
  const location = vscode.ProgressLocation.Window;
  return vscode.window.withProgress({ location, title: 'Three-Gate' }, async (status) => {
    try {
      const onProgress = (progress: Progress): void => {
        status.report({ message: progressText(progress).trim() });
      };
      return await callTool(services, name, input, { signal, onProgress });
    } finally {
      stop.dispose();
    }
  });
}

/** Names of the paths that a call is about: `base, checkpoint-100`. */
function subjectOf(input: object): string {
  const { base, tuned, runs, configs, checkpoint, folder, about } = input as Record<string, unknown>;
  const paths = [base, tuned, runs, configs, checkpoint, folder].flat();
  const names = paths.flatMap((path) => (typeof path === 'string' ? [basename(path)] : []));
  return [...names, ...(typeof about === 'string' ? [about] : [])].join(', ').slice(0, 120);
}
