// What goes wrong with range reads, as servers and what stands before them were seen to do it.
import type { ServerResponse } from 'node:http';

/** What goes wrong with one range read; each is a fault that was seen of real servers and of what stands before them. */
export type Fault =
  | 'whole-file'
  | 'html-page'
  | 'packed'
  | 'short-body'
  | 'long-body'
  | 'reset'
  | 'reset-early'
  | 'other-range'
  | 'no-range'
  | 'other-total'
  | 'other-etag'
  | 'too-many'
  | 'unavailable'
  | 'expired'
  | 'unsatisfiable'
  | 'stall';

/** Those after which the next attempt brings the right bytes. */
export const passingFaults: readonly Fault[] = [
  'short-body',
  'reset',
  'reset-early',
  'too-many',
  'unavailable',
  'expired',
  'stall',
];
/** Those that cannot be told from a changed file or a lying server: they end in an error. */
export const lastingFaults: readonly Fault[] = [
  'whole-file',
  'html-page',
  'packed',
  'long-body',
  'other-range',
  'no-range',
  'other-total',
  'other-etag',
  'unsatisfiable',
];

interface RangeAnswer {
  /** Of the whole file. */
  bytes: Buffer;
  from: number;
  to: number;
  etag: string;
}

/** Status, headers and body of an answer that holds none of the file. */
type Refusal = readonly [status: number, headers: Readonly<Record<string, string>>, body: string];

const usualRefusals = {
  'html-page': [200, { 'content-type': 'text/html' }, '<html>Please log in</html>'],
  'too-many': [429, { 'retry-after': '0' }, 'slow down'],
  unavailable: [503, {}, 'busy'],
  expired: [403, { 'content-type': 'application/xml' }, '<Error>Request has expired</Error>'],
  unsatisfiable: [416, {}, ''],
} as const satisfies Partial<Record<Fault, Refusal>>;

export type Refusals = Readonly<Partial<Record<Fault, Refusal>>>;

/** Sends a range with what goes wrong with it; the bytes of the body that were begun. */
export function answerRange(
  response: ServerResponse,
  { bytes, from, to, etag }: RangeAnswer,
  fault: Fault | null,
  own: Refusals = {},
): number {
  const body = bytes.subarray(from, to);
  const half = body.subarray(0, Math.floor(body.length / 2));
  const range = (start: number, end: number, total = bytes.length): Record<string, string> => ({
    'content-range': `bytes ${start}-${end - 1}/${total}`,
    etag,
  });
  const whole = (
    status: number,
    headers: Readonly<Record<string, string>>,
    sent: Buffer | string,
  ): number => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(sent), ...headers });
    response.end(sent);
    return sent.length;
  };
  switch (fault) {
    case null:
      return whole(206, range(from, to), body);
    case 'whole-file':
      return whole(200, { etag: '"x"' }, bytes);
    case 'short-body':
      return whole(206, range(from, to), half);
    case 'long-body':
      return whole(206, range(from, to), Buffer.concat([body, Buffer.alloc(64)]));
    case 'other-range':
      return whole(206, range(from + 1, to + 1), body);
    case 'no-range':
      return whole(206, { etag }, body);
    case 'other-total':
      return whole(206, range(from, to, bytes.length + 8), body);
    case 'packed':
      return whole(206, { ...range(from, to), 'content-encoding': 'gzip' }, body);
    case 'other-etag':
      return whole(206, { ...range(from, to), etag: '"another"' }, body);
    case 'reset-early':
      response.destroy();
      return 0;
    case 'reset':
    case 'stall':
      response.writeHead(206, { 'content-length': body.length, ...range(from, to) });
      response.write(half, () => {
        if (fault === 'reset') response.destroy();
      });
      return half.length;
    case 'html-page':
    case 'too-many':
    case 'unavailable':
    case 'expired':
    case 'unsatisfiable': {
      const [status, headers, sent]: Refusal = own[fault] ?? usualRefusals[fault];
      return whole(status, headers, sent);
    }
  }
}
