// The counter without a network. It stands in the way of the acts (line.js): as long as the house answers, it steps
// aside; when it does not, or while something is still to be sent, scans are kept on this device, in order.
//
//   offline-rules.js   what is true: codes, what a scan means, when it was
//   offline-store.js   what is kept on this device
//   offline-replay.js  how it is sent
//   offline-aside.js   what is put aside for a day without a network
//   offline-view.js    what it says
//   worker.js          opens the desk where no page comes

import { show as put } from "./answer.js";
import { Away, perform, takeWay } from "./line.js";
import * as aside from "./offline-aside.js";
import { contact, replay, serverNow, takeOver } from "./offline-replay.js";
import { after, depositInCash, looksLikeCode, meaning, readCode } from "./offline-rules.js";
import * as store from "./offline-store.js";
import * as view from "./offline-view.js";

const PAUSES = [2, 4, 8, 15, 30]; // seconds until the network is asked for again

const scan = document.getElementById("scan-form");
const box = document.getElementById("offline");
const news = window.BroadcastChannel ? new BroadcastChannel("movilab-counter") : null; // other pages of this device
const inShell = box.hasAttribute("data-shell");

let keeping = inShell; // scans are kept: no network, or what was kept before is not sent yet
let state = "away"; // why: away, sending, log-in, forbidden
let here = null; // what the server last said, in this page
let known = null; // what this device knows of who works here
let things = {};
let cards = {};
let person = ""; // the card of whoever stands at the desk, while scans are kept
let tries = 0;
let timer = 0;

// ---- the way of an act

takeWay(async (act, house) => {
  if (act.kind === "back") return back(act, house);
  if (keeping) return answer(act);
  try {
    return await house(act);
  } catch (error) {
    if (!(error instanceof Away) || !known) throw error;
    keeping = true;
    state = "away";
    tries = 0;
    store.askToStay();
    later();
    return answer(act);
  }
});

function answer(act) {
  if (!known) return view.said("nobody", {}, "stop");
  person = act.fields.get("member") ?? person;
  if (act.kind === "clear") return desk("hello", {}, "", "");
  const name = new URL(act.address, location.href).pathname.split("/").pop();
  if (["scan", "check-out", "check-in"].includes(name)) return scanned(act, name);
  if (name === "describe-return" && state === "away") return described(act.fields);
  return desk("later", {}, "stop");
}

async function scanned(act, name) {
  const { fields } = act;
  const text = fields.get("code") ?? "";
  const read = readCode(text);
  if (!read && !looksLikeCode(text)) return desk("no-names", {}, "stop");
  const thing = read && things[read.code];
  const how = { at: act.at.getTime(), ticked: view.hasTicks(fields), anyway: fields.get("anyway") === "yes" };
  const what = name === "check-in" ? name : meaning(read, person, thing, how);
  const slots = { title: thing?.title ?? read?.code, shelf: thing?.shelf, who: view.who(cards, thing?.with ?? thing?.for) };
  if (what === "check-out" || what === "check-in") return kept(what, read.code, act, thing, slots);
  if (what === "person") return desk("person", {}, "", read.code);
  const said = await desk(what, { ...slots, code: read?.code }, what === "to-tick" ? "keep" : "stop");
  return what === "to-tick" ? view.asking(said, { ...thing, deposit_cents: depositInCash(thing, person) }, how) : said;
}

async function kept(act, code, { fields, at }, thing, slots) {
  const row = {
    account: known.account,
    hub: known.hub.slug,
    act,
    key: crypto.randomUUID?.() ?? `${at.getTime()}-${Math.random()}`, // the name of this act, however often it is sent
    device: at.getTime(),
    offset: known.offset,
    contact: known.contact,
    title: slots.title,
    body: { item_code: code, ...(act === "check-out" ? { member_code: person, ...view.ticks(fields, thing) } : {}) },
  };
  await store.keep(row);
  things[code] = after(thing, row);
  news?.postMessage("kept");
  if (state !== "away") later(0);
  if (!store.lasting()) return desk("not-lasting", slots, "stop");
  return desk(`${act}-kept`, { ...slots, code }, act === "check-out" ? "lent" : "returned");
}

// How it came back, said after the scan; once it is being sent it is too late.
async function described(fields) {
  const row = (await mine()).reverse().find((one) => one.act === "check-in" && one.body.item_code === fields.get("code") && !one.sent);
  if (!row) return desk("later", {}, "stop");
  await store.rewrite({ ...row, body: { ...row.body, condition: fields.get("condition") } });
  return desk("to-mend", { title: row.title }, "keep");
}

async function desk(word, slots, chime, member = person) {
  person = member;
  await show();
  const rest = view.rest(await mine(), { person, cards, zone: known?.hub.timezone });
  return { ...view.said(word, { ...slots, person }, chime), ...rest, member: person };
}

const mine = async () => (await store.scans()).filter((row) => row.account === known?.account);

// What this device knows, with what was done here since.
async function know() {
  known = await store.standing();
  const day = known && await store.day(known.hub.slug, await serverNow());
  cards = day?.cards ?? {};
  things = day?.things ?? {};
  for (const row of await store.scans()) things[row.body.item_code] = after(things[row.body.item_code], row);
  return day;
}

// ---- the banner

async function show() {
  const rows = await store.scans();
  const own = rows.filter((row) => row.account === known?.account);
  const foreign = rows.filter((row) => row.account !== known?.account);
  const word = keeping ? state : foreign.length > 0 ? "foreign" : "";
  view.banner(word, {
    number: word === "foreign" ? foreign.length : own.length,
    first: (word === "foreign" ? foreign : own)[0],
    zone: known?.hub.timezone,
    lasting: store.lasting(),
    mayTakeOver: Boolean(here?.mayTakeOver) && foreign.every((row) => row.hub === here.hub.slug),
    toSettle: here?.toSettle ?? 0,
    hub: here?.hub.slug ?? known?.hub.slug,
  });
}

// ---- the network is back

function later(seconds = PAUSES[Math.min(tries, PAUSES.length - 1)]) {
  clearTimeout(timer);
  timer = setTimeout(goOn, seconds * 1000);
}

let going = false;
let again = false; // something was kept meanwhile
async function goOn() {
  if (going) { again = true; return; }
  going = true;
  try { await tryOnce(); } catch { later(); }
  going = false;
  if (again) { again = false; later(0); }
}

async function tryOnce() {
  clearTimeout(timer);
  const hub = box.dataset.hub || new URLSearchParams(location.search).get("hub") || known?.hub.slug;
  const told = hub ? await contact(hub) : { state: "away" };
  if (told.state !== "here") return wait(told.state);
  here = told;
  await know();
  if (keeping) { state = "sending"; await show(); }
  const done = await replay(here, async () => { news?.postMessage("sent"); await show(); });
  here.toSettle += done.refused;
  if (done.sent + done.refused > 0) view.sent(done);
  if (done.state !== "sent") return wait(done.state === "busy" ? "sending" : done.state);
  tries = 0;
  if (keeping) {
    perform(() => ({ kind: "back", address: freshDesk() })); // in line, after every scan
  } else {
    await show();
  }
  if (await aside.put(here.hub.slug, done.sent > 0)) await know();
}

async function wait(why) {
  if ((await mine()).length > 0) keeping = true;
  if (keeping) {
    state = why;
    tries += 1;
    if (why !== "forbidden") later();
  }
  await show();
}

const freshDesk = () => `/counter?${new URLSearchParams({ hub: here.hub.slug, ...(person ? { member: person } : {}) })}`;

// All is sent: the house answers again, with whoever stands at the desk. What was scanned in this very moment is sent
// first.
async function back(act, house) {
  if ((await mine()).length > 0) { later(0); return null; }
  if (location.pathname === aside.SHELL) { state = ""; await show(); return null; }
  if (inShell) { location.replace(act.address); return null; }
  keeping = false;
  await show();
  return scan.elements.practice ? null : house({ ...act, kind: "clear" });
}

// ---- begin

news?.addEventListener("message", async () => {
  if (!keeping && (await mine()).length > 0) { keeping = true; state = "sending"; }
  if (keeping) later(0.5);
  await show();
});
setInterval(() => { if (!keeping) goOn(); }, aside.OLD);
addEventListener("online", () => { tries = 0; if (keeping) later(0); });
document.addEventListener("visibilitychange", () => { if (keeping && !document.hidden) later(0); });
box.addEventListener("click", async (event) => {
  if (event.target.closest("[data-try]")) { tries = 0; later(0); }
  if (!event.target.closest("[data-take-over]") || !here) return;
  const foreign = (await store.scans()).filter((row) => row.account !== here.account);
  if (foreign.length > 0 && await takeOver(foreign, here).catch(() => false)) { keeping = true; state = "sending"; later(0); }
});

async function start() {
  if (!inShell) await store.remember(view.standingOf(box));
  await know();
  if (inShell) {
    view.place(known);
    person = new URLSearchParams(location.search).get("member") ?? "";
    put(known ? await desk(person ? "person" : "hello", {}, "") : view.said("nobody", {}, ""));
  } else if ((await mine()).length > 0) {
    keeping = true;
    state = "sending";
  }
  await show();
  await goOn();
}

start();
