// The few ways the panel makes and changes elements. Text goes in as text nodes only, never as markup, and styles
// that depend on data go through the style object, which a strict content security policy allows.

export type Child = Node | string | null;

type Attributes = Readonly<Record<string, string | number | boolean | null>>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

export function vector<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(svgNamespace, tag);
  setAttributes(made, attributes);
  append(made, children);
  return made;
}

/** False and null leave an attribute out, true writes it empty. */
export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) target.removeAttribute(name);
    else {
      const text = value === true ? '' : String(value);
      if (target.getAttribute(name) !== text) target.setAttribute(name, text);
    }
  }
}

/** Writes only what differs, so that a running analysis does not disturb layout or screen readers. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function replaceChildren(target: Element, ...children: Child[]): void {
  target.replaceChildren(...children.filter((child) => child !== null));
}

export function show(target: HTMLElement, visible: boolean): void {
  if (target.hidden === visible) target.hidden = !visible;
}

/** Names a custom property: the one way data reaches a style. */
export function setVariable(target: HTMLElement | SVGElement, name: `--${string}`, value: string): void {
  if (target.style.getPropertyValue(name) !== value) target.style.setProperty(name, value);
}

/** A name that may break after its underscores, dots and slashes rather than anywhere. */
export function breakable(text: string): (Node | string)[] {
  return text
    .split(/(?<=[_./])(?=.)/u)
    .flatMap((part, at) => (at === 0 ? [part] : [document.createElement('wbr'), part]));
}

/** An id that no other element has. */
export function freshId(prefix: string): string {
  lastId += 1;
  return `${prefix}-${lastId}`;
}

let lastId = 0;

function append(target: Element, children: readonly Child[]): void {
  for (const child of children) if (child !== null) target.append(child);
}
