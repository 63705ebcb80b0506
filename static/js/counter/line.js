// Acts of the desk are done one after the other, in the order in which hands made them: the second scan of a fast
// hand waits for the answer to the first, and goes with whoever stands at the desk by then.
//
// Where an act goes is decided in one place, the way. Usually that is the house:
//
//   house(act) -> answer       sends the act; throws Away when the house cannot be reached or cannot answer
//   takeWay(way)               from now on `way(act, house)` is asked for each act, and gives the answer
//
//   act     kind      "scan" (a code or a name), "form" (a button of the desk), "clear" (nobody stands here any more)
//           address   where the house takes it, by POST; "clear" by GET
//           fields    FormData, as the form would be sent: hub, member (the card of whoever stands there, or ""), code…
//           at        Date: the moment of the hand, not of the sending
//   answer  answer, rest, today      lists of nodes for these parts of the desk; what is left out stays as it stands.
//                                    [data-chime] in `answer` names its sound (sounds.js)
//           carried                  list of hidden inputs that stay with the desk (objects that wait to be ticked)
//           member, placeholder      the card of whoever stands there now (or ""), and what the field says
//           token                    for the next forms; only the house gives one
//
// A practice is never offered to the way: it is the house's alone.

import { read, show } from "./answer.js";

const PATIENCE = 10_000; // an answer that has not come by then does not come

export class Away extends Error {
  constructor(status = 0) {
    super(`the house is away: ${status}`);
    this.status = status; // of the answer, 0 without one
  }
}

const desk = document.getElementById("desk");
const scan = document.getElementById("scan-form");
let line = Promise.resolve();
let waiting = 0;
let way = (act) => house(act);

export function takeWay(other) {
  way = other;
}

export function busy() {
  return waiting > 0;
}

// `make` gives the act when its turn comes; the promise is kept when its answer is shown.
export function perform(make) {
  const at = new Date();
  waiting += 1;
  desk.setAttribute("aria-busy", "true");
  line = line.then(async () => {
    const act = { at, ...make() };
    const answer = await (act.fields?.get("practice") ? house(act) : way(act, house));
    if (answer) show(answer);
  }).catch(noNetwork).finally(() => {
    waiting -= 1;
    if (waiting === 0) desk.removeAttribute("aria-busy");
  });
  return line;
}

export function performScan(code) {
  return perform(() => {
    const fields = new FormData(scan);
    fields.set("code", code);
    return { kind: "scan", address: scan.action, fields };
  });
}

// What the form says is what stood there when it was sent; what the desk keeps in hand is as of its turn.
export function performForm(form, submitter) {
  const fields = new FormData(form, submitter);
  return perform(() => {
    const desk = new FormData(scan);
    for (const name of ["csrf_token", "practice", "open"]) {
      fields.delete(name);
      desk.getAll(name).forEach((value) => fields.append(name, value));
    }
    return { kind: "form", address: form.action, fields };
  });
}

export function performClear() {
  return perform(() => {
    const fields = new FormData(scan);
    fields.set("code", "");
    fields.set("member", "");
    // A practice goes on without anybody: what was played in it goes along.
    if (fields.has("practice")) return { kind: "form", address: scan.action, fields };
    // What was not ticked stays in the house; the answer says so, by the codes of the objects alone.
    const address = new URL(scan.dataset.fresh, location.href);
    for (const mark of fields.getAll("open")) address.searchParams.append("left", mark.split(" ")[1]);
    fields.delete("open");
    return { kind: "clear", address: address.href, fields };
  });
}

async function house(act) {
  const sent = act.kind === "clear" ? {} : { method: "POST", body: act.fields };
  let response;
  let text;
  try {
    response = await fetch(act.address, {
      credentials: "same-origin", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE), ...sent,
    });
    text = await response.text();
  } catch {
    throw new Away();
  }
  const answer = read(text);
  if (answer) return answer;
  if (!response.redirected && response.status !== 401 && response.status !== 403) throw new Away(response.status);
  location.assign(scan.dataset.fresh); // logged out, or no longer at this counter
  return null;
}

function noNetwork(error) {
  if (!(error instanceof Away)) console.error(error);
  show({ answer: [document.getElementById("no-network").content.cloneNode(true)] });
}
