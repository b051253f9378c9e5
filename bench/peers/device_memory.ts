import type { Peer } from "./peer.ts";

/**
 * A contestant whose peak memory is what a device has less of for it, MiB. It has to be alone there. The allocators of
 * all libraries keep what they have taken, so that what is taken after a turn is the most that was.
 *
 * @param start Starts the contestant.
 * @param used Reads how much of the device's memory is taken, MiB.
 */
export function withDeviceMemory(start: () => Peer, used: () => number): () => Peer {
  return () => {
    const before = used();
    const peer = start();
    let peak = 0;
    return {
      ...peer,
      go: async (steps) => {
        const answer = await peer.go(steps);
        peak = Math.max(peak, used() - before);
        return answer;
      },
      peakMemory: () => peak,
    };
  };
}
