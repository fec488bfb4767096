// worker.ts - the service worker: the console itself opens without a network. Nothing of the API and no page
// of a guest goes through here.
declare const FILES: string[];
declare const RELEASE: string;
declare const self: ServiceWorkerGlobalScope;

const NAME = `console ${RELEASE}`;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then((c) => c.addAll(['/', ...FILES])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const others = async () => {
    for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(others());
});

/** The page: from the network, which knows the newest; without one, as it was. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match('/')) ?? Response.error();
  }
}

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== 'GET') return;
  if (pathname === '/') event.respondWith(page(event.request));
  else if (FILES.includes(pathname))
    event.respondWith(caches.match(event.request).then((found) => found ?? fetch(event.request)));
});
export {};
