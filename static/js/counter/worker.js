// The service worker of the counter. It only falls back: a page that does not come is answered by the desk that
// `offline.js` has put aside, and its files likewise. It holds no scans and no rules, so that an old one does no harm.

const SHELL = "/counter/without-network";
const PATIENCE = { page: 8_000, file: 3_000 }; // milliseconds; a network may swallow what it is asked

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (address.pathname.startsWith("/static/")) event.respondWith(file(request, address));
});

function inTime(request, patience) {
  return Promise.race([fetch(request), new Promise((_, late) => { setTimeout(late, patience); })]);
}

async function page(request) {
  const aside = await caches.match(SHELL);
  if (!aside) return fetch(request);
  try {
    const answer = await inTime(request, PATIENCE.page);
    return [502, 503, 504].includes(answer.status) ? aside : answer;
  } catch { return aside; }
}

// An address with a fingerprint always holds the same; of the others the newest is best.
async function file(request, address) {
  const aside = await caches.match(request);
  if (!aside) return fetch(request);
  if (address.searchParams.has("v")) return aside;
  try { return await inTime(request, PATIENCE.file); } catch { return aside; }
}
