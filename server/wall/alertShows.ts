/** Which new alerts come up on which screens (config/alerts.yaml, `show`). */
import type { AlertRow } from '#contract/alert.ts';
import type { AlertShow, ScreenRow } from '#contract/scene.ts';
import { SEVERITIES } from '#contract/vocabulary.ts';

export interface AskedPopup { screen: string; alert: string; holdSeconds: number; priority: number }

/** The first rule that a screen fits decides; within one priority the more severe alert goes before. */
export function popupsFor(alerts: readonly AlertRow[], shows: readonly AlertShow[], screens: readonly Pick<ScreenRow, 'id' | 'name' | 'unit'>[], sees: (screenUnit: string, unit: string) => boolean): AskedPopup[] {
  const rank = (severity: AlertRow['severity']) => SEVERITIES.indexOf(severity);
  return alerts.flatMap((alert) => screens.flatMap((screen): AskedPopup[] => {
    if (!sees(screen.unit, alert.unit)) return [];
    const rule = shows.find((one) => one.rule === alert.rule && rank(alert.severity) <= rank(one.minSeverity)
      && (one.screens === undefined && one.units === undefined || one.screens?.some((name) => name === screen.id || name === screen.name) || one.units?.includes(screen.unit)));
    return rule ? [{ screen: screen.id, alert: alert.id, holdSeconds: rule.holdSeconds, priority: Math.min(100, rule.priority + (SEVERITIES.length - 1 - rank(alert.severity))) }] : [];
  }));
}

/** Remembers which alerts were there: only what opened since is news. After a restart nothing old comes up again. */
export class News {
  private known: ReadonlySet<string> | null = null;
  /** Of a unit with very many alerts the list is cut: what moves up into it is not new. */
  of(alerts: readonly AlertRow[], now: number): AlertRow[] {
    const before = this.known;
    this.known = new Set(alerts.map((alert) => alert.id));
    return before === null ? [] : alerts.filter((alert) => !before.has(alert.id) && alert.state === 'open' && now - Date.parse(alert.openedAt) < 120_000);
  }
}
