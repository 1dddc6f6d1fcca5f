// What package.json and the code call the tools in the editor's chat, and the server of the same tools.
import type { ToolName } from '../../tools/answers.ts';

export const serverId = 'threeGate.mcp';

export function contributedName(name: ToolName): string {
  return `threeGate_${name}`;
}

/** As people write it after `#`: `threeGateAnalyzePair`. */
export function referenceName(name: ToolName): string {
  const words = name.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `threeGate${words.join('')}`;
}
