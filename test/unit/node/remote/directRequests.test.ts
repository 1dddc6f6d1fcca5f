// Replies byte by byte as a server of our own sends them: plain ones are read, in whatever pieces they come, and all others are
// left to a client that knows the whole protocol.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { createServer as createSecure } from 'node:tls';
import { promisify } from 'node:util';
import { after, before, beforeEach, describe, it } from 'node:test';
import { connections } from '../../../../src/node/remote/connections.ts';
import { DirectRequests } from '../../../../src/node/remote/directRequests.ts';
import type { RawReply } from '../../../../src/node/remote/transport.ts';

const execute = promisify(execFile);
const fixtures = resolve('test/fixtures/tls');
const readThroughTls = resolve('test/support/readThroughTls.ts');
const never = new AbortController().signal;
const range = { range: 'bytes=0-4' };

describe('direct requests', () => {
  let server: Server;
  let url: URL;
  /** Requests as they came. */
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let answer: (socket: Socket) => void;

  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => {
        asked.push(bytes.toString());
        answer(socket);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors?Signature=s`);
  });
  beforeEach(() => {
    asked.length = 0;
    sockets.clear();
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const sends = (text: string): void => {
    answer = (socket) => socket.write(text);
  };
  const bodyOf = async (reply: RawReply | null): Promise<string | null> => {
    if (reply === null) return null;
    let text = '';
    await reply.read((bytes) => {
      text += Buffer.from(bytes).toString('latin1');
    });
    return text;
  };
  const plain = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nETag:  "a" \r\n\r\nbytes';

  it('are plain, and share a connection', async () => {
    sends(plain);
    const direct = new DirectRequests();
    for (let i = 0; i < 3; i++) {
      const reply = await direct.get(url, range, never);
      assert.equal(reply?.status, 206);
      assert.equal(reply.headers.get('etag'), '"a"');
      assert.equal(await bodyOf(reply), 'bytes');
    }
    assert.equal(sockets.size, 1);
    assert.equal(
      asked[0],
      `GET /model.safetensors?Signature=s HTTP/1.1\r\nhost: ${url.host}\r\nrange: bytes=0-4\r\n\r\n`,
    );
  });

  it('are read in whatever pieces a reply comes', async () => {
    answer = (socket) => {
      void (async () => {
        for (const byte of plain) {
          socket.write(byte);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })();
    };
    assert.equal(await bodyOf(await new DirectRequests().get(url, range, never)), 'bytes');
  });

  it('bring a large body whole and in order', async () => {
    const body = Buffer.alloc(5_000_000);
    for (let i = 0; i < body.length; i += 4) body.writeUInt32LE(i, i);
    answer = (socket) => {
      socket.write(`HTTP/1.1 206 Partial Content\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.write(body);
    };
    const came: Buffer[] = [];
    const reply = await new DirectRequests().get(url, range, never);
    await reply?.read((bytes) => came.push(Buffer.from(bytes)));
    assert.equal(Buffer.compare(Buffer.concat(came), body), 0, 'other bytes came');
  });

  const odd: Record<string, string> = {
    'by chunks': 'HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbytes\r\n0\r\n\r\n',
    'of no told length': 'HTTP/1.1 206 Partial Content\r\n\r\nbytes',
    'of two lengths': 'HTTP/1.1 206 Partial Content\r\ncontent-length: 5\r\ncontent-length: 4\r\n\r\nbytes',
    'of a length that is no number': 'HTTP/1.1 206 Partial Content\r\ncontent-length: +5\r\n\r\nbytes',
    'of an older protocol': 'HTTP/1.0 206 Partial Content\r\ncontent-length: 5\r\n\r\nbytes',
    'with a folded field': 'HTTP/1.1 206 OK\r\ncontent-length: 5\r\netag: a\r\n b\r\n\r\nbytes',
    'with a space before a colon': 'HTTP/1.1 206 OK\r\ncontent-length : 5\r\n\r\nbytes',
    'that says more first': `HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n${plain}`,
    'that is no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
    'without an end': `HTTP/1.1 206 OK\r\netag: ${'a'.repeat(100_000)}`,
  };
  for (const [name, text] of Object.entries(odd)) {
    it(`leave a reply ${name} to another client, and its connection`, async () => {
      sends(text);
      assert.equal(await new DirectRequests().get(url, range, never), null);
      const [socket] = sockets;
      if (socket?.destroyed === false) await new Promise((resolve) => socket.once('close', resolve));
    });
  }

  it('are asked again by that client', async () => {
    sends(odd['by chunks'] ?? '');
    const reply = await connections({})(url, range, never);
    assert.equal(await bodyOf(reply), 'bytes');
    assert.equal(asked.length, 2);
  });

  it('use no connection on which more came than was asked for', async () => {
    sends(`${plain}HTTP/1.1 206 OK\r\ncontent-length: 5\r\n\r\nwrong`);
    const direct = new DirectRequests();
    assert.equal(await bodyOf(await direct.get(url, range, never)), 'bytes');
    sends(plain);
    assert.equal(await bodyOf(await direct.get(url, range, never)), 'bytes');
    assert.equal(sockets.size, 2);
  });

  it('read through TLS from a server that is who it says, and from no other', async () => {
    const key = join(fixtures, 'localhost.key');
    const cert = join(fixtures, 'localhost.crt');
    const secure = createSecure({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => {
        socket.write(`HTTP/1.1 206 OK\r\ncontent-length: 3000000\r\n\r\n`);
        socket.write(Buffer.alloc(3_000_000, 'abc'));
      });
    });
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const { port } = secure.address() as AddressInfo;
    try {
      // Who is trusted is decided when a process begins.
      const read = async (host: string, trusted: string): Promise<string> => {
        const command = ['--import', 'tsx', readThroughTls, `https://${host}:${port}/x`];
        const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted };
        return (await execute(process.execPath, command, { env })).stdout;
      };
      const sum = createHash('sha256').update(Buffer.alloc(3_000_000, 'abc')).digest('hex');
      assert.equal(await read('localhost', cert), sum);
      assert.match(await read('127.0.0.1', cert), /^ERR_TLS_CERT_ALTNAME_INVALID/);
      assert.match(await read('localhost', ''), /SELF_SIGNED_CERT/);
    } finally {
      secure.close();
    }
  });

  it('end with what is wrong with the connection, with the signal, and with what takes the body', async () => {
    answer = (socket) => {
      socket.write('HTTP/1.1 206 OK\r\ncontent-length: 5\r\n\r\nby', () => socket.destroy());
    };
    const cut = await new DirectRequests().get(url, range, never);
    await assert.rejects(bodyOf(cut), /the connection was closed|ECONNRESET/);

    answer = (socket) => socket.write('HTTP/1.1 206 OK\r\ncontent-length: 5\r\n\r\nby');
    const controller = new AbortController();
    const stalled = bodyOf(await new DirectRequests().get(url, range, controller.signal));
    controller.abort(new Error('enough'));
    await assert.rejects(stalled, /enough/);

    sends(plain);
    const direct = new DirectRequests();
    const full = await direct.get(url, range, never);
    assert.ok(full !== null, 'no reply');
    await assert.rejects(
      full.read(() => {
        throw new Error('the disk is full');
      }),
      /the disk is full/,
    );
    await assert.rejects(direct.get(url, { 'x-a': 'b\r\nauthorization: c' }, never), /cannot be sent/);
  });
});
