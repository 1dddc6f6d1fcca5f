// The manifest against the code: what is contributed exists, what exists is contributed, every text is localised.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { commandIds } from '../../../src/extension/commands/commandIds.ts';
import { headerViewType, pairViewType, reportViewType, shardsViewType } from '../../../src/extension/ids.ts';
import { adHocScheme } from '../../../src/extension/pairs/pairLocation.ts';
import { toolCatalogue, toolNames } from '../../../src/tools/toolCatalogue.ts';
import { contributedServers, contributedTools } from '../../support/contributedTools.ts';
import { settingsTable } from '../../../src/extension/settings/settingsTable.ts';

const root = join(import.meta.dirname, '../../..');

interface MenuItem {
  command: string;
  when?: string;
}

interface SettingSchema {
  scope?: string;
  description?: string;
  markdownDescription?: string;
}

interface WalkthroughStep {
  id: string;
  description: string;
  media: { image: Record<string, string> };
  completionEvents: string[];
}

interface Manifest {
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { supported: boolean }; virtualWorkspaces: { supported: boolean } };
  extensionKind: string[];
  contributes: {
    commands: { command: string; title: string; icon?: string; enablement?: string }[];
    menus: Record<string, MenuItem[]>;
    customEditors: { viewType: string; priority: string }[];
    configuration: { properties: Record<string, SettingSchema> }[];
    walkthroughs: { steps: WalkthroughStep[] }[];
    jsonValidation: { url: string }[];
    languageModelTools: { name: string; displayName: string }[];
    mcpServerDefinitionProviders: object[];
    jsonLanguageParticipants: { languageId: string }[];
    languages: {
      id: string;
      extensions: string[];
      configuration?: string;
      icon: { light: string; dark: string };
    }[];
    grammars: { language: string; path: string }[];
  };
}

const text = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const localised = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const { contributes } = manifest;
const contributed = contributes.commands.map(({ command }) => command);
const whenClauses = [
  ...Object.values(contributes.menus).flatMap((items) => items.map(({ when }) => when ?? '')),
  ...contributes.commands.map(({ enablement }) => enablement ?? ''),
];

describe('the manifest', () => {
  it('contributes exactly the commands that are registered', () => {
    assert.deepEqual([...contributed].sort(), commandIds.map((id) => `threeGate.${id}`).sort());
  });

  it('has only known commands in its menus and walkthrough', () => {
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    const links = [...JSON.stringify(localised).matchAll(/command:(threeGate\.\w+)/g)].map(
      (match) => match[1] ?? '',
    );
    assert.ok(inMenus.length > 0 && links.length > 0);
    for (const command of [...inMenus, ...links]) assert.ok(contributed.includes(command), command);
  });

  it('has a picture in every theme and one button that completes each step of its walkthrough, the own pair last', () => {
    const steps = contributes.walkthroughs.flatMap((each) => each.steps);
    for (const { id, description, media, completionEvents } of steps) {
      const text = localised[description.replaceAll('%', '')] ?? '';
      const buttons = [...text.matchAll(/\]\(command:([\w.]+)/gu)].map(([, command = '']) => command);
      assert.equal(buttons.length, 1, id);
      assert.equal(completionEvents.includes(`onCommand:${buttons[0] ?? ''}`), true, id);
      for (const event of completionEvents) {
        const command = event.replace('onCommand:', '');
        assert.equal(contributed.includes(command) || command.startsWith('workbench.'), true, event);
      }
      assert.deepEqual(Object.keys(media.image), ['dark', 'light', 'hc', 'hcLight'], id);
    }
    assert.deepEqual(steps.map(({ id }) => id).slice(-1), ['ownPair']);
  });

  it('contributes exactly the settings of the table, with its types, defaults, limits and words', () => {
    const properties = contributes.configuration.flatMap((section) => Object.entries(section.properties));
    const texts = [
      'description',
      'markdownDescription',
      'enumDescriptions',
      'markdownEnumDescriptions',
      'scope',
    ];
    const found = properties.map(([key, schema]) => ({
      key: key.replace(/^threeGate\./, ''),
      schema: Object.fromEntries(Object.entries(schema).filter(([name]) => !texts.includes(name))),
      ...(schema.scope === undefined ? {} : { machine: schema.scope === 'machine-overridable' }),
    }));
    const byKey = (left: { key: string }, right: { key: string }): number =>
      left.key.localeCompare(right.key);
    const wanted = settingsTable.map(({ key, schema, machine }) => ({
      key,
      schema,
      ...(machine && { machine }),
    }));
    assert.deepEqual(found.sort(byKey), wanted.sort(byKey));
    for (const [key, { description, markdownDescription }] of properties) {
      const named = /^%(config\..*)%$/.exec(description ?? markdownDescription ?? '')?.[1] ?? '';
      const explanation = settingsTable.find((each) => `threeGate.${each.key}` === key)?.explanation ?? null;
      assert.ok(localised[named], `${key} is described`);
      // But for its emphasis.
      if (explanation !== null) assert.equal(localised[named].replaceAll('*', ''), explanation, key);
    }
  });

  it('contributes the tools of the catalogue to the chat, and the server of the same tools', () => {
    assert.deepEqual(contributes.languageModelTools, contributedTools());
    assert.deepEqual(contributes.mcpServerDefinitionProviders, contributedServers());
    for (const name of toolNames) assert.equal(localised[`tool.${name}`], toolCatalogue[name].title);
    // As VS Code wants the names of tools.
    for (const { name } of contributes.languageModelTools) assert.match(name, /^(?!copilot_|vscode_)[\w-]+$/);
  });

  it('takes every text from package.nls.json and leaves none of it unused', () => {
    const used = [...text.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1] ?? '');
    assert.deepEqual([...new Set(used)].sort(), Object.keys(localised).sort());
  });

  it('names the custom editors and the scheme as the code does', () => {
    const editors = contributes.customEditors.map(({ viewType, priority }) => [viewType, priority]);
    assert.deepEqual(editors, [
      [pairViewType, 'default'],
      [reportViewType, 'default'],
      [shardsViewType, 'default'],
      [headerViewType, 'option'],
    ]);
    assert.ok(manifest.activationEvents.includes(`onFileSystem:${adHocScheme}`));
  });

  it('enables commands by context keys that the code sets', () => {
    const sources = [
      'pairEditor/sessionRegistry.ts',
      'explorer/knownFolders.ts',
      'commands/explorerCommands.ts',
      'statusBar.ts',
      'shardFolder/slurmKey.ts',
    ]
      .map((file) => readFileSync(join(root, 'src/extension', file), 'utf8'))
      .join('\n');
    const editors: string[] = [pairViewType, headerViewType];
    const keys = whenClauses
      .flatMap((clause) => [...clause.matchAll(/threeGate\.(\w+)/g)])
      .filter(([whole]) => !editors.includes(whole))
      .map((match) => match[1] ?? '');
    assert.ok(keys.length > 0);
    for (const key of new Set(keys)) assert.match(sources, new RegExp(`'(?:threeGate\\.)?${key}'`), key);
  });

  it('runs where the files are, untrusted, and not on virtual file systems', () => {
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, true);
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
    assert.ok(
      !manifest.activationEvents.includes('*') && !manifest.activationEvents.includes('onStartupFinished'),
    );
  });

  it('starts where a checkpoint, a pair, a trainer or a recipe is, and not for every file of a language', () => {
    const { activationEvents } = manifest;
    assert.deepEqual(
      activationEvents.filter((event) => event.startsWith('onLanguage')),
      [],
    );
    const patterns = activationEvents.flatMap((event) => /^workspaceContains:(.*)/.exec(event)?.[1] ?? []);
    const starts = (path: string): boolean => patterns.some((pattern) => globPattern(pattern).test(path));
    for (const path of [
      'base/model-00001-of-00002.safetensors',
      'grpo.threegate',
      'old/pytorch_model-00001-of-00002.bin',
      'step/__0_0.distcp',
      'out/checkpoint-100/training_args.bin',
      'out/trainer_state.json',
      'lora/adapter_config.json',
      'out/torchtune_config.yaml',
      'outputs/2026-11-01/10-00-00/.hydra/config.yaml',
      'recipes/qwen-grpo.yaml',
      'run_sft.sh',
    ]) {
      assert.ok(starts(path), path);
    }
    for (const path of [
      'package.json',
      '.github/workflows/test.yml',
      'deploy.sh',
      'pyproject.toml',
      'x.bin',
    ]) {
      assert.ok(!starts(path), path);
    }
  });

  it('has the JSON features take part in the language of pair files, which has an icon of its own', () => {
    const language = contributes.languages.find(({ extensions }) => extensions.includes('.threegate'));
    assert.deepEqual(
      contributes.jsonLanguageParticipants.map(({ languageId }) => languageId),
      [language?.id],
    );
    assert.deepEqual(
      contributes.grammars.map(({ language: id }) => id),
      [language?.id],
    );
  });

  it('points at files that exist', () => {
    const files = [
      ...contributes.walkthroughs.flatMap(({ steps }) =>
        steps.flatMap(({ media }) => Object.values(media.image)),
      ),
      ...contributes.jsonValidation.map(({ url }) => url),
      ...contributes.languages.flatMap(({ icon, configuration = [] }) =>
        [icon.light, icon.dark, configuration].flat(),
      ),
      ...contributes.grammars.map(({ path }) => path),
      'media/icon.png',
    ];
    for (const file of files) assert.ok(existsSync(join(root, file)), file);
  });
});

// As the editor reads its patterns: any folders, any letters, and alternatives in braces.
function globPattern(pattern: string): RegExp {
  const source = pattern
    .replaceAll('.', '\\.')
    .replaceAll('**/', '(?:.+/)?')
    .replace(/(?<!\.)\*/g, '[^/]*')
    .replace(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`);
  return new RegExp(`^${source}$`);
}
