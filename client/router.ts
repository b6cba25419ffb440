/** Every view has an address that can be sent to a colleague. A page without a session leads to sign-in and back. */
import { createRouter, createWebHistory } from 'vue-router';
import type { Role } from '#contract/vocabulary.ts';
import { forceTheme } from './design/theme.ts';
import { useSession, type PageKey } from './session.ts';

declare module 'vue-router' {
  interface RouteMeta { page?: PageKey | 'account'; /** Narrower than those of the page. */ roles?: readonly Role[]; dark?: boolean }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'home', component: () => import('./HomePage.vue') },
    { path: '/wall', redirect: '/wall/toan-canh' },
    { path: '/wall/:scene', component: () => import('./wall/WallShell.vue'), meta: { page: 'wall', dark: true } },
    { path: '/console', component: () => import('./console/ConsolePage.vue'), meta: { page: 'console' } },
    { path: '/console/shift', component: () => import('./shift/ShiftPage.vue'), meta: { page: 'console' } },
    { path: '/scenes', component: () => import('./scenes/ScenesPage.vue'), meta: { page: 'console' } },
    { path: '/scenes/:id', component: () => import('./scenes/SceneEditor.vue'), props: (route) => ({ id: String(route.params.id), key: String(route.params.id) }), meta: { page: 'console' } },
    { path: '/performance', component: () => import('./performance/PerformancePage.vue'), meta: { page: 'performance' } },
    { path: '/performance/indicators', component: () => import('./performance/IndicatorsPage.vue'), meta: { page: 'performance' } },
    { path: '/performance/scores', component: () => import('./performance/ScoresPage.vue'), meta: { page: 'performance' } },
    { path: '/performance/cameras', component: () => import('./performance/CamerasPage.vue'), meta: { page: 'performance' } },
    { path: '/inspection', component: () => import('./inspection/InspectionPage.vue'), meta: { page: 'inspection' } },
    { path: '/admin/:part?', component: () => import('./admin/AdminPage.vue'), meta: { page: 'admin' } },
    { path: '/inspection/viewings', component: () => import('./inspection/ViewingsPage.vue'), meta: { page: 'inspection', roles: ['inspector', 'admin'] } },
    { path: '/account', component: () => import('./account/AccountPage.vue'), meta: { page: 'account' } },
    { path: '/design', component: () => import('./design/DesignPage.vue'), meta: { page: 'account' } },
    { path: '/invitation', component: () => import('./account/InvitationPage.vue') },
    { path: '/public', component: () => import('./PublicPage.vue') },
    { path: '/kiosk', component: () => import('./wall/KioskPage.vue'), meta: { dark: true } },
    { path: '/:rest(.*)*', component: () => import('./NothingPage.vue') },
  ],
});

router.beforeEach(async (to) => {
  const { page } = to.meta;
  if (page === undefined) return true;
  const session = useSession();
  // A wall that is begun again while the centre is away shows what it kept.
  if (session.who === null && (await session.load()).kind === 'offline' && page === 'wall') session.recall();
  if (session.who === null) return { path: '/', query: { next: to.fullPath } };
  if (page === 'account') return true;
  if (session.who.secondFactor.mustEnrol) return { path: '/account' };
  const { roles } = to.meta;
  if (roles && !session.who.roles.some((role) => roles.includes(role))) return { path: '/', query: { closed: page } };
  return session.may(page) ? true : { path: '/', query: { closed: page } };
});
router.afterEach((to) => { forceTheme(to.meta.dark === true ? (to.query.theme === 'light' ? 'light' : 'dark') : null); });
