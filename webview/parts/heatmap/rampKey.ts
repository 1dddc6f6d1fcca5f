// The ramp of a heat map's colours, as its legend shows it.
import { element } from '../dom/dom.ts';
import { css, type Theme } from '../theme/theme.ts';

const swatches = 24;

export function rampKey(paint: Theme['ramp']): HTMLElement {
  const ramp = element('span', { class: 'ramp', 'aria-hidden': 'true' });
  for (let at = 0; at < swatches; at += 1) {
    const swatch = element('span', {});
    swatch.style.backgroundColor = css(paint(at / (swatches - 1)));
    ramp.append(swatch);
  }
  return ramp;
}
