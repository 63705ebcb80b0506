// Scans that were kept go to the server: in order, one after the other, each until it is answered. An answer that was
// lost is asked for again with the same key and the same words, so that nothing is done twice.

import { momentOf, verdict } from "./offline-rules.js";
import { letGo, remember, rewrite, scans, standing } from "./offline-store.js";

const PATIENCE = 15_000;
const TRIES = 5; // of a scan at which the server itself fails, before a person looks at it
const HOUSE = "movilab-counter-replay";

async function ask(address, options = {}) {
  return fetch(address, {
    credentials: "same-origin",
    redirect: "manual", // to the log-in
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
    ...options,
  });
}

async function body(response) {
  try { return await response.json(); } catch { return {}; }
}

function asJson(token, more = {}) {
  return { "Content-Type": "application/json", "X-CSRFToken": token, "Accept-Language": document.documentElement.lang, ...more };
}

/** Ask the server who this is and what time it is: `{state: "here", ...}`, or why not: `away`, `log-in`, `forbidden`. */
export async function contact(hub) {
  let response;
  const began = Date.now();
  try {
    response = await ask(`/counter/standing?hub=${encodeURIComponent(hub)}`);
  } catch { return { state: "away" }; }
  if (response.type === "opaqueredirect" || response.status === 401) return { state: "log-in" };
  if (response.status === 403 || response.status === 404) return { state: "forbidden" };
  const told = response.ok ? await body(response) : {};
  if (!told.account) return { state: "away" };
  const now = Date.parse(told.now);
  const offset = now - (began + Date.now()) / 2;
  const { account, csrf, hub: place, may_take_over: mayTakeOver, to_settle: toSettle } = told;
  await remember({ account, hub: place, offset, contact: now, mayTakeOver });
  return { state: "here", account, token: csrf, hub: place, offset, mayTakeOver, toSettle };
}

/** The moment by the server's clock, as well as this device knows it. */
export async function serverNow() {
  return Date.now() + ((await standing())?.offset ?? 0);
}

// What is sent of a scan is fixed when it is sent first: a second try must say the very same.
async function written(scan, here, before) {
  if (scan.sent) return scan;
  const at = momentOf(scan, { offset: here.offset, now: Date.now() + here.offset, before });
  const whole = { ...scan, at, sent: JSON.stringify({ ...scan.body, hub: scan.hub, at: new Date(at).toISOString() }) };
  await rewrite(whole);
  return whole;
}

async function send(scan, here) {
  const response = await ask(`/api/v1/counter/${scan.act}`, {
    method: "POST",
    headers: asJson(here.token, { "Idempotency-Key": scan.key }),
    body: scan.sent,
  });
  const told = await body(response);
  return { is: verdict(response.status, told.code), status: response.status, told };
}

const sentences = ({ detail, blockers = [], errors = {} }) =>
  [blockers.length ? "" : detail, ...blockers.map((one) => one.detail), ...Object.values(errors).flat()].filter(Boolean).join(" ").slice(0, 1000);

// What is refused stands on the server's own list before this device lets go of it.
async function putDown(scan, told, here) {
  const { parts, acknowledged, deposit_received_cents: cents, condition } = scan.body;
  const response = await ask(`/counter/to-settle?hub=${encodeURIComponent(scan.hub)}`, {
    method: "POST",
    headers: asJson(here.token),
    body: JSON.stringify({
      key: scan.key,
      act: scan.act,
      item_code: scan.body.item_code,
      member_code: scan.body.member_code ?? "",
      at: new Date(scan.at).toISOString(),
      why: told.code ?? "unknown",
      said: sentences(told),
      ticked: { parts, acknowledged, deposit_received_cents: cents, condition },
    }),
  });
  return response.status === 201;
}

/** Send what `here.account` kept, in order, until all is answered or something stands in the way. `progress` is called
    after each. Answers `{state, sent, refused}`; state: "sent", "away", "log-in", "forbidden" (what is left belongs to
    a counter that this account holds no more), "busy" (another page of this device is at it). */
export async function replay(here, progress) {
  const all = () => replayAlone(here, progress);
  if (!navigator.locks) return all();
  return navigator.locks.request(HOUSE, { ifAvailable: true }, (lock) => (lock ? all() : { state: "busy", sent: 0, refused: 0 }));
}

async function replayAlone(here, progress) {
  const count = { sent: 0, refused: 0 };
  const shut = new Set(); // counters that this account holds no more
  let before = 0;
  for (;;) {
    const mine = (await scans()).filter((scan) => scan.account === here.account); // one kept meanwhile comes last
    const next = mine.find((scan) => !shut.has(scan.hub));
    if (!next) return { state: mine.length ? "forbidden" : "sent", ...count };
    let is = "away";
    try {
      const scan = await written(next, here, before);
      before = scan.at;
      is = await answered(scan, here);
    } catch { /* no answer */ }
    if (is === "forbidden") shut.add(next.hub);
    else if (is === "done") count.sent += 1;
    else if (is === "refused") count.refused += 1;
    else return { state: is, ...count };
    await progress();
  }
}

// One scan is answered and let go ("done", "refused"), or it is said what stands in the way.
async function answered(scan, here) {
  const { is: first, status, told } = await send(scan, here);
  let is = first;
  if (is === "again" && status === 500) {
    const failed = (scan.failed ?? 0) + 1;
    await rewrite({ ...scan, failed });
    if (failed >= TRIES) is = "refused";
  }
  if (is === "refused" && !(await putDown(scan, told, here))) return "away";
  if (is === "done" || is === "refused") await letGo(scan);
  return is === "again" || is === "token" ? "away" : is; // the next round begins with a new token
}

/** A coordinator sends what somebody else kept here. Whether she may is the server's to say. */
export async function takeOver(foreign, here) {
  const form = new URLSearchParams({ hub: here.hub.slug, from: foreign[0].account, scans: String(foreign.length) });
  const response = await ask("/counter/take-over", { method: "POST", body: form, headers: { "X-CSRFToken": here.token } });
  if (!response.ok) return false;
  for (const scan of foreign) await rewrite({ ...scan, account: here.account, keptBy: scan.account });
  return true;
}
