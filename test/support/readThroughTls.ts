// Prints the SHA-256 of what an address answers, or the code of the error, in a process that trusts whom it was told to.
//   NODE_EXTRA_CA_CERTS=CERTIFICATE node --import tsx test/support/readThroughTls.ts URL
import { createHash } from 'node:crypto';
import { DirectRequests } from '../../src/node/remote/directRequests.ts';

const hash = createHash('sha256');
try {
  const url = new URL(process.argv[2] ?? '');
  const reply = await new DirectRequests().get(url, {}, new AbortController().signal);
  await reply?.read((bytes) => void hash.update(bytes));
  process.stdout.write(hash.digest('hex'));
} catch (error) {
  console.log(error instanceof Error && 'code' in error ? error.code : error);
}
process.exit();
