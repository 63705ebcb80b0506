// What is true at a counter without a network. Pure: no page, no store, no clock.

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SHAPE = /^([IM])[- ]?([0-9A-Z]{4})[- ]?([0-9A-Z]{3})$/;
const LINK = /\/c\/([^/?#]+)(?:[?#].*)?$/i;
const LOOKALIKES = { O: "0", I: "1", L: "1" };
const AZERTY = "&é\"'(-è_çà)qawzQAWZ,?mM:!;"; // what a US-layout scanner becomes on an AZERTY computer
const MEANT = "1234567890-aqzwAQZWmM;:./,";
const CLOCKS_DIFFER_BY = 120_000;
const SAME_SCAN = 600_000; // a second scan within it is the same gesture again

// ---- codes: the same reading as app/core/codes.py. Anything half read is nobody's code.

function holds(body) {
  let sum = 0;
  [...body].reverse().forEach((sign, place) => {
    const value = ALPHABET.indexOf(sign) * (place % 2 ? 2 : 1);
    sum += place % 2 ? Math.floor(value / 32) + (value % 32) : value;
  });
  return sum % 32 === 0;
}

function readPlain(text) {
  const shape = SHAPE.exec((LINK.exec(text)?.[1] ?? text).trim().toUpperCase());
  if (!shape) return null;
  const body = [...shape[2] + shape[3]].map((sign) => LOOKALIKES[sign] ?? sign).join("");
  if ([...body].some((sign) => !ALPHABET.includes(sign)) || !holds(body)) return null;
  return { kind: shape[1] === "I" ? "item" : "member", code: `${shape[1]}-${body}` };
}

/** The code in what was scanned, `{kind: "item"|"member", code}`; null for anything half read. */
export function readCode(text) {
  const trimmed = text.trim().slice(0, 300);
  const typed = [...trimmed].map((sign) => MEANT[AZERTY.indexOf(sign)] ?? sign).join("");
  return readPlain(trimmed) ?? (typed.includes("-") ? readPlain(typed) : null);
}

/** Whether this was meant as a code, so that it is never looked for as a name. */
export function looksLikeCode(text) {
  return /\/c\/|!c!/i.test(text) || /^[im](?:[-–—)6]\w{0,12}|(?=[a-z]{0,7}\d)[0-9a-z]{5,9})$/i.test(text.trim());
}

// ---- what a scan means

/** What happens when `read` (of `readCode`) is scanned while `person` (a card's code or "") stands at the desk.
    `thing` is what the device knows of the object, undefined for nothing. `at`: the moment of the scan; `ticked`: what
    belongs to the object was looked at; `anyway`: somebody decided against what the device knows. */
export function meaning(read, person, thing, { at, ticked = false, anyway = false }) {
  if (!read) return "half-read";
  if (read.kind === "member") return "person";
  if (!person) return "check-in";
  if (!thing || (thing.with === person && at - thing.since < SAME_SCAN)) return "check-out";
  if (thing.with && !anyway) return "out-elsewhere"; // with somebody else, or she brings it back
  if (!thing.with && thing.for && thing.for !== person && !anyway) return "kept-for-other";
  const asks = thing.parts.length > 0 || thing.notices.length > 0 || depositInCash(thing, person) > 0;
  return asks && !ticked ? "to-tick" : "check-out";
}

/** The deposit (cents) that is to be received from `person`; nothing where a card of hers stands in for it. */
export const depositInCash = (thing, person) => (thing.secured === person ? 0 : thing.deposit_cents);

/** What the device knows of an object after this act of its own. */
export function after(thing, scan) {
  if (!thing) return thing;
  if (scan.act === "check-in") return { ...thing, with: undefined };
  const mine = scan.body.member_code;
  return { ...thing, with: mine, since: scan.device, for: thing.for === mine ? undefined : thing.for };
}

// ---- when a scan was

/** The moment of a scan in server time (milliseconds). A scan holds the device's own time (`device`), how far the
    server was from it when they last spoke (`offset`) and when that was (`contact`, server time). If the device's clock
    was set anew since, the moment falls before that contact or into the future; then today's offset is the right one.
    Never before the scan that came before it. */
export function momentOf(scan, { offset, now, before = 0 }) {
  const possible = (at) => at >= scan.contact - CLOCKS_DIFFER_BY && at <= now + CLOCKS_DIFFER_BY;
  const told = scan.device + scan.offset;
  const mended = scan.device + offset;
  return Math.max(possible(told) || !possible(mended) ? told : mended, before);
}

// ---- what an answer means

/** `done`; `refused` (a person has to settle it); `again` (later, the same once more); `log-in`; `token`; `forbidden`. */
export function verdict(status, word) {
  if (status >= 200 && status < 300) return "done";
  if (status === 401) return "log-in";
  if (status === 403) return "forbidden";
  if (status === 400 && word === "csrf") return "token";
  if (status === 409 && word === "idempotency_race") return "again";
  if (status === 429 || status === 408 || status >= 500) return "again";
  return "refused";
}
