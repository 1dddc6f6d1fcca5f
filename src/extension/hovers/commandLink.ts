// A link of a hover that runs a command; the hover's text must trust that command.
import { escapeMarkdown } from '../../shared/text/markdownText.ts';

export function commandLink(title: string, command: string, args: readonly unknown[]): string {
  return `[${escapeMarkdown(title)}](command:${command}?${encodeURIComponent(JSON.stringify(args))})`;
}
