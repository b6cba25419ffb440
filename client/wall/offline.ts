/** The page's own files are kept where the browser allows it (https, or this machine): a reload without the centre still opens. */
export function keepFiles(): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/sw.js').then(async () => {
    // What was loaded before the worker was there is asked for once more, through it.
    await navigator.serviceWorker.ready;
    for (const { name } of performance.getEntriesByType('resource')) if (new URL(name).pathname.startsWith('/assets/')) void fetch(name).catch(() => undefined);
    void fetch('/', { headers: { accept: 'text/html' } }).then(async (answer) => { if (answer.ok) await (await caches.open('toan-canh-1')).put(new Request('/'), answer); }).catch(() => undefined);
  }, () => undefined);
}
