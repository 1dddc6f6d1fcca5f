// The theme that the reader's system asks for, named as an editor names its own; themes.css has the colours.
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const contrast = window.matchMedia('(prefers-contrast: more)');

/** From now on the body has the class of it. */
export function followSystemTheme(): void {
  const apply = (): void => {
    document.body.className = `vscode-body ${themeClass()}`;
  };
  for (const query of [dark, contrast]) query.addEventListener('change', apply);
  apply();
}

function themeClass(): string {
  if (contrast.matches) return dark.matches ? 'vscode-high-contrast' : 'vscode-high-contrast-light';
  return dark.matches ? 'vscode-dark' : 'vscode-light';
}
