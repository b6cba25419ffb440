/** Devices that answer on the camera networks (ONVIF), and what one of them says of its streams. */
import { z } from 'zod';

const address = z.string().min(1).max(500);
const credentials = { username: z.string().max(120).nullable().optional(), password: z.string().max(200).nullable().optional() };
/** Without `device`: who is there. With it (a `service` of the list): its streams, for these credentials. */
export const discoverRequest = z.strictObject({ device: address.optional(), /** Goes on where `next` of the answer before said. */ from: z.int().min(0).max(2 ** 32).optional(), ...credentials }).meta({ id: 'DiscoverRequest' });

/** Centre → node. */
export const discoverOrder = z.strictObject({ device: address.nullable(), from: z.int().min(0).default(0), username: z.string().nullable(), password: z.string().nullable() });
export type DiscoverOrder = z.input<typeof discoverOrder>;

const foundDevice = z.object({ address: z.string(), service: z.string(), name: z.string().nullable(), hardware: z.string().nullable() });
const foundStream = z.object({ profile: z.string(), codec: z.string().nullable(), width: z.int().nullable(), height: z.int().nullable(), /** Null: the camera named an address that is not its own. */ url: z.string().nullable() });
export const DISCOVERY_TROUBLES = ['unreachable', 'wrong_password', 'not_understood'] as const;
export const discoverAnswer = z.object({
  devices: z.array(foundDevice),
  /** Answers that named addresses which are not theirs, or came from outside the camera networks. */
  refused: z.int(),
  /** Addresses asked one by one, and those that are left: `next` is where to go on, null at the end. */
  probed: z.int(), unprobed: z.int(), next: z.int().nullable().default(null),
  details: z.object({ trouble: z.enum(DISCOVERY_TROUBLES).nullable(), manufacturer: z.string().nullable(), model: z.string().nullable(), streams: z.array(foundStream) }).nullable(),
});
export type DiscoverAnswer = z.infer<typeof discoverAnswer>;
export const discovery = discoverAnswer.extend({ devices: z.array(foundDevice.extend({ /** The cameras that have this address already. */ cameras: z.array(z.object({ id: z.string(), name: z.string(), unit: z.string(), unitName: z.string() })) })) }).meta({ id: 'Discovery' });
export type Discovery = z.infer<typeof discovery>;
