// What this device keeps for the counter, in two places that are forgotten at different times.
//
// "movilab-counter" holds the scans. A row leaves it when the server has answered, and at no other time.
// "movilab-day" holds who works here and, until midnight, names and codes of this hub. It goes with a log-out (js/site.js),
// with another account, at the end of the day.
//
// Where the browser keeps nothing (full, forbidden), scans stay in the page's memory, and `lasting()` says so.

const QUEUE = "movilab-counter";
const DAY = "movilab-day";
const TABLES = { [QUEUE]: [["scans", { keyPath: "id", autoIncrement: true }]], [DAY]: [["known", {}]] };
const DAY_ENDS = "movilab-day-ends"; // in localStorage, for pages that are not the counter

function open(name) {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(name); // whatever version there is: an older page reads what a newer one made
    asked.onupgradeneeded = () => TABLES[name].forEach(([table, keys]) => asked.result.createObjectStore(table, keys));
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
    asked.onblocked = () => failed(new Error("blocked"));
  });
}

async function within(name, mode, act) {
  const table = TABLES[name][0][0];
  const store = await open(name);
  try {
    return await new Promise((done, failed) => {
      const transaction = store.transaction(table, mode, { durability: "strict" }); // on the disk before "kept" is said
      const asked = act(transaction.objectStore(table));
      transaction.oncomplete = () => done(asked?.result);
      transaction.onerror = () => failed(transaction.error);
      transaction.onabort = () => failed(transaction.error ?? new Error("aborted"));
    });
  } finally {
    store.close();
  }
}

// ---- the scans

let loose = []; // what the disk would not take, in order, after all that it took
let number = 0;

/** Whether everything that was kept outlives this page. */
export const lasting = () => loose.length === 0;

async function settleDown() {
  while (loose.length > 0) {
    const { id, ...scan } = loose[0];
    await within(QUEUE, "readwrite", (rows) => rows.add(scan));
    loose.shift();
  }
}

/** Keep one more scan, after all others. */
export async function keep(scan) {
  try {
    await settleDown();
    await within(QUEUE, "readwrite", (rows) => rows.add(scan));
  } catch {
    number += 1;
    loose.push({ ...scan, id: `loose-${number}` });
  }
}

/** All scans that are kept, of whichever account, the oldest first. */
export async function scans() {
  try {
    await settleDown();
  } catch { /* the disk still takes nothing */ }
  let rows = [];
  try {
    rows = await within(QUEUE, "readonly", (table) => table.getAll());
  } catch { /* nor gives */ }
  return [...rows, ...loose];
}

/** Write a scan anew, as it now is. */
export async function rewrite(scan) {
  const at = loose.findIndex((one) => one.id === scan.id);
  if (at >= 0) { loose[at] = scan; return; }
  await within(QUEUE, "readwrite", (rows) => rows.put(scan));
}

/** The server has answered: this one goes. */
export async function letGo(scan) {
  if (loose.some((one) => one.id === scan.id)) { loose = loose.filter((one) => one.id !== scan.id); return; }
  await within(QUEUE, "readwrite", (rows) => rows.delete(scan.id));
}

/** Ask the browser not to clear this away when the disk gets full. */
export function askToStay() {
  navigator.storage?.persist?.().catch(() => {});
}

// ---- who works here, and the day

const memory = new Map();

async function known(key) {
  try {
    return await within(DAY, "readonly", (rows) => rows.get(key)) ?? memory.get(key);
  } catch { return memory.get(key); }
}

async function know(key, value) {
  memory.set(key, value);
  try { await within(DAY, "readwrite", (rows) => rows.put(value, key)); } catch { /* this page knows it */ }
}

/** What the server last said of this device: `{account, hub, offset, contact, ...}`; undefined after a log-out. */
export const standing = () => known("standing");

/** Remember it. Another account than before forgets the day first. */
export async function remember(fresh) {
  const before = await standing();
  if (before && before.account !== fresh.account) await forgetDay();
  await know("standing", fresh);
}

/** The day of this hub: `{hub, until, kept, cards: {code: name}, things: {code: thing}}`; undefined once it is over. */
export async function day(hub, now) {
  const found = await known("day");
  if (!found) return undefined;
  if (found.until <= now) { await forgetDay(); return undefined; }
  return found.hub === hub ? found : undefined;
}

/** Keep the day. */
export async function keepDay(fresh) {
  await know("day", fresh);
  const here = fresh.until - ((await standing())?.offset ?? 0); // by this device's own clock
  try { localStorage.setItem(DAY_ENDS, String(here)); } catch { /* then the counter itself forgets it */ }
}

/** Forget names, codes and objects; whoever works here still does. */
export async function forgetDay() {
  memory.delete("day");
  try {
    await within(DAY, "readwrite", (rows) => rows.delete("day"));
    localStorage.removeItem(DAY_ENDS);
  } catch { /* nothing was kept */ }
}
