// The counter, quicker. Every act is a form that also works without this script; here the forms are sent in order,
// the answer takes its place without a new page, the scanner is heard from anywhere, and the desk clears itself.

const GAP = 100; // milliseconds between two keys of a scanner, at most
const SHORTEST = 6; // signs of a scan, at least
const REST = 60_000; // a minute without a hand on the keyboard
const REFRESH = 300_000;

const desk = document.getElementById("desk");
const scan = document.getElementById("scan-form");
const field = scan.elements.code;

// ---- sending, one after the other: the second scan of a fast hand waits for the answer to the first

let line = Promise.resolve();
let waiting = 0;

function inLine(step) {
  waiting += 1;
  desk.setAttribute("aria-busy", "true");
  line = line.then(step).catch(noNetwork).finally(() => {
    waiting -= 1;
    if (waiting === 0) desk.removeAttribute("aria-busy");
  });
}

async function ask(address, options) {
  const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" }, ...options });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.getElementById("desk")) {
    if (response.redirected || response.status === 401 || response.status === 403) {
      location.assign(scan.dataset.fresh); // logged out, or no longer at this counter
      return;
    }
    throw new Error(`no answer: ${response.status}`);
  }
  show(page);
}

function send(form, data) {
  return ask(form.action, { method: "POST", body: data });
}

function sendScan(code) {
  inLine(() => {
    const data = new FormData(scan); // with whoever stands at the desk by now
    data.set("code", code);
    return send(scan, data);
  });
}

function noNetwork() {
  const message = document.getElementById("no-network").content.cloneNode(true);
  document.getElementById("answer").replaceChildren(message);
  play("stop");
}

// ---- the answer takes its place

function show(page) {
  for (const id of ["answer", "rest", "today"]) {
    const fresh = page.getElementById(id);
    document.getElementById(id).replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  }
  const from = page.getElementById("scan-form");
  scan.elements.member.value = from.elements.member.value;
  scan.elements.csrf_token.value = from.elements.csrf_token.value; // a counter stays open longer than a token holds
  field.placeholder = from.elements.code.placeholder;
  wake();
  const answer = page.getElementById("answer");
  play(answer.querySelector("[data-chime]")?.dataset.chime);
  arm();
  const first = document.querySelector("#answer [data-first]");
  (first ?? field).focus({ preventScroll: !first });
  if (!first) window.scrollTo({ top: 0 });
}

desk.addEventListener("submit", (event) => {
  const form = event.target;
  event.preventDefault();
  if (form === scan) {
    const code = field.value.trim();
    field.value = "";
    if (code) sendScan(code);
    return;
  }
  const data = new FormData(form, event.submitter);
  inLine(() => send(form, data));
});

function clear() {
  field.value = "";
  inLine(() => ask(scan.dataset.fresh, {}));
}

desk.addEventListener("click", (event) => {
  const done = event.target.closest("[data-done]");
  if (!done || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  clear();
});

// ---- a scanner types fast and ends with Enter, wherever the cursor stands

let burst = "";
let last = 0;
let before = null; // what stood in another field before the scanner typed into it

function writable(element) {
  return element instanceof HTMLTextAreaElement
    || (element instanceof HTMLInputElement && ["text", "search", "number", "date"].includes(element.type));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const now = event.timeStamp;
  if (now - last > GAP) { burst = ""; before = null; }
  if (event.key.length === 1) {
    if (burst === "" && event.target !== field && writable(event.target)) before = [event.target, event.target.value];
    burst += event.key;
    last = now;
    if (event.key === " " && burst.length > 1 && !writable(event.target)) event.preventDefault();
    return;
  }
  if (event.key === "Enter" && burst.length >= SHORTEST && event.target !== field) {
    const [other, value] = before ?? [];
    const looksScanned = !other || /^.[-)6]|\/c\/|!c!/i.test(burst);
    if (looksScanned) {
      event.preventDefault();
      event.stopPropagation();
      if (other) other.value = value;
      const code = burst;
      burst = "";
      sendScan(code);
    }
    return;
  }
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) clear();
}, { capture: true });

// A slow hand that types where nothing can be written means the field.
document.addEventListener("keydown", (event) => {
  const nowhere = event.target !== field && !writable(event.target) && !(event.target instanceof HTMLSelectElement);
  if (nowhere && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") {
    field.focus();
  }
});

// ---- a minute without anybody: the person leaves the screen, and names are covered until somebody is there again

let rest = 0;
let covered = false;

function wake() {
  clearTimeout(rest);
  rest = setTimeout(sleep, REST);
  if (covered) cover(false);
}

function cover(hidden) {
  covered = hidden;
  document.querySelectorAll("#desk [data-who]").forEach((name) => { name.hidden = hidden; });
}

function sleep() {
  if (waiting) { wake(); return; }
  field.value = "";
  inLine(async () => {
    await ask(scan.dataset.fresh, {});
    cover(true);
    clearTimeout(rest);
    rest = setTimeout(sleep, REFRESH); // today goes on while nobody is there
  });
}

for (const sign of ["keydown", "pointerdown", "pointermove"]) document.addEventListener(sign, wake, { passive: true });

// ---- sounds: rising is lent, one note is returned, two low ones stop, a chime keeps something aside

const TUNES = {
  lent: [[523, 0, 0.12], [784, 0.12, 0.2]],
  returned: [[659, 0, 0.22]],
  stop: [[196, 0, 0.18], [165, 0.22, 0.3]],
  keep: [[784, 0, 0.5], [1047, 0.14, 0.5], [1319, 0.28, 0.7]],
};
const button = document.querySelector("[data-sound]");
let ears = null;

function muted() {
  try { return localStorage.getItem("counter-muted") === "yes"; } catch { return false; }
}

function mute(quiet) {
  try { localStorage.setItem("counter-muted", quiet ? "yes" : "no"); } catch { /* private windows forget */ }
}

function play(tune) {
  const notes = TUNES[tune];
  if (!notes || muted() || !window.AudioContext) return;
  ears ??= new AudioContext();
  if (ears.state === "suspended") ears.resume();
  for (const [pitch, start, length] of notes) {
    const at = ears.currentTime + start;
    const note = ears.createOscillator();
    const loud = ears.createGain();
    note.type = tune === "stop" ? "square" : "sine";
    note.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(tune === "stop" ? 0.12 : 0.25, at + 0.015);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + length);
    note.connect(loud).connect(ears.destination);
    note.start(at);
    note.stop(at + length + 0.05);
  }
  desk.dataset.played = tune;
}

function showSound() {
  const on = !muted();
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("[data-on]").toggleAttribute("hidden", !on);
  button.querySelector("[data-off]").toggleAttribute("hidden", on);
}

if (button) {
  button.hidden = false;
  showSound();
  button.addEventListener("click", () => {
    mute(!muted());
    showSound();
    play("returned");
    field.focus();
  });
}

// "Everything is there" ticks the whole list; without this script the button stays away.
function arm() {
  document.querySelectorAll("#answer [data-tick-all]").forEach((all) => { all.hidden = false; });
}

desk.addEventListener("click", (event) => {
  const all = event.target.closest("[data-tick-all]");
  if (!all) return;
  all.closest("form").querySelectorAll("input[type=checkbox][name=parts]").forEach((box) => { box.checked = true; });
  all.closest("form").querySelector("button[type=submit]")?.focus();
});

play(document.querySelector("#answer [data-chime]")?.dataset.chime);
arm();
wake();
if (!document.querySelector("[data-first]")) field.focus();
