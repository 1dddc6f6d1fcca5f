// Names of what lies elsewhere, as people write them and as consent speaks of them. No vscode here, and no request.
import { formatAddress, isRemote, parseRemoteAddress } from '../../engine/files/remoteAddress.ts';

/** `org/model` and `org/model@revision`: a name of the Hub sooner than a path. */
const modelId = /^[\w][\w.-]*\/[\w][\w.-]*(?:@\S+)?$/;

/** The address that a text means: written as one, or a model id of the Hub; null for anything else. */
export function remoteOf(text: string): string | null {
  const written = isRemote(text) ? text : modelId.test(text) ? `hf://${text}` : null;
  try {
    const address = written === null ? null : parseRemoteAddress(written);
    // Without a query: it may hold a signature, and what is picked is kept in the pair.
    return address === null ? null : formatAddress(address);
  } catch {
    return null;
  }
}

/** What consent is given for: a repository of the Hub, or whoever serves a file. */
export function placeOf(path: string): string {
  const address = parseRemoteAddress(path);
  if (address === null) return path;
  if (address.kind === 'hub') return `hf://${address.repository}`;
  return /^[a-z\d]+:\/\/[^/]+/i.exec(formatAddress(address))?.[0] ?? path;
}

/** `hf://org/model from huggingface.co`; of a place that is a server by itself, its name. */
export function readingOf(place: string, environment: Readonly<Record<string, string | undefined>>): string {
  if (!place.startsWith('hf://')) return place;
  const endpoint = environment['HF_ENDPOINT'];
  const server =
    endpoint === undefined || !URL.canParse(endpoint) ? 'huggingface.co' : new URL(endpoint).host;
  return `${place} from ${server}`;
}

/** First segments of what a training script wrote, not somebody's name. */
const scriptFolder =
  /^(?:outputs?|checkpoints?|ckpts?|models?|runs?|results?|experiments?|exps?|saves?|data|tmp|home|logs?|weights)\//i;

/** The address of the model that a config names, where that is no path of the machine that it was written on. */
export function hubModelOf(name: string): string | null {
  return modelId.test(name) && !scriptFolder.test(name) && !/\.(?:json|ya?ml|py|txt|bin|pt)$/i.test(name)
    ? remoteOf(name)
    : null;
}
