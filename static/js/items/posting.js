// Nothing typed is lost: what is said of an object, and its photo, are kept on this device until it is online, and
// forgotten then, or at log-out. Without network the form is sent again when it is back; however often it is sent,
// one object comes of it (its field `once`). Without this script the form is sent as any form.

const PAUSES = [2, 4, 8, 15, 30]; // seconds until the next try, unless the network says that it is back
const NEVER_KEPT = new Set(["csrf_token", "photo", "staged", "later", "guess", "guessed", "category"]);
const OFFLINE = 60_000;

// ---- what this device keeps: one row for each person and kind of form

function store() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("movilab", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("drafts");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function kept(mode, act) {
  const rows = await store();
  try {
    return await new Promise((done, failed) => {
      const transaction = rows.transaction("drafts", mode);
      const asked = act(transaction.objectStore("drafts"));
      transaction.oncomplete = () => done(asked.result);
      transaction.onerror = () => failed(transaction.error);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    rows.close();
  }
}

// Of anybody else who used this device, nothing stays.
async function forgetOthers(mine) {
  for (const key of await kept("readonly", (rows) => rows.getAllKeys())) {
    if (!key.startsWith(mine)) await kept("readwrite", (rows) => rows.delete(key));
  }
}

function arm(form) {
  if (form.dataset.armed) return;
  form.dataset.armed = "yes";
  const field = form.querySelector("[data-photo]");
  const said = form.querySelector("[data-sending-said]");
  const notice = document.querySelector("[data-kept]");
  const whose = `${form.dataset.keep}:`;
  const key = whose + location.search;
  let photo = null; // the file that was chosen, as small as it is sent
  let pending = ""; // a shelf that was picked, until it is on the page again
  let timer = 0;
  let over = false; // posted, or begun afresh: nothing is kept any more
  let line = Promise.resolve();

  // -- kept while one types

  // What was picked by hand; what was merely guessed is guessed again.
  function shelf() {
    const { guess, guessed } = form.elements;
    if (guess && guess.value === guessed.value) return pending;
    if (guess && guess.value !== "other") return guess.value;
    return form.querySelector("select[name=category]").value || pending; // by its name alone, others have that id
  }

  function row() {
    const fields = [...new FormData(form)].filter(([name, value]) => !NEVER_KEPT.has(name) && typeof value === "string");
    return { fields, shelf: shelf(), photo, upload: field.dataset.upload ?? "" };
  }

  const worthIt = (draft) => draft.photo || draft.fields.some(([name, value]) => ["title", "description", "parts", "notices"].includes(name) && value.trim());

  function keep() {
    clearTimeout(timer);
    if (over || !form.isConnected) return;
    const draft = row();
    line = line.then(() => kept("readwrite", (rows) => (worthIt(draft) ? rows.put(draft, key) : rows.delete(key)))).catch(() => {});
  }

  function forget() {
    over = true;
    clearTimeout(timer);
    line = line.then(() => kept("readwrite", (rows) => rows.delete(key))).catch(() => {});
    return line;
  }

  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 300); });
  form.addEventListener("change", keep);
  form.addEventListener("photo:chosen", (event) => { photo = event.detail.file; keep(); });
  form.addEventListener("photo:refused", () => { photo = null; keep(); });
  form.addEventListener("photo:begun", keep);
  form.addEventListener("photo:over", keep);
  addEventListener("pagehide", keep);

  // -- and there again

  function fill(draft) {
    const values = new Map();
    draft.fields.forEach(([name, value]) => values.set(name, [...(values.get(name) ?? []), value]));
    for (const input of form.elements) {
      if (!input.name || NEVER_KEPT.has(input.name) || input.type === "file" || input.type === "submit") continue;
      const given = values.get(input.name) ?? [];
      if (input.type === "checkbox" || input.type === "radio") input.checked = given.includes(input.value);
      else if (given.length > 0) [input.value] = given;
    }
    photo = draft.photo;
    if (photo) field.dispatchEvent(new CustomEvent("photo:restore", { detail: { file: photo, id: draft.upload } }));
    pending = draft.shelf;
    const words = new URLSearchParams({ title: form.elements.title.value, category: draft.shelf, guess: draft.shelf ? "other" : "", guessed: "" });
    window.htmx?.ajax("GET", `${form.elements.title.getAttribute("hx-get")}?${words}`, { target: "#which-shelf", swap: "outerHTML" })
      .then(() => { if (form.elements.guess) pending = ""; });
  }

  async function begin() {
    await forgetOthers(whose);
    if (document.getElementById("errors")) { // it came back with what was typed; only the photo may still be on its way
      photo = (await kept("readonly", (rows) => rows.get(key)))?.photo ?? null;
      return;
    }
    const draft = await kept("readonly", (rows) => rows.get(key));
    if (!draft || form.elements.title.value !== form.elements.title.defaultValue || field.dataset.state) return;
    fill(draft);
    notice.hidden = false;
    notice.querySelector("[data-afresh]").addEventListener("click", async () => {
      await forget();
      field.dispatchEvent(new CustomEvent("photo:clear"));
      location.reload();
    });
  }

  // -- sent

  const say = (sentence) => { said.textContent = sentence; };
  const busy = (on, button) => [form, button].forEach((one) => (on ? one?.setAttribute("aria-busy", "true") : one?.removeAttribute("aria-busy")));

  function pause(tries) {
    return new Promise((done) => {
      const waited = setTimeout(done, PAUSES[Math.min(tries, PAUSES.length - 1)] * 1000);
      addEventListener("online", () => { clearTimeout(waited); done(); }, { once: true });
    });
  }

  // Whether it had to be waited for.
  async function photoThere() {
    let waited = false;
    while (["making", "sending", "waiting"].includes(field.dataset.state)) {
      waited = true;
      say(field.dataset.state === "waiting" ? form.dataset.noNetwork : form.dataset.photoFirst);
      await Promise.race([
        new Promise((done) => { form.addEventListener("photo:over", done, { once: true }); }),
        new Promise((done) => { setTimeout(done, 500); }),
      ]);
    }
    return waited;
  }

  async function send(button) {
    for (let tries = 0; ; tries += 1) {
      const waited = await photoThere();
      say("");
      if (waited && field.classList.contains("err")) { // the site would not have it: is it to go without?
        field.scrollIntoView();
        return;
      }
      const data = new FormData(form);
      if (button?.name) data.set(button.name, button.value);
      for (const file of data.getAll("photo")) if (file.size === 0) data.delete("photo");
      try {
        const response = await fetch(form.action, {
          method: "POST",
          body: data,
          credentials: "same-origin",
          headers: { Accept: "application/json" },
          signal: AbortSignal.timeout?.(OFFLINE),
        });
        if (response.status < 500 && response.status !== 429) { await answered(response); return; }
        say(form.dataset.noAnswer);
      } catch {
        say(navigator.onLine ? form.dataset.noAnswer : form.dataset.noNetwork);
      }
      await pause(tries);
    }
  }

  async function answered(response) {
    if (response.status === 201) {
      const { url } = await response.json();
      await forget();
      location.assign(url);
      await new Promise(() => {}); // busy until the next page is there
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = document.getElementById("content");
    if (!page.getElementById("posting")) { // logged out, or open too long
      say(form.dataset.stale);
      return;
    }
    keep();
    await line;
    main.replaceChildren(...page.getElementById("content").childNodes);
    window.htmx?.process(main);
    main.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: main } }));
    main.querySelector("[data-focus]")?.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    const button = event.submitter;
    keep();
    busy(true, button);
    try { await send(button); } finally { busy(false, button); }
  });

  begin().catch(() => {}); // a browser that keeps nothing
}

const armAll = () => document.querySelectorAll("form[data-keep]").forEach(arm);
document.addEventListener("htmx:load", armAll);
armAll();
