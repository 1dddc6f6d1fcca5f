// What package.json contributes to the editor's chat: made of the tools' own catalogue, `npm run docs` writes it, and a test
// holds the manifest to it.
import { readFileSync, writeFileSync } from 'node:fs';
import { contributedName, referenceName, serverId } from '../../src/extension/chat/contributedNames.ts';
import { inputSchema, toolCatalogue, toolNames } from '../../src/tools/toolCatalogue.ts';

/** Of a chat where tools are picked from: they change nothing. */
const tags = ['three-gate', 'readonly'];

export function contributedTools(): object[] {
  return toolNames.map((name) => ({
    name: contributedName(name),
    toolReferenceName: referenceName(name),
    displayName: `%tool.${name}%`,
    userDescription: `%tool.${name}.description%`,
    modelDescription: toolCatalogue[name].description,
    canBeReferencedInPrompt: true,
    icon: 'media/icon.png',
    tags,
    inputSchema: inputSchema(name),
  }));
}

export function contributedServers(): object[] {
  return [{ id: serverId, label: 'Three-Gate' }];
}

export function writeContributedTools(manifestPath: string): void {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { contributes: object };
  Object.assign(manifest.contributes, {
    languageModelTools: contributedTools(),
    mcpServerDefinitionProviders: contributedServers(),
  });
  writeFileSync(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`);
}
