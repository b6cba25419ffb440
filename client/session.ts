/** Who is signed in. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import type { SessionAnswer } from '#contract/session.ts';
import { ask, type Answer } from './api/request.ts';
import { setZone } from './design/format.ts';

export const useSession = defineStore('session', () => {
  const who = ref<SessionAnswer | null>(null);
  const keep = (answer: Answer<SessionAnswer>) => { if (answer.kind === 'ok') { who.value = answer.body; setZone(answer.body.zone); } return answer; };
  return {
    who,
    async load() { return keep(await ask<SessionAnswer>('GET', '/session')); },
    async open(username: string, password: string) { return keep(await ask<SessionAnswer>('POST', '/session', { username, password })); },
    async close() { await ask('DELETE', '/session'); who.value = null; },
  };
});
