/**
 * Keeps the pages' own files in the browser, so that a screen that starts while the centre is away still opens and shows its
 * last picture with its age. Answers of the API are never kept here. Only where the page is served securely (or from this machine).
 */
const STORE = 'toan-canh-1';
/** Files of builds that are gone leave in the order in which they came. */
const MOST = 120;

self.addEventListener('install', (event) => { event.waitUntil(self.skipWaiting()); });
self.addEventListener('activate', (event) => { event.waitUntil(self.clients.claim()); });

async function keep(request, answer) {
  if (!answer.ok) return;
  const store = await caches.open(STORE);
  await store.put(request, answer);
  const keys = await store.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) await store.delete(old);
}
async function file(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  await keep(request, answer.clone());
  return answer;
}
/** Every page is the same document. */
async function page(request) {
  const document = new Request('/');
  try {
    const answer = await fetch(request);
    await keep(document, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(document);
    if (kept) return kept;
    throw error;
  }
}
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || /^\/(api|media|live|metrics|healthz|readyz)\b/.test(pathname)) return;
  if (pathname.startsWith('/assets/') || pathname === '/favicon.svg') event.respondWith(file(request));
  else if (request.mode === 'navigate') event.respondWith(page(request));
});
