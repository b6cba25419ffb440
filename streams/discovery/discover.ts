/** One search at a time: it is a burst on the network, and a second one finds nothing more. */
import type { DiscoverAnswer, DiscoverOrder } from '#contract/discovery.ts';
import { Fault } from '#contract/faults.ts';
import { askDevice } from './device.ts';
import { probe } from './probe.ts';

export type Discover = (order: DiscoverOrder) => Promise<DiscoverAnswer>;

export function openDiscovery(networks: () => readonly string[]): Discover {
  let running = false;
  return async ({ device, from, username, password }) => {
    if (running) throw new Fault('camera_tests_busy', null, { retryAfter: 6 });
    running = true;
    try {
      if (device === null) return { ...await probe(networks(), from), details: null };
      const details = await askDevice(device, username === null ? null : { username, password: password ?? '' }, networks());
      if (details === null) throw new Fault('camera_address', 'outside_networks');
      return { devices: [], refused: 0, probed: 0, unprobed: 0, next: null, details };
    } finally { running = false; }
  };
}
