// Whether a model name in a config and a path on this disk may be the same model. Names are compared, never weights:
// only a clear difference counts as one.

/** `stated` is a Hub id or a path of another machine; `path` is the analysed base. */
export function sameModel(stated: string, path: string): boolean {
  const name = lastPart(stated);
  // A revision or a folder like `.` says nothing.
  if (name === '' || /^\.+$/.test(name) || /^[0-9a-f]{40}$/.test(name)) return true;
  return parts(path).some((part) => part === name || part === `${name}-hf`);
}

function lastPart(stated: string): string {
  const all = parts(stated);
  return all[all.length - 1] ?? '';
}

/** Path segments, lower case; a Hub cache folder gives the names in it, and quantised copies the name of their original. */
function parts(path: string): string[] {
  return path
    .toLowerCase()
    .split(/[\\/]+/)
    .filter((part) => part !== '')
    .flatMap((part) => (part.startsWith('models--') ? part.slice('models--'.length).split('--') : [part]))
    .map((part) => part.replace(/(-unsloth)?-bnb-4bit$/, '').replace(/\.(safetensors|gguf)$/, ''));
}
