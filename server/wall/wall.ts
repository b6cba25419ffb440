/** The walls of the centre: scenes, screens, and what brings them into the live state. */
import type { Logger } from 'pino';
import type { AlertRow } from '#contract/alert.ts';
import type { AlertShow, BuiltInScene } from '#contract/scene.ts';
import type { FigureParts } from '../figures/getKpis.ts';
import type { Route } from '../http/route.ts';
import type { LiveStateKeeper } from '../live/state.ts';
import { News, popupsFor } from './alertShows.ts';
import { ratingRoutes } from './ratings.ts';
import { sceneRoutes } from './sceneRoutes.ts';
import { openScenes, type Scenes } from './scenes.ts';
import { screenRoutes } from './screenRoutes.ts';
import { openScreens, screenIdOf, type Screens } from './screens.ts';
import type { Database } from '../database/pool.ts';

export interface WallParts { database: Database; figures: FigureParts; builtIn: readonly BuiltInScene[]; shows: readonly AlertShow[]; zone: string; now: () => Date; log: Logger; live: LiveStateKeeper; /** Sessions that have a live connection. */ connectedSessions: () => readonly string[]; changed: () => void }
export interface Wall {
  scenes: Scenes; screens: Screens; routes: Route[];
  /** Reads the scenes again and puts all into the live state. */
  refresh(): Promise<void>;
  /** Once a second: pop-ups come and go. */
  tick(): Promise<void>;
  /** The living alerts, after each round. */
  alerts(rows: readonly AlertRow[]): Promise<void>;
  hourly(): Promise<void>;
}

export async function openWall({ database, figures, builtIn, shows, zone, now, log, live, connectedSessions, changed }: WallParts): Promise<Wall> {
  const { units } = figures;
  const scenes = openScenes({ database, builtIn, units });
  const screens = await openScreens({ database, units, now });
  const news = new News();
  const everything = () => new Set(units.history.codes);
  const connected = () => new Set(connectedSessions().flatMap((id) => screenIdOf(id) ?? []));
  const put = () => { live.setScreens(screens.list(everything(), connected())); };
  const parts = { screens, scenes, database, units, zone, now, changed, connected };
  return {
    scenes, screens, routes: [...sceneRoutes({ scenes, now, changed }), ...screenRoutes(parts), ...ratingRoutes(figures, now)],
    async refresh() { live.setScenes(await scenes.marks()); put(); },
    async tick() { await screens.tick(); put(); },
    async alerts(rows) {
      const fresh = news.of(rows, now().getTime());
      const living = new Set(rows.map((row) => row.id));
      await screens.forget((show) => 'alert' in show && !living.has(show.alert));
      if (fresh.length === 0 || shows.length === 0) return;
      const asked = popupsFor(fresh, shows, screens.list(everything(), new Set()).filter((screen) => screen.partOf === null), (screenUnit, unit) => units.scopeOf(screenUnit).has(unit));
      const shown = new Map<string, string[]>();
      for (const { screen, alert, holdSeconds, priority } of asked) if (await screens.popUp(screen, { show: { alert }, holdSeconds, priority, by: 'alert', reason: 'alert' })) shown.set(alert, [...shown.get(alert) ?? [], screens.read(screen, new Set()).name]);
      // Into the story of the alert: what the wall did by itself is known as well as what people did.
      await database.query("INSERT INTO alert_notes (alert_id, at, by_whom, action, note) SELECT alert, $1, 'centre', 'shown', names FROM unnest($2::bigint[], $3::text[]) AS s(alert, names)", [now(), [...shown.keys()], [...shown.values()].map((names) => names.join(', ').slice(0, 1000))]);
      if (asked.length > 0) { log.info({ event: 'alerts_shown', alerts: fresh.length, popups: asked.length }); put(); }
    },
    async hourly() { await screens.dropOldReports(); },
  };
}
