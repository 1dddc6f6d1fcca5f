// How a checkpoint that lies elsewhere is named, and how such names join like paths:
//   hf://org/model[@revision][/path]      a repository of the Hub; the slashes of a revision are written %2F
//   s3://bucket/folder                    what lies under a prefix of a bucket, or one object
//   https://host/path/model.safetensors   one file; http:// for this machine and its own network only
// A query may hold a signature: it is no part of a name and is kept apart.
import { ThreeGateError } from '../../shared/errors.ts';

export interface HubAddress {
  kind: 'hub';
  /** `org/model`, or `model` alone. */
  repository: string;
  revision: string;
  /** Within the repository; empty for all of it. */
  path: string;
}

export interface S3Address {
  kind: 's3';
  bucket: string;
  /** A key, or a prefix without the slash at its end; empty for all of the bucket. */
  path: string;
}

interface WebAddress {
  kind: 'web';
  /** Without query and fragment. */
  url: string;
  /** With its question mark, or empty. */
  query: string;
}

export type RemoteAddress = HubAddress | S3Address | WebAddress;

const scheme = /^(?:hf|s3|https?):\/\//i;

export function isRemote(path: string): boolean {
  return scheme.test(path);
}

/** Null for anything that is no remote address; throws `usage` for one that cannot be read. */
export function parseRemoteAddress(text: string): RemoteAddress | null {
  if (!isRemote(text)) return null;
  if (/^hf:/i.test(text)) return hubAddress(text);
  if (/^s3:/i.test(text)) return s3Address(text);
  const url = webUrl(text);
  return hubPage(url) ?? { kind: 'web', url: `${url.origin}${url.pathname}`, query: url.search };
}

/** The one way to write an address; never its query. */
export function formatAddress(address: RemoteAddress): string {
  if (address.kind === 'web') return address.url;
  if (address.kind === 's3') return joinRemote(`s3://${address.bucket}`, address.path);
  const { repository, revision, path } = address;
  const named = `hf://${repository}@${revision.replaceAll('/', '%2F')}`;
  return path === '' ? named : `${named}/${path}`;
}

/** As path.resolve, for a first part that is remote: `..` stops at the root of the repository or of the host. */
export function joinRemote(first: string, ...parts: readonly string[]): string {
  const root = rootOf(first);
  const segments = first.slice(root.length).split('/');
  const joined: string[] = [];
  for (const segment of [...segments, ...parts.flatMap((part) => part.split('/'))]) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') joined.pop();
    else joined.push(segment);
  }
  return joined.length === 0 ? root : `${root}/${joined.join('/')}`;
}

export function remoteFolder(path: string): string {
  return joinRemote(path, '..');
}

export function remoteName(path: string): string {
  return path.slice(rootOf(path).length).replace(/^.*\//, '');
}

/** `hf://org/model@revision`, a bucket, or a host. */
function rootOf(path: string): string {
  const root = /^hf:\/\/[^@/]+(?:\/[^@/]+)?@[^/]+|^(?:s3|https?):\/\/[^/]+/i.exec(path)?.[0];
  if (root === undefined) throw refuse(path, 'it names no repository');
  return root;
}

function hubAddress(text: string): HubAddress {
  const match = /^hf:\/\/((?:[\w][\w.-]*\/)?[\w][\w.-]*)(?:@([^/\s]+))?(?:\/(.*))?$/i.exec(text);
  const repository = match?.[1];
  if (repository === undefined) throw refuse(text, 'it should read hf://organisation/model');
  const revision = decoded(match?.[2] ?? 'main', text);
  return { kind: 'hub', repository, revision, path: cleanPath(match?.[3] ?? '', text) };
}

/** A key stands as it is: nothing in it is escaped. */
function s3Address(text: string): S3Address {
  const match = /^s3:\/\/([a-z0-9][\w.-]{1,61}[a-z0-9])(?:\/(.*))?$/is.exec(text);
  const bucket = match?.[1];
  if (bucket === undefined) throw refuse(text, 'it should read s3://bucket/folder');
  return { kind: 's3', bucket, path: cleanPath(match?.[2] ?? '', text) };
}

/** A page of the Hub that shows a repository, a folder or a file of it. */
function hubPage({ hostname, pathname }: URL): HubAddress | null {
  if (!/^(?:www\.)?(?:huggingface\.co|hf\.co)$/.test(hostname)) return null;
  const [owner, name, view, revision, ...rest] = pathname.split('/').filter((part) => part !== '');
  if (owner === undefined || name === undefined) return null;
  const repository = `${owner}/${name}`;
  if (view === undefined) return { kind: 'hub', repository, revision: 'main', path: '' };
  if (!['tree', 'blob', 'resolve'].includes(view) || revision === undefined) return null;
  const text = `https://${hostname}${pathname}`;
  return {
    kind: 'hub',
    repository,
    revision: decoded(revision, text),
    path: cleanPath(decoded(rest.join('/'), text), text),
  };
}

function webUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse(text, 'it is no valid address');
  }
  if (url.username !== '' || url.password !== '') throw refuse(url.host, 'it may not hold a password');
  if (url.protocol === 'http:' && !isNear(url.hostname)) {
    throw refuse(
      `${url.origin}${url.pathname}`,
      'only this machine and its own network are read without encryption; use https://',
    );
  }
  return url;
}

/** Loopback and the private ranges of RFC 1918, RFC 4193 and RFC 3927. */
export function isNear(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.endsWith('.localhost')) return true;
  if (/^\[f[cd][0-9a-f]{2}:/i.test(hostname) || /^\[fe[89ab][0-9a-f]:/i.test(hostname)) return true;
  return /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]+$/.test(hostname);
}

function cleanPath(path: string, text: string): string {
  const segments = path.split('/').filter((part) => part !== '');
  if (segments.some((part) => part === '.' || part === '..')) throw refuse(text, 'its path may not climb');
  return segments.join('/');
}

function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse(text, 'it is no valid address');
  }
}

function refuse(text: string, why: string): ThreeGateError {
  return new ThreeGateError('usage', `${text} cannot be read as a remote checkpoint: ${why}.`);
}
