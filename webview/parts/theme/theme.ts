// The editor's colours, read live from its `--vscode-*` variables and read again when the theme changes.
// Style sheets use the variables directly; this is for what is painted by script: charts and the heat map.
import { cssColor, divergingRamp, over, parseColor, sequentialRamp, type Color } from './color.ts';

export interface Theme {
  foreground: Color;
  dim: Color;
  background: Color;
  grid: Color;
  blue: Color;
  orange: Color;
  purple: Color;
  green: Color;
  yellow: Color;
  red: Color;
  highContrast: boolean;
  fontFamily: string;
  /** Pixels. */
  fontSize: number;
  /** Colour of a position 0…1 on the heat map's axis. */
  ramp: (position: number) => Color;
  /** The same for an axis with a middle: less than it, and more. */
  diverging: (position: number) => Color;
}

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const read = (fallback: Color, ...names: string[]): Color => {
    for (const name of names) {
      const color = parseColor(style.getPropertyValue(name));
      if (color !== null) return color;
    }
    return fallback;
  };
  const light = document.body.classList.contains('vscode-light') || isHighContrastLight();
  const background = read(light ? [1, 1, 1, 1] : [0.12, 0.12, 0.12, 1], '--vscode-editor-background');
  const solid = (fallback: Color, ...names: string[]): Color => over(read(fallback, ...names), background);
  const foreground = solid(
    light ? [0, 0, 0, 1] : [1, 1, 1, 1],
    '--vscode-editor-foreground',
    '--vscode-foreground',
  );
  // Some themes make chart colours translucent, which thin lines do not survive.
  const chart = (fallback: Color, name: string): Color => {
    const [red, green, channel] = read(fallback, name);
    return [red, green, channel, 1];
  };
  const blue = chart([0.2, 0.5, 0.9, 1], '--vscode-charts-blue');
  const orange = chart([0.85, 0.45, 0.1, 1], '--vscode-charts-orange');
  return {
    foreground,
    background,
    blue,
    dim: solid(foreground, '--vscode-descriptionForeground'),
    grid: over([foreground[0], foreground[1], foreground[2], 0.14], background),
    orange,
    purple: chart([0.6, 0.4, 0.8, 1], '--vscode-charts-purple'),
    green: chart([0.3, 0.6, 0.3, 1], '--vscode-charts-green'),
    yellow: chart([0.8, 0.6, 0.1, 1], '--vscode-charts-yellow'),
    red: chart([0.85, 0.25, 0.25, 1], '--vscode-charts-red'),
    highContrast: document.body.classList.contains('vscode-high-contrast') || isHighContrastLight(),
    fontFamily: style.getPropertyValue('--vscode-font-family') || 'sans-serif',
    fontSize: parseFloat(style.getPropertyValue('--vscode-font-size')) || 13,
    ramp: sequentialRamp(background, blue, foreground),
    diverging: divergingRamp(background, orange, blue, foreground),
  };
}

/** Calls back after each theme change; the editor announces one by the body's class and rewrites the variables. */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(() => {
    requestAnimationFrame(changed);
  });
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ['class', 'data-vscode-theme-kind', 'data-vscode-theme-id'],
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}

export function css(color: Color, alpha = 1): string {
  return cssColor([color[0], color[1], color[2], alpha]);
}

function isHighContrastLight(): boolean {
  return document.body.classList.contains('vscode-high-contrast-light');
}
