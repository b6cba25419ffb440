/** Every view has an address that can be sent to a colleague. A page without a session leads to sign-in and back. */
import { createRouter, createWebHistory } from 'vue-router';
import { useSession } from './session.ts';

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', component: () => import('./HomePage.vue') },
    { path: '/wall', redirect: '/wall/toan-canh' },
    { path: '/wall/toan-canh', component: () => import('./wall/WallPage.vue'), meta: { private: true } },
    { path: '/console', component: () => import('./console/ConsolePage.vue'), meta: { private: true } },
    { path: '/inspection', component: () => import('./inspection/InspectionPage.vue'), meta: { private: true } },
    { path: '/:rest(.*)*', component: () => import('./NotBuiltPage.vue') },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.private !== true) return true;
  const session = useSession();
  if (session.who === null) await session.load();
  return session.who === null ? { path: '/', query: { next: to.fullPath } } : true;
});
