/** What the simulated province is like: the size of its desks, their working time, who is worse than others. */
import type { Config, Procedure, UnitEntry } from '#config/schema.ts';
import { chanceOf } from './chance.ts';

export const DAY = 86_400_000;
export const MINUTE = 60_000;

export interface Desk { unit: UnitEntry; weight: number; lateShare: number; unhappyShare: number; counters: number; procedures: Procedure[] }
export interface Province { desks: Desk[]; totalWeight: number; zoneOffset: number; config: Config; seed: number; wasThere: (unit: string, day: string) => boolean }

export function makeProvince(config: Config, seed: number): Province {
  // The whole history lies in one offset: the simulated province is in Vietnam, which has had no other since 1975.
  const zoneOffset = 7 * 3_600_000;
  // Where units have a life: those of today, on the days on which there was one of their code.
  const today = new Date(Date.now() + zoneOffset).toISOString().slice(0, 10);
  const dated = config.centre.unitTree === 'history';
  const desks = config.units.filter((unit) => unit.code !== config.centre.rootUnit && (unit.validFrom ?? today) <= today && (unit.validTo ?? today) >= today).map((unit) => {
    const chance = chanceOf(`${seed} desk ${unit.code}`);
    const base = unit.code.endsWith('TTHCC') ? 14 : unit.level === 'district' ? (unit.name.includes('Biên Hòa') ? 16 : 6) : unit.level === 'department' ? 2 : 1;
    const taken = config.procedures.filter((procedure) => procedure.levels.includes(unit.level));
    const isTrouble = unit.code === config.demo.trouble.unit;
    return {
      unit, weight: base * chance.between(0.5, 1.5), lateShare: isTrouble ? 0.16 : chance.yes(0.08) ? chance.between(0.05, 0.1) : chance.between(0.004, 0.03),
      unhappyShare: isTrouble ? 0.14 : chance.between(0.008, 0.035), counters: Math.max(3, Math.min(20, Math.round(base * 2))), procedures: taken.length > 0 ? taken : config.procedures,
    };
  });
  return { desks, totalWeight: desks.reduce((sum, desk) => sum + desk.weight, 0), zoneOffset, config, seed, wasThere: (code, day) => !dated || config.units.some((unit) => unit.code === code && (unit.validFrom ?? day) <= day && day <= (unit.validTo ?? day)) };
}

/** Local day number of an instant, and back. */
export const dayOf = (instant: number, province: Province): number => Math.floor((instant + province.zoneOffset) / DAY);
export const startOf = (day: number, province: Province): number => day * DAY - province.zoneOffset;
export const dayName = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

/** Sessions of a local day, as instants. */
export function sessionsOf(day: number, province: Province): { from: number; to: number }[] {
  const { calendar } = province.config;
  const special = calendar.days[dayName(day)];
  const weekday = (((day + 3) % 7) + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7;
  const sessions = special === undefined ? calendar.sessions[weekday] : special.kind === 'makeup' ? calendar.sessions[1] : [];
  return sessions.map((session) => ({ from: startOf(day, province) + session.from * MINUTE, to: startOf(day, province) + session.to * MINUTE }));
}

/** The instant after so much working time. */
export function afterWork(from: number, milliseconds: number, province: Province): number {
  let left = milliseconds;
  for (let day = dayOf(from, province), last = day + 400; day < last; day += 1) {
    for (const session of sessionsOf(day, province)) {
      const start = Math.max(from, session.from);
      if (session.to <= start) continue;
      if (left <= session.to - start) return start + left;
      left -= session.to - start;
    }
  }
  return from + milliseconds * 4;
}
