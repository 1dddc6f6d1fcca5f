// The Hugging Face token that the user gave: in the editor's secret storage, and nowhere else.
import * as vscode from 'vscode';

const secretKey = 'huggingFaceToken';

export class HubToken {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  /** Null where none was given. */
  async read(): Promise<string | null> {
    const token = await this.secrets.get(secretKey);
    return token === undefined || token === '' ? null : token;
  }

  async set(): Promise<void> {
    const token = await vscode.window.showInputBox({
      title: vscode.l10n.t('Hugging Face Token'),
      prompt: vscode.l10n.t(
        'Kept in the secret storage of this editor and shown to the Hub alone. HF_TOKEN and "hf auth login" go first.',
      ),
      placeHolder: 'hf_…',
      password: true,
      ignoreFocusOut: true,
      validateInput: (text) =>
        /^\S+$/.test(text.trim()) ? null : vscode.l10n.t('A token is one word without spaces.'),
    });
    if (token === undefined) return;
    await this.secrets.store(secretKey, token.trim());
    vscode.window.setStatusBarMessage(vscode.l10n.t('The Hugging Face token is kept.'), 5000);
  }

  async remove(): Promise<void> {
    await this.secrets.delete(secretKey);
    vscode.window.setStatusBarMessage(vscode.l10n.t('The Hugging Face token is removed.'), 5000);
  }
}
