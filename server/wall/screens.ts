/**
 * Paired screens, and walls of several of them: who they are, what they shall show, what they say they show. All are held in memory, each change is in the
 * database first: a centre that starts again knows its screens and what was on them.
 */
import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { admit, noPopups, settle, withdraw, type Popup, type Popups } from '#analytics/wall/popups.ts';
import { givenAt, LEAD } from '#analytics/wall/together.ts';
import { Fault } from '#contract/faults.ts';
import type { KeptReport, RotationEntry, ScreenReport, ScreenRow, Show, WallMake } from '#contract/scene.ts';
import { randomToken, sha256 } from '../access/seal.ts';
import { tokenFrom, type Session } from '../access/session.ts';
import { appendAudit } from '../audit/append.ts';
import type { Database, Queryable } from '../database/pool.ts';
import type { Units } from '../units/tree.ts';

export interface ScreenPopup extends Popup { show: Show; by: string; reason: 'operator' | 'alert' }
interface Screen { id: string; name: string; unit: string; rotation: RotationEntry[]; pinned: Show | null; popups: Popups<ScreenPopup>; report: KeptReport | null; created_at: Date; token_hash: Buffer; /** It is several screens as one. */ wall: WallMake | null; /** What stood before the last change of a wall; of a process only, it lasts a moment. */ before?: ScreenRow['before']; /** Its right changes with its unit: connections of before end. */ moves?: number }

export const SCREEN_COOKIE = 'screen';
/** The screen whose connection this is; null for that of a person. */
export const screenIdOf = (session: string): string | null => /^screen-([^.]+)\.\d+$/.exec(session)?.[1] ?? null;
const YEARS = 400 * 86_400;
/** A report a minute; more often is not heard. */
const REPORT_EVERY = 15_000;
const KEEP_REPORTS_DAYS = 90;
export const MAX_SCREENS = 500;

export interface Screens {
  fromCookie(header: string | undefined): Promise<Session | null>;
  require(request: Request): Promise<Session>;
  /** Which of these session ids are screens that are still paired. */
  living(ids: readonly string[]): ReadonlySet<string>;
  cookie(token: string, secure: boolean): string;
  /** Returns the token: it is known to nobody else. */
  create(entry: { name: string; unit: string; by: string }): Promise<{ id: string; token: string }>;
  list(scope: ReadonlySet<string>, connected: ReadonlySet<string>): ScreenRow[];
  read(id: string, connected: ReadonlySet<string>): ScreenRow;
  unitOf(id: string): string | null;
  change(id: string, change: { name?: string | undefined; unit?: string | undefined; rotation?: RotationEntry[] | undefined }, by: string): Promise<void>;
  /** Ends its right; its wall goes on without it. A wall itself is taken apart. */
  revoke(id: string, by: string): Promise<void>;
  /** Makes these screens one; with an id, makes that wall anew. Its screens are all of its unit and of no other wall. */
  putWall(entry: { id: string | null; name: string; unit: string; wall: WallMake; by: string }): Promise<string>;
  pin(id: string, show: Show, by: string): Promise<void>;
  /** False where it found no place: eight others wait. */
  popUp(id: string, popup: { show: Show; holdSeconds: number; priority: number; by: string; reason: 'operator' | 'alert' }): Promise<boolean>;
  /** Back to the rotation, at once. */
  release(id: string, by: string): Promise<void>;
  /** Takes these out of what is shown or waits: an alert that has ended, a scene that was archived. */
  forget(which: (show: Show) => boolean): Promise<boolean>;
  /** Ends what has had its time. True when something changed. */
  tick(): Promise<boolean>;
  report(id: string, report: ScreenReport): Promise<void>;
  reports(id: string, limit: number): Promise<KeptReport[]>;
  dropOldReports(): Promise<void>;
}

export async function openScreens({ database, units, now }: { database: Database; units: Units; now: () => Date }): Promise<Screens> {
  const stored = await database.query<Screen & Record<string, unknown>>('SELECT id, name, unit, rotation, pinned, popups, report, created_at, token_hash, wall FROM screens WHERE revoked_at IS NULL');
  const screens = new Map(stored.rows.map((row): [string, Screen] => [row.id, row]));
  const byToken = new Map([...screens.values()].map((screen) => [screen.token_hash.toString('hex'), screen.id]));
  const reportedAt = new Map<string, number>();
  const at = () => now().getTime();

  const find = (id: string): Screen => { const screen = screens.get(id); if (!screen) throw new Fault('not_found', `screen ${id}`); return screen; };
  const wallOf = (id: string): Screen | null => [...screens.values()].find((one) => one.wall?.places.some((place) => place.screen === id)) ?? null;
  const alone = (id: string): Screen => { const screen = find(id); const wall = wallOf(id); if (wall) throw new Fault('wall_member', `it belongs to «${wall.name}»`); return screen; };
  /** A wall changes at an instant that is announced: what stands now stays until then. */
  const announce = (screen: Screen) => {
    if (!screen.wall) return;
    const { pinned, popup } = givenAt<Show, NonNullable<ScreenRow['popup']>>(rowOf(screen, new Set()), at(), Date.parse);
    // Screens look at the clock each whole second.
    screen.before = { until: new Date(Math.ceil((at() + LEAD) / 1000) * 1000).toISOString(), pinned, popup };
  };
  const savePopups = async (screen: Screen, popups: Popups<ScreenPopup>, connection: Queryable = database) => {
    await connection.query('UPDATE screens SET popups = $2 WHERE id = $1', [screen.id, JSON.stringify(popups)]);
    if (popups.shown !== null || screen.popups.shown === null || screen.popups.shown.until > at()) announce(screen);
    screen.popups = popups;
  };
  const rightOf = (id: string) => `screen-${id}.${screens.get(id)?.moves ?? 0}`;
  const sessionOf = ({ id, unit }: Screen): Session => ({ id: rightOf(id), username: `screen:${id}`, roles: [], unit, scope: units.scopeOf(unit), purpose: null, screen: id, factor: { enrolled: false, required: false, enrolBy: null, byIssuer: false }, oidc: false, openedAt: new Date(0), breakGlass: null });
  const rowOf = (screen: Screen, connected: ReadonlySet<string>): ScreenRow => {
    const { shown, waiting } = screen.popups;
    return {
      id: screen.id, name: screen.name, unit: screen.unit, unitName: units.nameOf(screen.unit), rotation: screen.rotation, pinned: screen.pinned,
      popup: shown === null ? null : { show: shown.popup.show, until: new Date(shown.until).toISOString(), by: shown.popup.by, reason: shown.popup.reason }, waiting: waiting.length,
      before: screen.before && Date.parse(screen.before.until) > at() ? screen.before : null, wall: screen.wall, partOf: wallOf(screen.id)?.id ?? null,
      connected: screen.wall ? screen.wall.places.every((place) => connected.has(place.screen)) : connected.has(screen.id), report: screen.report, createdAt: screen.created_at.toISOString(),
    };
  };

  const self: Screens = {
    async fromCookie(header) {
      const token = tokenFrom(header, SCREEN_COOKIE);
      const screen = token === null ? undefined : screens.get(byToken.get(sha256(token).toString('hex')) ?? '');
      return screen ? sessionOf(screen) : null;
    },
    async require(request) {
      const session = await self.fromCookie(request.headers.cookie);
      if (!session) throw new Fault('unauthenticated');
      return session;
    },
    living(ids) { return new Set(ids.filter((id) => { const screen = screenIdOf(id); return screen !== null && screens.has(screen) && id === rightOf(screen); })); },
    cookie: (token, secure) => `${SCREEN_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${token === '' ? 0 : YEARS}${secure ? '; Secure' : ''}`,
    async create({ name, unit, by }) {
      if (screens.size >= MAX_SCREENS) throw new Fault('rate_limited', `at most ${MAX_SCREENS} screens`);
      const token = randomToken();
      const screen: Screen = { id: randomBytes(5).toString('hex'), name, unit, rotation: [], pinned: null, popups: noPopups(), report: null, created_at: now(), token_hash: sha256(token), wall: null };
      await database.transaction(async (connection) => {
        await connection.query('INSERT INTO screens (id, token_hash, name, unit, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)', [screen.id, screen.token_hash, name, unit, screen.created_at, by]);
        await appendAudit(connection, { actor: by, action: 'screen.pair', unit, subject: screen.id, detail: { name } }, now());
      });
      screens.set(screen.id, screen);
      byToken.set(screen.token_hash.toString('hex'), screen.id);
      return { id: screen.id, token };
    },
    list: (scope, connected) => [...screens.values()].filter((screen) => scope.has(screen.unit)).map((screen) => rowOf(screen, connected)).sort((a, b) => a.name.localeCompare(b.name, 'vi') || (a.id < b.id ? -1 : 1)),
    read: (id, connected) => rowOf(find(id), connected),
    unitOf: (id) => screens.get(id)?.unit ?? null,
    async change(id, change, by) {
      const screen = find(id);
      if (change.unit !== undefined && change.unit !== screen.unit && (screen.wall !== null || wallOf(id) !== null)) throw new Fault('wall_member', 'the screens of a wall are of one unit');
      const next = { name: change.name ?? screen.name, unit: change.unit ?? screen.unit, rotation: change.rotation ?? screen.rotation };
      await database.transaction(async (connection) => {
        await connection.query('UPDATE screens SET name = $2, unit = $3, rotation = $4 WHERE id = $1', [id, next.name, next.unit, JSON.stringify(next.rotation)]);
        await appendAudit(connection, { actor: by, action: 'screen.change', unit: screen.unit, subject: id, detail: { fields: Object.keys(change) } }, now());
      });
      if (next.unit !== screen.unit) screen.moves = (screen.moves ?? 0) + 1;
      Object.assign(screen, next);
    },
    async putWall({ id, name, unit, wall, by }) {
      const old = id === null ? null : find(id);
      if (old !== null && old.wall === null) throw new Fault('wall_places', `${old.id} is no wall`);
      for (const { screen } of wall.places) {
        const one = screens.get(screen);
        const other = wallOf(screen);
        if (!one || one.unit !== unit || one.wall !== null || (other !== null && other.id !== id)) throw new Fault('wall_places', `screen ${screen}`);
      }
      if (old === null && screens.size >= MAX_SCREENS) throw new Fault('rate_limited', `at most ${MAX_SCREENS} screens`);
      // Nobody ever holds a token of a wall: it has no browser.
      const next: Screen = old ?? { id: randomBytes(5).toString('hex'), name, unit, rotation: [], pinned: null, popups: noPopups(), report: null, created_at: now(), token_hash: sha256(randomToken()), wall };
      await database.transaction(async (connection) => {
        await connection.query(`INSERT INTO screens (id, token_hash, name, unit, wall, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
          ON CONFLICT (id) DO UPDATE SET name = excluded.name, wall = excluded.wall`, [next.id, next.token_hash, name, unit, JSON.stringify(wall), next.created_at, by]);
        await appendAudit(connection, { actor: by, action: old === null ? 'wall.create' : 'wall.change', unit, subject: next.id, detail: { name, rows: wall.rows, columns: wall.columns, screens: wall.places.map((place) => place.screen) } }, now());
      });
      screens.set(next.id, Object.assign(next, { name, wall }));
      return next.id;
    },
    async revoke(id, by) {
      const screen = find(id);
      const wall = wallOf(id);
      // Its place stays empty; the others go on. A wall without any screen is none.
      const left = wall?.wall ? { ...wall.wall, places: wall.wall.places.filter((place) => place.screen !== id) } : null;
      await database.transaction(async (connection) => {
        await connection.query('UPDATE screens SET revoked_at = $2 WHERE id = $1', [id, now()]);
        if (wall && left) await connection.query('UPDATE screens SET wall = $2, revoked_at = $3 WHERE id = $1', [wall.id, JSON.stringify(left), left.places.length === 0 ? now() : null]);
        await appendAudit(connection, { actor: by, action: screen.wall ? 'wall.end' : 'screen.revoke', unit: screen.unit, subject: id, detail: { name: screen.name } }, now());
      });
      if (wall && left) { if (left.places.length === 0) screens.delete(wall.id); else wall.wall = left; }
      screens.delete(id);
      byToken.delete(screen.token_hash.toString('hex'));
    },
    async pin(id, show, by) {
      const screen = alone(id);
      await database.transaction(async (connection) => {
        await connection.query('UPDATE screens SET pinned = $2 WHERE id = $1', [id, JSON.stringify(show)]);
        await appendAudit(connection, { actor: by, action: 'screen.show', unit: screen.unit, subject: id, detail: { show } }, now());
      });
      announce(screen);
      screen.pinned = show;
    },
    async popUp(id, { show, holdSeconds, priority, by, reason }) {
      const screen = alone(id);
      const popup: ScreenPopup = { key: `${reason} ${JSON.stringify(show)}`, priority, holdMs: holdSeconds * 1000, askedAt: at(), show, by, reason };
      const next = admit(screen.popups, popup, at());
      await database.transaction(async (connection) => {
        await connection.query('UPDATE screens SET popups = $2 WHERE id = $1', [id, JSON.stringify(next)]);
        if (reason === 'operator') await appendAudit(connection, { actor: by, action: 'screen.show', unit: screen.unit, subject: id, detail: { show, holdSeconds, priority } }, now());
      });
      announce(screen);
      screen.popups = next;
      return [next.shown?.popup, ...next.waiting].some((one) => one?.key === popup.key);
    },
    async release(id, by) {
      const screen = find(id);
      await database.transaction(async (connection) => {
        await connection.query('UPDATE screens SET pinned = NULL, popups = $2 WHERE id = $1', [id, JSON.stringify(noPopups())]);
        await appendAudit(connection, { actor: by, action: 'screen.release', unit: screen.unit, subject: id }, now());
      });
      announce(screen);
      screen.pinned = null;
      screen.popups = noPopups();
    },
    async forget(which) {
      let changed = false;
      for (const screen of screens.values()) {
        const { shown, waiting } = screen.popups;
        if (![...(shown ? [shown.popup] : []), ...waiting].some((one) => which(one.show))) continue;
        await savePopups(screen, withdraw(screen.popups, (one) => which(one.show), at()));
        changed = true;
      }
      return changed;
    },
    async tick() {
      let changed = false;
      for (const screen of screens.values()) {
        if (screen.popups.shown === null && screen.popups.waiting.length === 0) continue;
        const next = settle(screen.popups, at());
        if (next.shown === screen.popups.shown && next.waiting.length === screen.popups.waiting.length) continue;
        await savePopups(screen, next);
        changed = true;
      }
      return changed;
    },
    async report(id, { text, ...report }) {
      const screen = find(id);
      if (at() - (reportedAt.get(id) ?? 0) < REPORT_EVERY) throw new Fault('rate_limited', 'one report a minute', { retryAfter: REPORT_EVERY / 1000 });
      reportedAt.set(id, at());
      const kept: KeptReport = { ...report, at: now().toISOString(), hash: sha256(text).toString('hex') };
      await database.query('WITH kept AS (INSERT INTO screen_reports (screen, at, hash, report) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING) UPDATE screens SET report = $4 WHERE id = $1', [id, now(), kept.hash, JSON.stringify(kept)]);
      screen.report = kept;
    },
    async reports(id, limit) {
      return (await database.query<{ report: KeptReport }>('SELECT report FROM screen_reports WHERE screen = $1 ORDER BY at DESC LIMIT $2', [id, limit])).rows.map((row) => row.report);
    },
    async dropOldReports() { await database.query(`DELETE FROM screen_reports WHERE at < $1::timestamptz - interval '${KEEP_REPORTS_DAYS} days'`, [now()]); },
  };
  return self;
}
