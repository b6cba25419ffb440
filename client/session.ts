/** Who is signed in, and which pages that opens. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { SessionAnswer } from '#contract/session.ts';
import type { Role } from '#contract/vocabulary.ts';
import { ask, type Answer } from './api/request.ts';
import { setZone } from './design/format.ts';
import { forgetKept } from './live/kept.ts';

const WHO = 'who';

export const PAGES = [
  { key: 'wall', path: '/wall/toan-canh', roles: ['operator', 'leader', 'inspector', 'admin'] },
  { key: 'console', path: '/console', roles: ['operator', 'leader', 'admin'] },
  { key: 'performance', path: '/performance', roles: ['leader', 'inspector', 'operator', 'admin'] },
  { key: 'inspection', path: '/inspection', roles: ['inspector', 'operator', 'admin'] },
  { key: 'admin', path: '/admin', roles: ['admin'] },
] as const satisfies readonly { key: string; path: string; roles: readonly Role[] }[];
export type PageKey = (typeof PAGES)[number]['key'];

export const useSession = defineStore('session', () => {
  const who = ref<SessionAnswer | null>(null);
  const keep = (answer: Answer<SessionAnswer>) => { if (answer.kind === 'ok') { who.value = answer.body; setZone(answer.body.zone); sessionStorage.setItem(WHO, JSON.stringify(answer.body)); } return answer; };
  const leave = () => { who.value = null; sessionStorage.removeItem(WHO); forgetKept(); };
  /** Where one signs out of the issuer too, after having signed out here. */
  const farewell = ref<string | null>(null);
  return {
    who, farewell,
    async load() { return keep(await ask<SessionAnswer>('GET', '/session')); },
    async open(username: string, password: string) { return keep(await ask<SessionAnswer>('POST', '/session', { username, password })); },
    async openWithCode(code: string) { return keep(await ask<SessionAnswer>('POST', '/session/second-factor', { code })); },
    async close() { farewell.value = who.value?.endSession ?? null; await ask('DELETE', '/session'); leave(); },
    /** Who was signed in before a reload: for a wall whose centre is away. It opens nothing but what was kept. */
    recall() { try { who.value = JSON.parse(sessionStorage.getItem(WHO) ?? 'null') as SessionAnswer | null; } catch { who.value = null; } if (who.value) setZone(who.value.zone); },
    forget() { leave(); },
    may(page: PageKey): boolean { return PAGES.some(({ key, roles }) => key === page && who.value?.roles.some((role) => (roles as readonly Role[]).includes(role)) === true); },
  };
});
