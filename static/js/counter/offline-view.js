// What the counter says without a network. All words stand in templates of the page (counter/offline/_words.html), with
// slots for what is known; here they are only filled in.

const box = document.getElementById("offline");
const settle = document.getElementById("to-settle");
const TOLD_FOR = 10_000; // that all is sent stays ten seconds

function filled(template, slots) {
  const copy = document.importNode(template.content, true);
  copy.querySelectorAll("[data-slot]").forEach((slot) => { slot.textContent = slots[slot.dataset.slot] ?? ""; });
  copy.querySelectorAll("[data-value]").forEach((input) => { input.value = slots[input.dataset.value] ?? ""; });
  copy.querySelectorAll("[data-if]").forEach((part) => { part.hidden = !slots[part.dataset.if]; });
  return copy;
}

const template = (name) => document.querySelector(`template[data-say="${name}"]`);

// "1 passage" or "3 passages": both are there.
function counted(root, number) {
  root.querySelectorAll("[data-one]").forEach((one) => { one.hidden = number !== 1; });
  root.querySelectorAll("[data-many]").forEach((many) => { many.hidden = number === 1; });
}

/** "16 h 20" at the hub. */
function clock(at, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).formatToParts(at);
  const [hour, minute] = ["hour", "minute"].map((type) => parts.find((part) => part.type === type).value);
  return document.documentElement.lang === "fr" ? `${Number(hour)}\u00a0h${minute === "00" ? "" : `\u00a0${minute}`}` : `${hour}:${minute}`;
}

/** When a kept scan was, by the server's clock as far as the device knew it. */
const scannedAt = (row) => row.device + row.offset;

/** Who carries this card: the name while the day is kept, else the code. */
export const who = (cards, code) => (code ? cards[code] ?? code : "");

// ---- the desk

/** An answer of the desk (line.js): one of the templates, and its sound. */
export function said(word, slots, chime) {
  const around = document.createElement("div");
  around.className = "stack";
  around.dataset.chime = chime;
  around.append(filled(template(word), slots));
  return { answer: [around] };
}

/** Whoever stands at the desk, and what is kept here, the newest first. */
export function rest(rows, { person, cards, zone }) {
  const since = rows.length > 0 ? clock(scannedAt(rows[0]), zone) : "";
  const slots = { name: who(cards, person), code: cards[person] ? person : "", person, kept: rows.length > 0, since };
  const words = template("rest");
  const copy = filled(words, slots);
  copy.querySelector("ul").append(...rows.map((row) => line(row, cards, zone)).reverse());
  return { rest: [...copy.childNodes], placeholder: person ? words.dataset.next : words.dataset.begin };
}

function line(row, cards, zone) {
  const slots = { at: clock(scannedAt(row), zone), title: row.title, name: who(cards, row.body.member_code) };
  return filled(template(row.act), slots);
}

// ---- what is ticked together

/** The same answer, with what belongs to this object as a form. */
export function asking(answer, thing, { anyway }) {
  const form = answer.answer[0].querySelector("form");
  form.elements.anyway.value = anyway ? "yes" : "";
  list(form, "parts", thing.parts, (row, part) => {
    row.querySelector("input").value = part.name;
    row.querySelector("[data-slot=name]").textContent = part.count > 1 ? `${part.name} × ${part.count}` : part.name;
  });
  list(form, "notices", thing.notices, (row, notice) => { row.querySelector("[data-slot=name]").textContent = notice; });
  form.elements.acknowledged.required = thing.notices.length > 0;
  const deposit = form.querySelector("[data-part=deposit]");
  deposit.hidden = !thing.deposit_cents;
  form.elements.deposit_paid.required = thing.deposit_cents > 0;
  form.elements.deposit_cents.value = thing.deposit_cents;
  deposit.querySelector("[data-slot=sum]").textContent = money(thing);
  form.querySelector("[data-part]:not([hidden]) input").dataset.first = "";
  return answer;
}

function list(form, name, values, fill) {
  const part = form.querySelector(`[data-part=${name}]`);
  const one = part.querySelector("template");
  part.hidden = values.length === 0;
  one.after(...values.map((value) => {
    const row = document.importNode(one.content, true);
    fill(row, value);
    return row;
  }));
}

function money({ deposit_cents: cents, currency }) {
  const digits = cents % 100 ? 2 : 0;
  return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency, minimumFractionDigits: digits }).format(cents / 100);
}

/** Whether this form says what was looked at, ours or the house's. */
export const hasTicks = (fields) => ["ticked", "parts", "acknowledged", "deposit_paid"].some((name) => fields.get(name));

/** What a check-out says besides its codes, as the JSON API takes it. */
export function ticks(fields, thing) {
  const body = {};
  const parts = fields.getAll("parts");
  if (parts.length > 0 || thing?.parts.length) body.parts = parts;
  if (fields.get("acknowledged")) body.acknowledged = true;
  if (fields.get("deposit_paid")) body.deposit_received_cents = cents(fields);
  if (fields.get("due")) body.due = fields.get("due");
  if (fields.getAll("override").length > 0) body.override = { codes: fields.getAll("override"), reason: fields.get("reason") ?? "" };
  return body;
}

function cents(fields) {
  if (fields.get("deposit_cents")) return Number(fields.get("deposit_cents"));
  return Math.round(Number(String(fields.get("deposit_euros")).replace(/[\s\u00a0€]/g, "").replace(",", ".")) * 100) || 0;
}

// ---- above the desk

/** What the house said of this device when it gave the page. */
export function standingOf({ dataset }) {
  const contact = Date.parse(dataset.now);
  return { account: dataset.account, hub: { slug: dataset.hub, name: dataset.name, timezone: dataset.zone }, offset: contact - Date.now(), contact };
}

/** Say which counter this is, where the page itself does not know. */
export function place(known) {
  document.querySelectorAll("[data-place]").forEach((one) => { one.textContent = known?.hub.name ?? ""; });
}

let told = 0; // until when it is said that all was sent
let lastSaid = "";

/** All, or some, is sent. */
export function sent({ sent: number }) {
  if (number === 0) return;
  told = Date.now() + TOLD_FOR;
  box.dataset.sent = String(Number(box.dataset.sent ?? 0) + number);
}

/** The banner: how it stands with the network, and how much is kept since when; "" where all is well. */
export function banner(word, { number, first, zone, lasting, mayTakeOver, toSettle, hub }) {
  showSettle(toSettle, hub);
  const over = !word && told > Date.now();
  box.hidden = !word && !over;
  box.dataset.state = word;
  if (over) setTimeout(() => { if (!box.dataset.state) { box.hidden = true; delete box.dataset.sent; } }, told - Date.now());
  if (box.hidden) return;
  const many = over ? Number(box.dataset.sent) : number;
  const slots = { number: many, since: first ? clock(scannedAt(first), zone) : "", kept: number > 0, mayTakeOver, mayNot: !mayTakeOver, loose: !lasting };
  const whole = JSON.stringify([over, word, many, slots]);
  if (whole === lastSaid) return; // a live region says it once
  lastSaid = whole;
  const copy = filled(template(`banner-${over ? "sent" : word}`), slots);
  counted(copy, many);
  box.querySelector(".w").replaceChildren(copy);
}

function showSettle(number, hub) {
  settle.hidden = number === 0;
  if (number === 0) return;
  settle.querySelectorAll("[data-slot=number]").forEach((slot) => { slot.textContent = number; });
  settle.querySelector("a").href = `/counter/to-settle?hub=${encodeURIComponent(hub)}`;
  counted(settle, number);
}
