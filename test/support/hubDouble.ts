// A double of the Hub on loopback: repositories that are folders of this machine, a listing in two pages, large files behind
// a redirect to a second port, and faults on demand. It counts what it sends and remembers who showed a token.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { answerRange, type Fault } from './rangeFaults.ts';

interface Read {
  /** Organisation, name and path within the repository. */
  path: string;
  from: number;
  to: number;
  fault: Fault | null;
}

interface StoredFile {
  bytes: Buffer;
  sha256: string;
}

export class HubDouble {
  readonly reads: Read[] = [];
  /** Host and path of requests that came with a token. */
  readonly tokensSeen: string[] = [];
  /** Every request, by host and path. */
  readonly requests: string[] = [];
  /** That were ever opened. */
  connections = 0;
  /** Bytes of bodies of range reads that were begun. */
  bytesSent = 0;
  /** Asked for every range read of a file's data. */
  faultOf: (read: Omit<Read, 'fault'>) => Fault | null = () => null;
  /** Asked of who reads; null lets everybody in. */
  token: string | null = null;
  private readonly repositories = new Map<string, Map<string, StoredFile>>();
  private hub!: Server;
  private cdn!: Server;

  /** @param port of the Hub; 0 for any */
  static async start(port = 0): Promise<HubDouble> {
    const double = new HubDouble();
    double.hub = createServer((request, response) => {
      double.answerHub(request, response);
    });
    double.cdn = createServer((request, response) => {
      double.note(request);
      double.send(request, response, new URL(request.url ?? '', 'http://cdn').pathname.slice(1), true);
    });
    for (const server of [double.hub, double.cdn]) {
      server.on('connection', () => {
        double.connections += 1;
      });
    }
    await Promise.all([listening(double.hub, port), listening(double.cdn, 0)]);
    return double;
  }

  get endpoint(): string {
    return originOf(this.hub);
  }

  /** Where large files are served without a listing. */
  get cdnOrigin(): string {
    return originOf(this.cdn);
  }

  get commit(): string {
    return 'c0ffee'.padEnd(40, '0');
  }

  /** Serves the files of a folder as a repository. */
  add(name: string, folder: string): void {
    const files = new Map<string, StoredFile>();
    for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, entry);
      if (!statSync(path).isFile()) continue;
      const bytes = readFileSync(path);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.set(relative(folder, path).replaceAll('\\', '/'), { bytes, sha256 });
    }
    this.repositories.set(name, files);
  }

  async close(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private note(request: IncomingMessage): void {
    const place = `${request.headers.host ?? ''}${(request.url ?? '').replace(/\?.*/, '')}`;
    this.requests.push(place);
    if (request.headers.authorization !== undefined) this.tokensSeen.push(place);
  }

  private answerHub(request: IncomingMessage, response: ServerResponse): void {
    this.note(request);
    const url = new URL(request.url ?? '', this.endpoint);
    if (this.token !== null && request.headers.authorization !== `Bearer ${this.token}`) {
      json(response, 401, { error: 'Invalid credentials' }, { 'x-error-code': 'RepoNotFound' });
      return;
    }
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(url.pathname);
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
    const files = this.repositories.get(api?.[1] ?? resolve?.[1] ?? '');
    if (files === undefined) {
      json(response, 404, { error: 'Repository not found' }, { 'x-error-code': 'RepoNotFound' });
    } else if (api?.[2] === 'revision') {
      json(response, 200, {
        _id: '1',
        id: api[1],
        sha: this.commit,
        private: false,
        gated: false,
        downloads: 0,
        likes: 0,
        lastModified: '2026-01-01T00:00:00.000Z',
      });
    } else if (api !== null) {
      this.list(url, files, response);
    } else {
      this.resolve(request, response, resolve?.[1] ?? '', decodeURIComponent(resolve?.[3] ?? ''));
    }
  }

  /** Two pages: the second is asked for by the Link of the first. */
  private list(url: URL, files: Map<string, StoredFile>, response: ServerResponse): void {
    const all = [...files].map(([path, { bytes, sha256 }]) => ({
      type: 'file',
      path,
      size: bytes.length,
      oid: sha256.slice(0, 40),
      ...(isLarge(path) && { lfs: { oid: sha256, size: bytes.length, pointerSize: 130 } }),
    }));
    const second = url.searchParams.has('cursor');
    const cut = Math.ceil(all.length / 2);
    const next = new URL(url);
    next.searchParams.set('cursor', '1');
    const link = second ? {} : { link: `<${next.href}>; rel="next"` };
    json(response, 200, second ? all.slice(cut) : all.slice(0, cut), link);
  }

  private resolve(request: IncomingMessage, response: ServerResponse, name: string, path: string): void {
    const file = this.repositories.get(name)?.get(path);
    if (file === undefined) {
      json(response, 404, { error: 'Entry not found' }, { 'x-error-code': 'EntryNotFound' });
    } else if (isLarge(path)) {
      response.writeHead(302, {
        location: `${originOf(this.cdn)}/${name}/${path}?Signature=secret`,
        'x-repo-commit': this.commit,
        'x-linked-size': file.bytes.length,
        'x-linked-etag': `"${file.sha256}"`,
      });
      response.end();
    } else {
      this.send(request, response, `${name}/${path}`, false);
    }
  }

  private send(request: IncomingMessage, response: ServerResponse, place: string, isData: boolean): void {
    const [owner = '', name = '', ...rest] = decodeURIComponent(place).split('/');
    const file = this.repositories.get(`${owner}/${name}`)?.get(rest.join('/'));
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (file === undefined || first === undefined || last === undefined) {
      response.writeHead(file === undefined ? 404 : 200, {
        'content-length': file?.bytes.length ?? 0,
        etag: '"all"',
      });
      response.end(file?.bytes);
      return;
    }
    const read = { path: `${owner}/${name}/${rest.join('/')}`, from: Number(first), to: Number(last) + 1 };
    const fault = isData ? this.faultOf(read) : null;
    this.reads.push({ ...read, fault });
    this.reply(response, file, read, fault);
  }

  private reply(
    response: ServerResponse,
    file: StoredFile,
    read: Omit<Read, 'fault'>,
    fault: Fault | null,
  ): void {
    const { bytes, sha256 } = file;
    const answer = { bytes, ...read, etag: `"cdn-${sha256.slice(0, 8)}"` };
    this.bytesSent += answerRange(response, answer, fault);
  }
}

function isLarge(path: string): boolean {
  return /\.(?:safetensors|bin|pt)$/.test(path);
}

function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

async function listening(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
