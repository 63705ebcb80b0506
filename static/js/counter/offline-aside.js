// What is put aside while there is a network: the day, and the desk that worker.js opens without one.

import { serverNow } from "./offline-replay.js";
import { day, keepDay } from "./offline-store.js";

export const SHELL = "/counter/without-network";
const NAME = "movilab-counter";
export const OLD = 10 * 60_000; // the day is fetched anew after it

/** Put aside what is missing or old (the day also when it was `changed`); whether the day is another one now. */
export async function put(hub, changed) {
  const kept = await day(hub, await serverNow());
  const fresh = !changed && kept && Date.now() - kept.kept < OLD ? false : await fetchDay(hub);
  if (navigator.serviceWorker && window.caches) {
    navigator.serviceWorker.register("/counter/worker.js", { scope: "/counter" }).catch(() => {});
    await fetchShell().catch(() => {}); // the one from before holds
  }
  return fresh;
}

async function fetchDay(hub) {
  try {
    const response = await fetch(`/counter/day?hub=${encodeURIComponent(hub)}`, { credentials: "same-origin", redirect: "error" });
    if (!response.ok) return false;
    const told = await response.json();
    await keepDay({
      hub,
      kept: Date.now(),
      until: Date.parse(told.until),
      cards: Object.fromEntries(told.cards),
      things: Object.fromEntries(told.things.map((thing) => [thing.code, thing])),
    });
    return true;
  } catch { return false; }
}

// Asked for without saying who asks: nothing of anybody can be in it. It replaces the one from before once all its
// files are there.
async function fetchShell() {
  const language = document.documentElement.lang;
  const answer = await fetch(SHELL, { credentials: "omit", cache: "no-cache", headers: { "Accept-Language": language } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
  const store = await caches.open(NAME);
  const held = new Set((await store.keys()).map((request) => request.url));
  const files = [...page.querySelectorAll("link[href], script[src], img[src]")]
    .map((one) => new URL(one.getAttribute("href") ?? one.getAttribute("src"), location.href))
    .filter((address) => address.pathname.startsWith("/static/"));
  const reader = new URL(page.querySelector("[data-reader]").dataset.reader, location.href); // where a camera needed it
  if (held.has(reader.href) || performance.getEntriesByName(reader.href).length > 0) files.push(reader);
  const missing = files.filter((file) => !held.has(file.href) || !file.searchParams.has("v"));
  await Promise.all(missing.map((file) => store.add(new Request(file.href, { cache: "no-cache" }))));
  await store.put(SHELL, answer);
  const wanted = new Set([new URL(SHELL, location.href).href, ...files.map((file) => file.href)]);
  for (const request of await store.keys()) if (!wanted.has(request.url)) await store.delete(request);
}
