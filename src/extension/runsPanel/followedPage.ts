// What following a run does to the panel that shows it.
import type { RunsDocument } from '../../shared/protocol/runsProtocol.ts';

export interface FollowedPage {
  show(document: RunsDocument): void;
  /** What is done now, without drawing the page anew. */
  say(text: string): void;
  reveal(): void;
}
