// Packing lists: a tap ticks a line at once and is kept by the house, so that every phone shows it. Without this script
// each tap is a form that comes back to its crate.

const counted = document.querySelector("[data-packed]");

function show(form, packed) {
  const button = form.querySelector("button");
  const before = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", String(packed));
  form.elements.packed.value = packed ? "0" : "1";
  if (counted && before !== packed) counted.textContent = Number(counted.textContent) + (packed ? 1 : -1);
}

async function keep(form) {
  const packed = form.elements.packed.value === "1";
  const body = new URLSearchParams(new FormData(form));
  show(form, packed);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "fetch" },
      credentials: "same-origin",
    });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    show(form, !packed); // not kept: the tick goes, so that nobody believes it
    form.submit();
  }
}

for (const form of document.querySelectorAll("form[data-pack]")) {
  form.dataset.noBusy = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(form);
  });
}
