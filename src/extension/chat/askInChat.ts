// Fills the editor's chat with a question about a part of a report and the tool that answers it; the user sends it.
import * as vscode from 'vscode';
import { referenceName } from './contributedNames.ts';
import { chatFeatures } from './chatFeatures.ts';
import type { ChatServices } from './chatServices.ts';

const openChat = 'workbench.action.chat.open';

interface Question {
  /** Name of a remembered report, or the path of a report file. */
  report: string;
  /** As the tool `explain` understands it. */
  about: string;
  /** For people. */
  pair: string;
  /** Sides of the pair, which were shown to the user already; absolute. */
  paths: readonly string[];
}

/** What a panel asks by. */
export interface Asking {
  /** Whether this editor has a chat with tools, and the user has not switched it off. */
  isPossible: () => Promise<boolean>;
  ask: (question: Question) => Promise<void>;
}

export function askingInChat(services: ChatServices): Asking {
  return {
    async isPossible() {
      const isOff = vscode.workspace.getConfiguration('chat').get('disableAIFeatures') === true;
      if (isOff || chatFeatures(vscode).lm?.registerTool === undefined) return false;
      return (await vscode.commands.getCommands(true)).includes(openChat);
    },
    async ask(question) {
      services.admit(question.paths);
      const query = questionText(question);
      await vscode.commands.executeCommand(openChat, { query, isPartialQuery: true });
    },
  };
}

function questionText({ report, about, pair }: Question): string {
  const part = about === 'model' ? 'the whole model' : about;
  return `#${referenceName('explain')} What did training do to ${part} of ${pair}, and what of it is beyond the size of the update? (report ${report}, about "${about}")`;
}
