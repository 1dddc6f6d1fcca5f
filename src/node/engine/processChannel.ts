// A Channel over Node.js IPC: the same for the parent's ChildProcess and the child's own `process`.
import type { Channel } from '../../shared/protocol/rpc.ts';

/** The part of ChildProcess and process that talks. */
interface IpcPeer {
  connected: boolean;
  send?(message: unknown, callback?: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

export function processChannel(peer: IpcPeer): Channel {
  return {
    post(message) {
      // What is sent to a peer that has just gone is lost; its exit is what rejects the requests.
      if (peer.connected) peer.send?.(message, () => undefined);
    },
    listen(onMessage) {
      peer.on('message', onMessage);
    },
  };
}
