/** The shift of the account's desk, as the console sees it: who is on duty, whether a handover waits, and what may be done. */
import { computed, inject, onScopeDispose, provide, type InjectionKey } from 'vue';
import type { ShiftDesk, ShiftRow } from '#contract/shift.ts';
import { useAnswer } from '../api/loading.ts';
import { useSession } from '../session.ts';

const EVERY = 20_000;

export const isIn = (shift: ShiftRow | null, who: string): boolean => shift?.people.some((one) => one.username === who && one.leftAt === null) === true;
export const onDuty = (shift: ShiftRow): string[] => shift.people.filter((one) => one.leftAt === null).map((one) => one.username);

export function useShiftDesk(unit: () => string) {
  const session = useSession();
  const asked = useAnswer<ShiftDesk>(() => `/shifts/desk?unit=${encodeURIComponent(unit())}`);
  const timer = setInterval(() => { if (!document.hidden) void asked.reload(); }, EVERY);
  onScopeDispose(() => { clearInterval(timer); });
  const current = computed(() => asked.body.value?.current ?? null);
  const who = computed(() => session.who?.username ?? '');
  const may = computed(() => session.who?.roles.some((role) => role === 'operator' || role === 'admin') === true);
  return { desk: asked.body, trouble: asked.trouble, reload: asked.reload, current, who, may, mine: computed(() => may.value && isIn(current.value, who.value)) };
}
export type ShiftDeskHeld = ReturnType<typeof useShiftDesk>;

const HELD: InjectionKey<ShiftDeskHeld> = Symbol('the shift of this page');
/** Live tiles below can be taken into this log. */
export function provideShift(unit: () => string): ShiftDeskHeld { const held = useShiftDesk(unit); provide(HELD, held); return held; }
/** Null on pages that are no desk of somebody on duty: walls, screens, inspection. */
export const shiftHere = (): ShiftDeskHeld | null => inject(HELD, null);
