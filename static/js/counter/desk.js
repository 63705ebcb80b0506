// The counter, quicker. Every act is a form that also works without this script; here the forms are sent in order
// (line.js), the answer takes its place without a new page (answer.js), the scanner is heard from anywhere
// (scanner.js) or seen by a camera (camera.js), and the desk clears itself (quiet.js).

import { settle } from "./answer.js";
import { offer as offerCamera } from "./camera.js";
import { busy, performClear, performForm, performScan } from "./line.js";
import { watch } from "./quiet.js";
import { listen, writable } from "./scanner.js";
import { offer as offerSounds } from "./sounds.js";

const desk = document.getElementById("desk");
const scan = document.getElementById("scan-form");
const field = scan.elements.code;

desk.addEventListener("submit", (event) => {
  if (event.target.matches("[data-leave]")) return; // it leads to another page
  event.preventDefault();
  if (event.target !== scan) {
    performForm(event.target, event.submitter);
    return;
  }
  const code = field.value.trim();
  field.value = "";
  if (code) performScan(code);
});

function clear() {
  field.value = "";
  return performClear();
}

desk.addEventListener("click", (event) => {
  const done = event.target.closest("[data-done]");
  if (done && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    clear();
  }
  const all = event.target.closest("[data-tick-all]");
  if (all) {
    all.form.querySelectorAll("input[type=checkbox][name=parts]").forEach((box) => { box.checked = true; });
    all.form.querySelector("button[type=submit]")?.focus();
  }
});

listen(field, performScan);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) clear();
  // A slow hand that types where nothing can be written means the field.
  const nowhere = event.target !== field && !writable(event.target) && !(event.target instanceof HTMLSelectElement);
  if (nowhere && event.key.length === 1 && event.key !== " ") field.focus();
});

watch(async () => {
  if (busy()) return false;
  await clear();
  return true;
});

offerSounds(document.querySelector("[data-sound]"), () => field.focus());
offerCamera(scan.querySelector("[data-camera]"), document.getElementById("camera"), performScan);
settle();
if (!document.querySelector("[data-first]")) field.focus();
