// An S3 on loopback: s3rver behind a door that checks signatures, lists in short pages, counts range reads and makes faults
// of them. (s3rver checks no signature of version 4, and its own pages need a cipher that OpenSSL 3 has no more.)
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { answerRange, type Fault, type Refusals } from './rangeFaults.ts';
import { isSigned } from './signedByS3.ts';

/** Whose signature is taken. */
export const s3Keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

interface Read {
  /** Bucket and key. */
  path: string;
  from: number;
  to: number;
  fault: Fault | null;
}

const xml = (status: number, code: string, more = ''): readonly [number, Record<string, string>, string] => [
  status,
  { 'content-type': 'application/xml' },
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>No.</Message>${more}</Error>`,
];

const pageSize = 3;

const refusals: Refusals = {
  'too-many': xml(503, 'SlowDown'),
  unavailable: xml(500, 'InternalError'),
  expired: xml(403, 'ExpiredToken', '<Token>secret</Token>'),
  unsatisfiable: xml(416, 'InvalidRange'),
};

export class S3Double {
  readonly reads: Read[] = [];
  bytesSent = 0;
  /** Asked for every range read. */
  faultOf: (read: Omit<Read, 'fault'>) => Fault | null = () => null;
  /** Asked for every request; what it names is refused with this code of S3. */
  refusalOf: (isListing: boolean) => { status: number; code: string } | null = () => null;
  /** Where its buckets lie; requests that were signed for elsewhere are told so. */
  region = 'us-east-1';
  private readonly objects = new Map<string, Buffer>();
  private readonly folder = mkdtempSync(join(tmpdir(), 'three-gate-s3-'));
  private store!: S3rver;
  private storePort = 0;
  private client!: S3Client;
  private door!: Server;

  static async start(bucket: string): Promise<S3Double> {
    const double = new S3Double();
    mkdirSync(double.folder, { recursive: true });
    double.store = new S3rver({
      address: '127.0.0.1',
      port: 0,
      silent: true,
      directory: double.folder,
      configureBuckets: [{ name: bucket }],
    });
    double.storePort = (await double.store.run()).port;
    double.door = createServer((request, response) => {
      double.answer(request, response);
    });
    await new Promise<void>((resolve) => double.door.listen(0, '127.0.0.1', resolve));
    double.client = new S3Client({
      endpoint: `http://127.0.0.1:${double.storePort}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: s3Keys,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    return double;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.door.address() as AddressInfo).port}`;
  }

  async put(bucket: string, key: string, bytes: Buffer): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    this.objects.set(`${bucket}/${key}`, bytes);
  }

  /** Puts the files of a folder under a prefix. */
  async add(bucket: string, prefix: string, folder: string): Promise<void> {
    for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, entry);
      if (!statSync(path).isFile()) continue;
      const key = `${prefix}/${relative(folder, path).replaceAll('\\', '/')}`;
      await this.put(bucket, key, readFileSync(path));
    }
  }

  async close(): Promise<void> {
    this.client.destroy();
    this.door.closeAllConnections();
    await new Promise((resolve) => this.door.close(resolve));
    await this.store.close();
    rmSync(this.folder, { recursive: true });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.endpoint);
    const isListing = url.searchParams.has('list-type');
    const { authorization = '' } = request.headers;
    const refusal = !isSigned(request, s3Keys.secretAccessKey)
      ? { status: 403, code: 'SignatureDoesNotMatch' }
      : !authorization.includes(`/${this.region}/s3/`)
        ? { status: 301, code: 'PermanentRedirect' }
        : this.refusalOf(isListing);
    if (refusal !== null) {
      const [status, headers, body] = xml(refusal.status, refusal.code);
      response.writeHead(status, { ...headers, 'x-amz-bucket-region': this.region });
      response.end(body);
    } else if (isListing) {
      void this.list(url, response);
    } else {
      this.object(request, response, url);
    }
  }

  /** A page of the first version's list as one of the second's. */
  private async list(asked: URL, response: ServerResponse): Promise<void> {
    const url = new URL(`http://127.0.0.1:${this.storePort}${asked.pathname}${asked.search}`);
    url.searchParams.delete('list-type');
    url.searchParams.set('max-keys', String(pageSize));
    const token = url.searchParams.get('continuation-token');
    if (token !== null) url.searchParams.set('marker', token);
    url.searchParams.delete('continuation-token');
    const answer = await fetch(url);
    const text = await answer.text();
    const last = /<Key>([^<]*)<\/Key>(?!.*<Key>)/s.exec(text)?.[1] ?? '';
    const next = '<IsTruncated>true</IsTruncated>';
    response.writeHead(answer.status, { 'content-type': 'application/xml' });
    response.end(text.replace(next, `${next}<NextContinuationToken>${last}</NextContinuationToken>`));
  }

  private object(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const path = decodeURIComponent(url.pathname.slice(1));
    const bytes = this.objects.get(path);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (bytes !== undefined && first !== undefined && last !== undefined) {
      const read = { path, from: Number(first), to: Number(last) + 1 };
      const fault = this.faultOf(read);
      this.reads.push({ ...read, fault });
      if (fault !== null) {
        const etag = request.headers['if-match'] ?? '';
        this.bytesSent += answerRange(response, { bytes, ...read, etag }, fault, refusals);
        return;
      }
      this.bytesSent += read.to - read.from;
    }
    this.pass(request, response);
  }

  private pass(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const onward = forward(
      { host: '127.0.0.1', port: this.storePort, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}
