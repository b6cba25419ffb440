/**
 * Every look at a camera stands in the audit log, under the unit of the camera: each playlist by itself; thumbnails and
 * segments once for each camera, session and hour of footage, unless a playlist of that hour was written down already. A
 * timeline asks for hundreds of pictures; a line for each would bury the others.
 */
import { HOUR } from '#analytics/time/localDay.ts';
import { audit } from '../audit/append.ts';
import type { Session } from '../access/session.ts';
import type { Database } from '../database/pool.ts';

/** A wall opens its tiles anew after every break: a line for each would bury the others. */
const LIVE_EVERY = 600_000;

export type Looks = ReturnType<typeof keepLooks>;
export interface Looked { camera: string; unit: string }
/** Beyond this many the oldest are forgotten, and would be written down again. */
const KEPT = 20_000;

const lifted = (unmasked: boolean) => (unmasked ? { unmasked } : {});

export function keepLooks({ database, now }: { database: Database; now: () => Date }) {
  const known = new Set<string>();
  const hourOf = (at: number) => Math.floor(at / HOUR);
  const keyOf = (session: Session, camera: string, hour: number | string) => `${session.id} ${camera} ${hour}`;
  function remember(key: string): void {
    known.add(key);
    for (const oldest of known) { if (known.size <= KEPT) break; known.delete(oldest); }
  }
  const write = async (action: string, session: Session, { camera, unit }: Looked, detail: Record<string, unknown>) => {
    await audit(database, { actor: session.username, action, unit, subject: camera, purpose: session.purpose?.text ?? null, detail }, now());
  };
  return {
    /** Of a live picture: once for each camera, session, size and ten minutes. */
    async live(session: Session, looked: Looked, quality: string, unmasked: boolean): Promise<void> {
      const key = keyOf(session, looked.camera, `live ${quality} ${unmasked ? 'unmasked ' : ''}${Math.floor(now().getTime() / LIVE_EVERY)}`);
      if (known.has(key)) return;
      await write('live.look', session, looked, { quality, ...lifted(unmasked) });
      remember(key);
    },
    async play(session: Session, looked: Looked, from: number, to: number, unmasked: boolean): Promise<void> {
      await write('recording.play', session, looked, { from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...lifted(unmasked) });
      for (let hour = hourOf(from); hour <= hourOf(to - 1); hour += 1) remember(keyOf(session, looked.camera, unmasked ? `${hour} unmasked` : hour));
    },
    /** `at`: the moment of the footage, or the name of a file that does not tell it. */
    async look(session: Session, looked: Looked, at: number | string, unmasked: boolean): Promise<void> {
      const hour = typeof at === 'number' ? hourOf(at) : at;
      const key = keyOf(session, looked.camera, unmasked ? `${hour} unmasked` : hour);
      if (known.has(key)) return;
      await write('recording.look', session, looked, typeof hour === 'number' ? { from: new Date(hour * HOUR).toISOString(), to: new Date((hour + 1) * HOUR).toISOString(), ...lifted(unmasked) } : { file: hour, ...lifted(unmasked) });
      remember(key);
    },
  };
}
