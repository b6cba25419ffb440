/** The running day: tickets, ratings and dossiers in real time, and one commune that is in trouble. */
import { chanceOf, type Chance } from './chance.ts';
import type { Sent } from './day.ts';
import { dayName, dayOf, MINUTE, sessionsOf, type Desk, type Province } from './province.ts';

const iso = (at: number) => new Date(Math.round(at)).toISOString();

export interface LiveDay { /** What begins at this second; later events of it carry a later time. */ tick(now: number): Sent[] }

export function liveDay(province: Province, start: number): LiveDay {
  // Live events are not repeated: their ids carry the second in which they began.
  const chance = chanceOf(`${province.seed} live ${start}`);
  const { live, trouble } = province.config.demo;
  const troubled = province.desks.find((desk) => desk.unit.code === trouble.unit);
  const last = { ticket: 0, rating: 0, late: 0 };
  let count = 0;
  const pickDesk = (): Desk => {
    let at = chance.next() * province.totalWeight;
    for (const desk of province.desks) { at -= desk.weight; if (at <= 0) return desk; }
    return province.desks[0] as Desk;
  };
  const id = (what: string, now: number) => `MPL-${what}-${Math.floor(now / 1000)}-${(count += 1)}`;

  function ticket(desk: Desk, now: number, waitMinutes: number): Sent[] {
    const base = id('Q', now);
    const number = `L${Math.floor(now / 1000) % 100_000}-${count}`;
    const counter = String(chance.whole(1, desk.counters));
    const called = now + waitMinutes * MINUTE;
    const served = called + chance.between(2, 9) * MINUTE;
    const unit = desk.unit.code;
    const events: Sent[] = [
      { kind: 'queue', at: now, event: { eventId: `${base}:i`, unit, ticket: number, status: 'issued', at: iso(now) } },
      { kind: 'queue', at: called, event: { eventId: `${base}:c`, unit, ticket: number, status: 'called', at: iso(called), counter } },
      { kind: 'queue', at: served, event: { eventId: `${base}:s`, unit, ticket: number, status: 'served', at: iso(served), counter } },
    ];
    if (chance.yes(0.35)) events.push(rating(desk, served + 20_000, counter, chance.yes(desk.unhappyShare)));
    // A number belongs to its day: what would be called tomorrow is not called.
    return events.filter((one) => dayOf(one.at, province) === dayOf(now, province));
  }
  function rating(desk: Desk, at: number, counter: string, bad: boolean): Sent {
    return { kind: 'surveys', at, event: { eventId: id('R', at), unit: desk.unit.code, counter, at: iso(at), rating: bad ? chance.whole(1, 2) : chance.whole(4, 5), source: 'tablet', ...(bad ? { fault: true, reasons: ['thời gian chờ lâu'] } : {}) } };
  }
  function dossier(desk: Desk, now: number): Sent[] {
    const code = id('D', now);
    const procedure = chance.pick(desk.procedures);
    const event = { eventId: `${code}:received`, dossier: code, status: 'received' as const, at: iso(now), unit: desk.unit.code, procedure: procedure.code, counter: String(chance.whole(1, desk.counters)), channel: chance.yes(0.5) ? 'online_full' as const : 'in_person' as const, facts: { feeRequired: procedure.feeRequired, digitized: chance.yes(0.7) } };
    const resolved = now + chance.between(10, Math.min(procedure.workingDays * 300, 600)) * MINUTE;
    return [{ kind: 'dossiers', at: now, event }, { kind: 'dossiers', at: resolved, event: { eventId: `${code}:resolved`, dossier: code, status: 'resolved', at: iso(resolved), facts: { electronicResult: chance.yes(0.6) } } }];
  }

  return {
    tick(now) {
      const day = dayOf(now, province);
      const open = live.alwaysOpen || sessionsOf(day, province).some((session) => now >= session.from && now < session.to);
      const out: Sent[] = [];
      // A ticket becomes about three events and a dossier two: begin fewer than what is to be sent.
      let begin = (open ? live.eventsPerSecond : live.eventsPerSecond * 0.05) / 2.7;
      for (; begin > 0; begin -= 1) {
        if (begin < 1 && !chance.yes(begin)) break;
        const desk = pickDesk();
        if (!open || chance.yes(0.25)) out.push(...dossier(desk, now));
        else if (desk !== troubled) out.push(...ticket(desk, now, chance.between(1, 14)));
      }
      if (troubled && open) out.push(...inTrouble(troubled, now, chance));
      return out;
    },
  };

  function inTrouble(desk: Desk, now: number, luck: Chance): Sent[] {
    const out: Sent[] = [];
    if (now - last.ticket > 75_000) { last.ticket = now; out.push(...ticket(desk, now, luck.between(28, 48))); }
    if (now - last.rating > 4 * MINUTE) { last.rating = now; out.push(rating(desk, now, trouble.counter, true)); }
    if (now - last.late > 6 * MINUTE) {
      last.late = now;
      const code = id('T', now);
      const procedure = (desk.procedures[0] ?? province.config.procedures[0])?.code ?? '';
      const received = now - 9 * 86_400_000;
      const more = { dossier: code, counter: trouble.counter };
      out.push(
        { kind: 'dossiers', at: now, event: { ...more, eventId: `${code}:received`, status: 'received', at: iso(received), unit: desk.unit.code, procedure, channel: 'in_person', dueAt: iso(now - 26 * 3_600_000) } },
        { kind: 'dossiers', at: now, event: { ...more, eventId: `${code}:resolved`, status: 'resolved', at: iso(now) } });
    }
    return out;
  }
}

/** Dossiers of the troubled commune that passed their due time during this day and are still pending. */
export function pendingTrouble(province: Province, now: number): Sent[] {
  const { trouble } = province.config.demo;
  const desk = province.desks.find((one) => one.unit.code === trouble.unit);
  if (!desk) return [];
  const day = dayOf(now, province);
  return [1, 2, 3, 4, 5].map((n) => {
    const code = `MPT-${desk.unit.code}-${dayName(day)}-${n}`;
    const received = now - (6 + n) * 86_400_000;
    return { kind: 'dossiers' as const, at: now, event: { eventId: `${code}:received`, dossier: code, status: 'received' as const, at: iso(received), unit: desk.unit.code, procedure: desk.procedures[0]?.code ?? '', channel: 'in_person' as const, counter: trouble.counter, dueAt: iso(now - n * 50 * MINUTE) } };
  });
}
