// What the chat gets of editors that have all of it, tools alone, or nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chatFeatures, type Registration } from '../../../src/extension/chat/chatFeatures.ts';
import { contributedName, serverId } from '../../../src/extension/chat/contributedNames.ts';
import { registerChat } from '../../../src/extension/chat/registerChat.ts';
import { toolNames } from '../../../src/tools/toolCatalogue.ts';

class StdioServer {
  readonly given: unknown[];
  constructor(...given: unknown[]) {
    this.given = given;
  }
}

/** An editor's `lm`, which keeps what is registered and is not at ease without itself. */
class Registered {
  readonly tools: string[] = [];
  readonly servers: { id: string; definitions: object[] }[] = [];

  registerTool(name: string): Registration {
    this.tools.push(name);
    return { dispose: () => undefined };
  }

  registerMcpServerDefinitionProvider(
    id: string,
    provider: { provideMcpServerDefinitions: () => object[] },
  ): Registration {
    this.servers.push({ id, definitions: provider.provideMcpServerDefinitions() });
    return { dispose: () => undefined };
  }
}

function registered(editor: object): number {
  return registerChat(chatFeatures(editor), '/extension', () => ({ invoke: () => null })).length;
}

describe('an editor', () => {
  it('without a chat, or with a chat that knows no tools, is given nothing', () => {
    assert.equal(registered({}), 0);
    assert.equal(registered({ lm: undefined }), 0);
    assert.equal(registered({ lm: { selectChatModels: () => [] } }), 0);
  });

  it('with tools alone is given the tools', () => {
    const lm = new Registered();
    assert.equal(registered({ lm: { registerTool: lm.registerTool.bind(lm) } }), toolNames.length);
    assert.deepEqual(lm.tools, toolNames.map(contributedName));
  });

  it('with both is given the server too, on the Node.js that it runs on', () => {
    const lm = new Registered();
    assert.equal(registered({ lm, McpStdioServerDefinition: StdioServer }), toolNames.length + 1);
    assert.equal(lm.servers.length, 1);
    const [server] = lm.servers;
    assert.equal(server?.id, serverId);
    const [label, command, args, environment] = (server.definitions[0] as StdioServer).given;
    assert.deepEqual(
      [label, command, args],
      ['Three-Gate', process.execPath, ['/extension/dist/cli.cjs', 'mcp']],
    );
    assert.deepEqual(environment, { ELECTRON_RUN_AS_NODE: '1' });
  });

  it('with servers that it cannot describe is given the tools alone', () => {
    const lm = new Registered();
    assert.equal(registered({ lm }), toolNames.length);
    assert.deepEqual(lm.servers, []);
  });
});
