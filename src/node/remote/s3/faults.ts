// What S3 answers as a sentence that says what to do, or as a fault after which another attempt may do better. Nothing of
// a request or of its headers is in it.
import { ThreeGateError, type ProblemCode } from '../../../shared/errors.ts';
import { PassingFault, requireReady } from '../patience.ts';

type Refusal = readonly [code: ProblemCode, what: string];

const noCredentials =
  'cannot be read without credentials, and none were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with "aws sso login"';
const notAccepted =
  'cannot be read: its server does not accept these credentials. Check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
const denied =
  'may not be read with these credentials: they need s3:ListBucket and s3:GetObject for it. AWS_PROFILE chooses others';
const absent: Refusal = ['not-found', 'does not exist'];
const elsewhere = 'lies in another region: name it by AWS_REGION';

const refusals: Readonly<Record<string, Refusal>> = {
  CredentialsProviderError: ['remote-denied', noCredentials],
  TokenProviderError: ['remote-denied', noCredentials],
  InvalidAccessKeyId: ['remote-denied', notAccepted],
  SignatureDoesNotMatch: ['remote-denied', notAccepted],
  InvalidToken: ['remote-denied', notAccepted],
  AccessDenied: ['remote-denied', denied],
  NoSuchBucket: [
    'not-found',
    'does not exist: there is no such bucket. Check its name, and AWS_ENDPOINT_URL where it is not Amazon’s',
  ],
  NoSuchKey: absent,
  PreconditionFailed: ['remote-changed', 'was replaced while it was read'],
  InvalidObjectState: ['remote-failed', 'is archived: restore it first'],
  PermanentRedirect: ['remote-failed', elsewhere],
  AuthorizationHeaderMalformed: ['remote-failed', elsewhere],
  IllegalLocationConstraintException: ['remote-failed', elsewhere],
};

const byStatus: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  307: 'PermanentRedirect',
  401: 'AccessDenied',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  412: 'PreconditionFailed',
};

/** Answered by the next attempt, whatever their status. */
const passing = new Set(['RequestTimeout', 'RequestTimeTooSkewed', 'SlowDown', 'ThrottlingException']);
const expired = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/** Whether the credentials were good once. */
export function isExpired(error: unknown): boolean {
  return expired.has(nameOf(error));
}

/** @param what the address, and bytes of it @param file the address */
export function s3Fault(error: unknown, what: string, file: string): unknown {
  if (error instanceof ThreeGateError || error instanceof PassingFault) return error;
  const name = nameOf(error);
  if (isExpired(error)) {
    return new PassingFault(
      'its server says that the credentials have expired: renew them ("aws sso login")',
    );
  }
  const { status, headers } = responseOf(error);
  if (passing.has(name) && status < 500) return new PassingFault(`the server answered ${status} (${name})`);
  try {
    requireReady({ status, headers });
  } catch (fault) {
    return fault;
  }
  const refusal = refusals[name] ?? refusals[byStatus[status] ?? ''];
  if (refusal === undefined && status === 0) return error;
  const [code, why] =
    refusal ?? (['remote-failed', `cannot be read: its server answered ${status}`] as const);
  const region = headers.get('x-amz-bucket-region');
  const place =
    why === elsewhere && region !== null && /^[a-z0-9-]{1,40}$/.test(region) ? ` (${region})` : '';
  return new ThreeGateError(code, `${what} ${why}${place}.`, { file });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Status 0 where nothing was answered. */
function responseOf(error: unknown): { status: number; headers: Headers } {
  const none = { status: 0, headers: new Headers() };
  if (!(error instanceof Error)) return none;
  const { $metadata, $response } = error as Error & {
    $metadata?: { httpStatusCode?: number };
    $response?: { headers?: Record<string, string> };
  };
  return {
    status: $metadata?.httpStatusCode ?? 0,
    headers: new Headers($response?.headers ?? {}),
  };
}
