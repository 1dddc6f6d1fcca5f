// Reads the large files of a folder that the double of the Hub serves by plain sockets, and throws everything away: nothing is
// checked, kept or looked at. What receiving alone takes on this machine; no reader can be faster.
//   HF_ENDPOINT=… node --import tsx test/bench/bareSocket.ts REPOSITORY=FOLDER…
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ReadingTime } from './remoteReading.ts';

interface Piece {
  place: URL;
  from: number;
  to: number;
}

const pieceBytes = 1 << 24;
const connections = 4;
const room = Buffer.alloc(1 << 20, 1);

async function piecesOf(repository: string, folder: string): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.safetensors'))) {
    const address = `${process.env['HF_ENDPOINT'] ?? ''}/${repository}/resolve/main/${name}`;
    const { headers } = await fetch(address, { redirect: 'manual' });
    const place = new URL(headers.get('location') ?? assert.fail('no redirect'));
    const { size } = statSync(join(folder, name));
    for (let from = 0; from < size; from += pieceBytes) {
      pieces.push({ place, from, to: Math.min(size, from + pieceBytes) });
    }
  }
  return pieces;
}

/** One connection after another piece, until there is none. */
function receive(pieces: Piece[], { hostname, port }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = 0;
    let isHead = true;
    const ask = (): void => {
      const piece = pieces.shift();
      if (piece === undefined) {
        socket.end(resolve);
        return;
      }
      const { place, from, to } = piece;
      [left, isHead] = [to - from, true];
      socket.write(
        `GET ${place.pathname} HTTP/1.1\r\nhost: ${place.host}\r\nrange: bytes=${from}-${to - 1}\r\n\r\n`,
      );
    };
    const take = (count: number): boolean => {
      left -= isHead ? count - room.indexOf('\r\n\r\n') - 4 : count;
      isHead = false;
      if (left === 0) ask();
      return true;
    };
    const socket = connect(
      { host: hostname, port: Number(port), onread: { buffer: room, callback: take } },
      ask,
    );
    socket.on('error', reject);
  });
}

const sides = process.argv.slice(2).map((side) => side.split('='));
const pieces = (await Promise.all(sides.map(([name = '', folder = '']) => piecesOf(name, folder)))).flat();
const bytes = pieces.reduce((sum, { from, to }) => sum + to - from, 0);
const before = process.cpuUsage();
const started = performance.now();
const { place } = pieces[0] ?? assert.fail('nothing to read');
await Promise.all(Array.from({ length: connections }, () => receive(pieces, place)));
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const taken: ReadingTime = { seconds, processorNs: (1000 * (user + system)) / bytes };
process.stdout.write(JSON.stringify(taken));
process.exit();
