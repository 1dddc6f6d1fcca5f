// A chart as a picture that stands on its own: title, legend, drawing and definition on the theme's background.
import { css, type Theme } from '../theme/theme.ts';
import { colorOf } from './colors.ts';
import type { ChartModel } from './model.ts';

/** Base64 of a PNG, without the data URL's head; twice the size on screen at most. */
export function chartPng(
  canvas: HTMLCanvasElement,
  model: ChartModel,
  subject: string,
  theme: Theme,
): string {
  const ratio = canvas.width / canvas.clientWidth || 1;
  const width = canvas.clientWidth;
  const top = 52;
  const height = top + canvas.clientHeight + 26;
  const picture = document.createElement('canvas');
  picture.width = Math.round(width * ratio);
  picture.height = Math.round(height * ratio);
  const context = picture.getContext('2d');
  if (context === null) return '';
  context.scale(ratio, ratio);
  context.fillStyle = css(theme.background);
  context.fillRect(0, 0, width, height);
  context.fillStyle = css(theme.foreground);
  context.font = `600 ${theme.fontSize}px ${theme.fontFamily}`;
  context.fillText(`${model.title} · ${subject}`, 8, 18, width - 16);
  context.font = `${theme.fontSize - 2}px ${theme.fontFamily}`;
  let left = 8;
  for (const series of model.series) {
    if (series.mark === 'stripe') continue;
    context.fillStyle = css(colorOf(series.color, theme));
    context.fillRect(left, 31, 12, 4);
    context.fillStyle = css(theme.dim);
    context.fillText(series.label, left + 17, 37);
    left += 33 + context.measureText(series.label).width;
  }
  context.drawImage(canvas, 0, top, width, canvas.clientHeight);
  context.fillStyle = css(theme.dim);
  context.fillText(model.definition, 8, height - 8, width - 16);
  return picture.toDataURL('image/png').split(',')[1] ?? '';
}

/** A file name from a chart and what it is about. */
export function pngName(model: ChartModel, subject: string): string {
  const part = subject.replace(/[^\w.-]+/gu, '-').replace(/^[-.]+|-+$/gu, '');
  return `${part.slice(0, 80)}-${model.id}.png`;
}
