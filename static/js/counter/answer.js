// An answer takes its place at the desk, without a new page.

import { play } from "./sounds.js";
import { wake } from "./quiet.js";

const PARTS = ["carried", "answer", "rest", "today"];
const scan = document.getElementById("scan-form");
const field = scan.elements.code;

// What a page of the house says, as an answer (see line.js); null for a page that is no desk.
export function read(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const form = page.getElementById("scan-form");
  if (!form) return null;
  const answer = {
    member: form.elements.member.value,
    placeholder: form.elements.code.placeholder,
    token: form.elements.csrf_token.value,
  };
  for (const part of PARTS) answer[part] = [...page.getElementById(part).childNodes];
  return answer;
}

export function show(answer) {
  const ticked = rowsAsTicked();
  for (const part of PARTS) {
    if (answer[part]) document.getElementById(part).replaceChildren(...answer[part]);
  }
  tickAgain(ticked);
  if (answer.member !== undefined) scan.elements.member.value = answer.member;
  if (answer.placeholder !== undefined) field.placeholder = answer.placeholder;
  if (answer.token) scan.elements.csrf_token.value = answer.token; // a counter stays open longer than a token holds
  if (!answer.answer) return;
  settle();
  const first = document.querySelector("#desk [data-first]");
  (first ?? field).focus({ preventScroll: !first });
  if (!first) window.scrollTo({ top: 0 });
}

// What stands at the desk now is heard and armed.
export function settle() {
  wake();
  play(document.querySelector("#answer [data-chime]")?.dataset.chime);
  // "Everything is there" ticks the whole list; without this script the button stays away.
  document.querySelectorAll("#desk [data-tick-all]").forEach((all) => { all.hidden = false; });
}

// Rows that are open go on as they were ticked while another object is scanned.
function rowsAsTicked() {
  return [...document.querySelectorAll("#desk form[data-row]")].map((row) => [
    row.dataset.row,
    [...row.elements].filter((one) => one.name && one.type !== "hidden").map((one) => [one.name, one.value, one.checked]),
  ]);
}

function tickAgain(rows) {
  for (const [code, ticks] of rows) {
    const row = document.querySelector(`#desk form[data-row="${code}"]`);
    for (const [name, value, checked] of row ? ticks : []) {
      const same = [...row.elements].find((one) => one.name === name && (one.type !== "checkbox" || one.value === value));
      if (!same) continue;
      if (same.type === "checkbox") same.checked ||= checked;
      else same.value = value;
    }
  }
}
