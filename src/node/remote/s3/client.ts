// The S3 client: the SDK finds credentials and region by its own chain, signs requests and reads their XML. Connections are
// the transport's, and trying again is the reader's. The SDK is loaded with the first request.
import { Readable } from 'node:stream';
import { isNear } from '../../../engine/files/remoteAddress.ts';
import { ThreeGateError } from '../../../shared/errors.ts';
import type { Answer, Transport } from '../transport.ts';
import type * as sdk from './sdk.ts';
import { isExpired, s3Fault } from './faults.ts';

type Sdk = typeof sdk;

export interface S3Settings {
  /** Null where the SDK's chain must know it. */
  region: string | null;
  /** Of storage that is not Amazon's; the SDK reads it from the environment by itself. */
  endpoint: string | null;
}

/** What answers a request that the SDK has signed. */
interface SignedRequest {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
}

interface OpenedS3 {
  sdk: Sdk;
  client: InstanceType<Sdk['S3Client']>;
}

/** What a request is about, for its errors. */
interface Subject {
  /** The address, and bytes of it. */
  what: string;
  /** The address. */
  file: string;
}

export class S3 {
  private opened: Promise<OpenedS3> | null = null;

  constructor(
    readonly transport: Transport,
    readonly settings: S3Settings,
  ) {}

  /** One request; rejects with a PassingFault where another attempt may do better. */
  async send<Output>(
    { what, file }: Subject,
    command: (opened: OpenedS3) => Promise<Output>,
  ): Promise<Output> {
    this.opened ??= this.make();
    try {
      return await command(await this.opened);
    } catch (error) {
      // Asked for anew, they may be good again.
      if (isExpired(error)) this.opened = null;
      throw s3Fault(error, what, file);
    }
  }

  private async make(): Promise<OpenedS3> {
    const loaded = await import('./sdk.ts');
    const open = (region: string | null): OpenedS3['client'] =>
      new loaded.S3Client({
        ...(region !== null && { region }),
        forcePathStyle: this.settings.endpoint !== null,
        followRegionRedirects: true,
        maxAttempts: 1,
        // A range has no checksum of its own, and storage that is not Amazon's knows none.
        responseChecksumValidation: 'WHEN_REQUIRED',
        requestHandler: {
          handle: (request: SignedRequest, options?: { abortSignal?: AbortSignal }) =>
            this.handle(request, options?.abortSignal ?? new AbortController().signal),
        },
      });
    const client = open(this.settings.region);
    const known = await client.config.region().then(
      () => true,
      () => false,
    );
    // Where nobody names a region, the first one tells which it is.
    return { sdk: loaded, client: known ? client : open('us-east-1') };
  }

  private async handle(
    request: SignedRequest,
    signal: AbortSignal,
  ): Promise<{ response: { statusCode: number; headers: Record<string, string>; body: Readable } }> {
    const url = urlOf(request);
    // The URL says it; what is signed stays as it is.
    const headers = { ...request.headers };
    delete headers['host'];
    const answer = await this.transport.once(url, headers, signal);
    return {
      response: {
        statusCode: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: new ReplyBody(answer),
      },
    };
  }
}

/** A body: the SDK reads its XML as a stream, and whoever reads an object takes the answer itself. */
export class ReplyBody extends Readable {
  private isBegun = false;

  constructor(readonly answer: Answer) {
    super();
  }

  override _read(): void {
    if (this.isBegun) return;
    this.isBegun = true;
    this.answer
      .read((bytes) => this.push(Buffer.from(bytes)))
      .then(
        () => this.push(null),
        (error: unknown) => this.destroy(error as Error),
      );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.answer.drop();
    done(error);
  }
}

function urlOf({ protocol, hostname, port, path, query = {} }: SignedRequest): string {
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  if (protocol !== 'https:' && !isNear(hostname)) {
    const message = `${origin} is not read without encryption: AWS_ENDPOINT_URL must be https:// beyond this machine's own network.`;
    throw new ThreeGateError('usage', message);
  }
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((each) => `${encoded(name)}=${encoded(each)}`),
  );
  return `${origin}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

/** As signatures do it: RFC 3986, with nothing but unreserved characters left as they are. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
