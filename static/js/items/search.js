// The search page without full reloads: htmx brings what changes; here is what it cannot do alone. The filters come as
// a sheet on a phone and as a column on a wide screen, the focus goes where one reads on, a map is asked for when shown.

const finder = document.querySelector("[data-finder]");
const finding = document.getElementById("finding");
const column = document.getElementById("side");
const sheet = document.getElementById("filters");
const wide = matchMedia("(min-width: 60rem)");
const UNDERSTOOD = [400, 422]; // answers that say in words what cannot be searched
let asking = null;
let map = null;

const filterAddress = () => finding.querySelector("[data-filters]").href;
const isColumn = () => wide.matches && !finding.querySelector("[data-map]");

// A newer question makes an older one idle.
async function bring(address) {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: asking.signal });
  if (!answer.ok && !UNDERSTOOD.includes(answer.status)) throw new Error(answer.statusText);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function fill(panel, address) {
  const page = await bring(address);
  panel.replaceChildren(...page.body.childNodes);
  window.htmx.process(panel);
}

// Where a search cannot be understood there is nothing to count: its choices are mended on their own page.
function showColumn() {
  if (isColumn() && !finding.querySelector("[role=alert]")) fill(column, filterAddress()).catch(() => {});
  else column.replaceChildren();
}

async function openSheet(link) {
  try {
    await fill(sheet, link.href);
    sheet.showModal();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(link.href); // the same choices, on a page of their own
  }
}

// What the other choices leave on each shelf, and in all; the choices themselves stay as they are.
async function count(form) {
  const address = new URL(filterAddress());
  const choices = new FormData(form);
  choices.set("q", document.getElementById("q").value);
  address.search = new URLSearchParams([...choices].filter(([, value]) => value)).toString();
  const page = await bring(address);
  const focused = document.activeElement?.id;
  for (const id of ["shelves", "see"]) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(fresh);
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
}

// One day alone is that day; a last day never comes before the first.
function mendDays(form, changed) {
  const { from, to } = form.elements;
  if (changed === from && from.value && (!to.value || to.value < from.value)) to.value = from.value;
  if (changed === to && to.value && (!from.value || from.value > to.value)) from.value = to.value;
  if (changed === from && !from.value) to.value = "";
  if (changed === to && !to.value) from.value = "";
}

finder.addEventListener("change", (event) => {
  const form = event.target.closest("form.filters");
  if (!form) return;
  mendDays(form, event.target);
  if (!event.target.checkValidity()) return; // a year half typed
  if (!sheet.open) form.requestSubmit();
  count(form).catch(() => {});
});

finder.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-filters]");
  if (!opener || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  openSheet(opener);
});
sheet.addEventListener("close", () => sheet.replaceChildren());

// The words that stand in the box count, also when it is a filter that is sent.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.matches?.("form.filters")) detail.parameters.q = document.getElementById("q").value;
  for (const [name, value] of [...Object.entries(detail.parameters)]) if (!value) delete detail.parameters[name];
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches?.("form.filters") && sheet.open) sheet.close();
});

// Faults are told in the page, in the place of what would have been found.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target !== finding) return;
  if (UNDERSTOOD.includes(detail.xhr.status)) Object.assign(detail, { shouldSwap: true, isError: false });
  if (detail.shouldSwap) { map?.remove(); map = null; }
});

// htmx tells of every piece of an answer; each answer is looked at once.
const seen = new WeakSet();
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (seen.has(detail.xhr)) return;
  seen.add(detail.xhr);
  const from = detail.requestConfig?.elt;
  if (detail.target.id === "results") {
    // The first of what came, so that a keyboard and a screen reader go on there.
    const first = detail.xhr.responseText.match(/<h3><a href="([^"]+)"/)?.[1].replaceAll("&amp;", "&");
    [...detail.target.querySelectorAll("a")].find((link) => link.getAttribute("href") === first)?.focus({ preventScroll: true });
    return;
  }
  if (detail.target !== finding) return;
  const asked = from?.matches("form.filters");
  if (!asked || !column.firstElementChild) showColumn();
  const typing = document.activeElement?.id === "q" && !matchMedia("(pointer: coarse)").matches;
  if (!typing && (from?.matches(".find") || document.activeElement === document.body)) document.getElementById("found")?.focus();
  showMap();
});

function broken() {
  let said = finding.querySelector("[data-said-broken]");
  if (!said) {
    said = Object.assign(document.createElement("p"), { className: "note bad" });
    said.dataset.saidBroken = "";
    said.setAttribute("role", "alert");
    finding.prepend(said);
  }
  said.textContent = finder.dataset.broken;
}
document.addEventListener("htmx:sendError", broken);
document.addEventListener("htmx:responseError", ({ detail }) => { if (detail.xhr.status >= 500) broken(); });

async function showMap() {
  const place = finding.querySelector("[data-map]");
  if (!place) return;
  const { draw } = await import(place.dataset.module);
  if (place.isConnected) map = await draw(place);
}

wide.addEventListener("change", showColumn);
showColumn();
showMap();
