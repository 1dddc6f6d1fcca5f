// The head of a reply by HTTP/1.1 (RFC 9112), where it is plain: one line of status, fields of one line each, and one
// Content-Length that says how long the body is.

export interface ReplyHead {
  status: number;
  headers: Headers;
  bodyBytes: number;
  /** Whether the server closes the connection behind it. */
  isLast: boolean;
  /** What came of the body with it, in memory of its own. */
  rest: Uint8Array;
}

/** No honest head is longer. */
const mostBytes = 1 << 16;
const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/;

/** Puts a head together from what comes. */
export class HeadReader {
  private came = Buffer.alloc(0);

  /** `unknown` for a head that is not plain. */
  add(bytes: Uint8Array): ReplyHead | 'incomplete' | 'unknown' {
    this.came = Buffer.concat([this.came, bytes]);
    const end = this.came.indexOf('\r\n\r\n');
    if (end === -1) return this.came.length > mostBytes ? 'unknown' : 'incomplete';
    const plain = parsed(this.came.toString('latin1', 0, end));
    return plain === null ? 'unknown' : { ...plain, rest: this.came.subarray(end + 4) };
  }
}

function parsed(text: string): Omit<ReplyHead, 'rest'> | null {
  const [line = '', ...fields] = text.split('\r\n');
  const status = Number(/^HTTP\/1\.1 ([2-5]\d\d)(?: [^\0\r\n]*)?$/.exec(line)?.[1]);
  if (Number.isNaN(status)) return null;
  const headers = new Headers();
  for (const each of fields) {
    const [, name, value] = field.exec(each) ?? [];
    if (name === undefined || value === undefined) return null;
    headers.append(name, value);
  }
  // Two lengths are joined by a comma, and are none.
  const length = headers.get('content-length') ?? '';
  if (headers.has('transfer-encoding') || !/^\d{1,15}$/.test(length)) return null;
  // Whatever they say of a length, these have no body.
  if (status === 204 || status === 304) return null;
  const isLast = /\bclose\b/i.test(headers.get('connection') ?? '');
  return { status, headers, bodyBytes: Number(length), isLast };
}
