// What every page gains from a script. Nothing here is needed to use a page: each part only makes it quicker.

const STAY = 10_000; // a toast stays ten seconds, and as long as it is looked at

// htmx brings parts of pages; what was armed already is left alone.
function fresh(element) {
  if (element.dataset.armed) return false;
  element.dataset.armed = "yes";
  return true;
}

function armToast(toast) {
  if (!fresh(toast)) return;
  const shut = toast.querySelector("[data-shut]");
  if (shut) {
    shut.hidden = false;
    shut.addEventListener("click", () => toast.remove());
  }
  let timer = 0;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), STAY); };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusout", wait);
  toast.addEventListener("pointerleave", wait);
  wait();
}

// A live region speaks of what arrives in it, not of what was there when the page opened.
function announceToasts(region) {
  const toasts = [...region.children];
  region.replaceChildren();
  setTimeout(() => { region.append(...toasts); toasts.forEach(armToast); }, 150);
}

// The number field gets its two buttons.
function armStepper(stepper) {
  if (!fresh(stepper)) return;
  const input = stepper.querySelector("input");
  const buttons = [...stepper.querySelectorAll("[data-step]")];
  const limits = () => buttons.forEach((button) => {
    const next = Number(input.value || 0) + Number(button.dataset.step);
    button.disabled = (input.min !== "" && next < Number(input.min)) || (input.max !== "" && next > Number(input.max));
  });
  buttons.forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      input.value = Number(input.value || 0) + Number(button.dataset.step);
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
  input.addEventListener("input", limits);
  input.addEventListener("change", limits);
  limits();
}

// A chosen photo is shown, with its name.
function armDrop(drop) {
  if (!fresh(drop)) return;
  const input = drop.querySelector("input[type=file]");
  input.addEventListener("change", () => {
    const [file] = input.files;
    drop.querySelector("[data-drop-name]").textContent = [...input.files].map((one) => one.name).join(", ");
    if (!file || !file.type.startsWith("image/")) return;
    const picture = drop.querySelector(".pic img");
    const address = URL.createObjectURL(file);
    picture.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
    picture.src = address;
  });
}

// What is shown once can be taken along with one tap, where the browser lets it.
function armCopy(button) {
  if (!navigator.clipboard || !fresh(button)) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.querySelector("span").textContent = button.dataset.done;
  });
}

function arm(root) {
  root.querySelectorAll("[data-toast]").forEach(armToast);
  root.querySelectorAll("[data-stepper]").forEach(armStepper);
  root.querySelectorAll("[data-drop]").forEach(armDrop);
  root.querySelectorAll("[data-copy]").forEach(armCopy);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const sheet = document.getElementById(opener.dataset.open);
    if (sheet?.showModal) { event.preventDefault(); sheet.showModal(); }
    return;
  }
  const closer = event.target.closest("dialog[open] [data-close]");
  if (closer) { event.preventDefault(); closer.closest("dialog").close(); return; }
  if (event.target instanceof HTMLDialogElement && event.target.classList.contains("sheet")) event.target.close();
  if (event.target.closest("[data-print]")) window.print();
});

function rest(root) {
  root.querySelectorAll("[aria-busy=true]").forEach((busy) => busy.removeAttribute("aria-busy"));
}

// A form is sent once: the button shows that work goes on, and a second press waits for the first answer,
// ten seconds at most (a download never leaves the page).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.matches("[data-no-busy], dialog form[method=dialog]")) return;
  if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
  form.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => rest(form.parentElement ?? document), 10_000);
});

// What this device keeps for somebody (a form that was begun, the counter's day) goes with her. The page after is surely
// opened, where this one may be gone before the device is done. The counter's scans are no such thing: they stay until
// the server has them.
document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/log-out")) localStorage.setItem("forget", "drafts");
});
try {
  if (localStorage.getItem("forget")) {
    indexedDB.deleteDatabase("movilab-day");
    indexedDB.deleteDatabase("movilab").onsuccess = () => localStorage.removeItem("forget");
  } else if (Number(localStorage.getItem("movilab-day-ends") ?? Infinity) < Date.now()) {
    indexedDB.deleteDatabase("movilab-day").onsuccess = () => localStorage.removeItem("movilab-day-ends");
  }
} catch { /* a browser that keeps nothing */ }

// Coming back by the browser's arrow shows the page as it was: ready again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) rest(document);
});

document.addEventListener("htmx:load", (event) => arm(event.detail.elt));
arm(document);
document.querySelectorAll("#toasts:not(:empty)").forEach(announceToasts);
document.querySelector("[data-focus]")?.focus();
