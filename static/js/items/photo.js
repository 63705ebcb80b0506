// A photo leaves the phone as soon as it is chosen: made smaller first (its place stays at home), then sent in parts,
// so that a network that breaks off costs one part and not the photo. The form then carries a sign instead of a file.
// Where the browser cannot read it (HEIC on most), it is sent as it is and the site says what to do.
//
// A field tells what happens to it by events, for the page's own script to keep: photo:chosen {file},
// photo:begun {id}, photo:over. It hears photo:restore {file, id} and photo:clear.
// `data-state` is "", making, sending, waiting (for the network), sent or failed.

const PART = 128 * 1024; // bytes: a few seconds of a bad network
const SMALL_ENOUGH = 150_000; // bytes: not worth the work
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds until the next try, unless the network says that it is back
const PATIENCE = 30_000;

class Refused extends Error {} // the site read it, and says why not

const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
const mark = (sentence, value) => sentence.replace("##", value);

// ---- smaller

function encoded(canvas, type, quality) {
  return new Promise((done) => { canvas.toBlob((blob) => done(blob?.type === type ? blob : null), type, quality); });
}

async function smaller(file, width, height) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, width / picture.width, height / picture.height);
  if (scale === 1 && file.size < SMALL_ENOUGH) { picture.close(); return file; }
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = (await encoded(canvas, "image/webp", 0.85)) ?? (await encoded(canvas, "image/jpeg", 0.85));
  canvas.width = 0; // old phones keep the memory otherwise
  return blob && (scale < 1 || blob.size < file.size) ? new File([blob], `photo.${blob.type.slice(6)}`, { type: blob.type }) : file;
}

// ---- sent in parts

async function ask(address, options = {}) {
  const response = await fetch(address, {
    credentials: "same-origin",
    signal: AbortSignal.timeout?.(PATIENCE),
    ...options,
    headers: { Accept: "application/json", "X-CSRFToken": token(), ...options.headers },
  });
  if (response.status >= 500 || response.status === 429) throw new TypeError(`not now: ${response.status}`);
  return response;
}

// As far as it comes without a break; answers the photo that the site now keeps.
async function sendParts(field, file, progress, begun) {
  let upload = null;
  if (field.dataset.upload) {
    const known = await ask(`${field.dataset.uploads}/${field.dataset.upload}`);
    if (known.ok) upload = await known.json();
    if (upload?.length !== file.size) upload = null; // too old, or another photo's
  }
  if (!upload) {
    const made = await ask(field.dataset.uploads, { method: "POST", headers: { "Upload-Length": String(file.size) } });
    upload = await read(made);
    begun(upload.id);
  }
  const address = `${field.dataset.uploads}/${upload.id}`;
  while (!upload.photo) {
    progress(Math.floor((100 * upload.offset) / file.size));
    const part = await ask(address, {
      method: "PATCH",
      body: file.slice(upload.offset, upload.offset + PART, "application/octet-stream"),
      headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(upload.offset) },
    });
    upload = part.status === 409 ? await read(await ask(address)) : await read(part);
  }
  return upload.photo;
}

async function read(response) {
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Refused(Object.values(problem.errors ?? {}).flat()[0] ?? problem.detail ?? "");
}

function pause(tries) {
  return new Promise((done) => {
    const timer = setTimeout(done, PAUSES[Math.min(tries, PAUSES.length - 1)] * 1000);
    addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
  });
}

// ---- the field

function arm(field) {
  if (field.dataset.armed) return;
  field.dataset.armed = "yes";
  const inputs = [...field.querySelectorAll("input[type=file]")];
  const staged = field.querySelector("input[name=staged]");
  const picture = field.querySelector(".pic img");
  const said = field.querySelector("[data-said]");
  const error = field.querySelector(".errmsg");
  const empty = picture.getAttribute("src");
  let turn = 0; // another photo was chosen: what still runs for the one before ends in silence

  const tell = (name, detail) => field.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  const state = (name, sentence = "") => { field.dataset.state = name; said.textContent = sentence; };
  const fault = (sentence) => {
    error.hidden = !sentence;
    error.querySelector("span").textContent = sentence;
    field.classList.toggle("err", Boolean(sentence));
  };

  function look(file) {
    const address = URL.createObjectURL(file);
    const let_go = () => URL.revokeObjectURL(address);
    picture.addEventListener("load", let_go, { once: true });
    picture.addEventListener("error", () => { let_go(); picture.src = empty; }, { once: true });
    picture.src = address;
  }

  // The form itself carries the file until the site has it: without this script, and when parts do not arrive.
  function carry(file) {
    inputs.forEach((input) => { input.value = ""; });
    if (!file) return;
    const carrier = new DataTransfer();
    carrier.items.add(file);
    inputs[0].files = carrier.files;
  }

  async function send(file) {
    const mine = turn;
    for (let tries = 0; mine === turn; tries += 1) {
      try {
        state("sending", mark(field.dataset.sending, 0));
        const photo = await sendParts(
          field,
          file,
          (percent) => { if (mine === turn) { state("sending", mark(field.dataset.sending, percent)); tries = 0; } },
          (id) => { if (mine === turn) { field.dataset.upload = id; tell("photo:begun", { id }); } },
        );
        if (mine !== turn) return;
        staged.value = photo.staged;
        carry(null);
        state("sent", field.dataset.sent);
        tell("photo:over");
        return;
      } catch (problem) {
        if (mine !== turn) return;
        if (problem instanceof Refused) {
          delete field.dataset.upload;
          state("failed", problem.message ? "" : field.dataset.failed);
          if (problem.message) { fault(problem.message); carry(null); tell("photo:refused"); }
          tell("photo:over");
          return;
        }
        state("waiting", field.dataset.waiting);
        await pause(tries);
      }
    }
  }

  async function choose(file) {
    turn += 1;
    const mine = turn;
    delete field.dataset.upload;
    staged.value = "";
    fault("");
    look(file);
    state("making", field.dataset.making);
    let light = file;
    try { light = await smaller(file, Number(field.dataset.width), Number(field.dataset.height)); } catch { /* sent as it is */ }
    if (mine !== turn) return;
    carry(light);
    tell("photo:chosen", { file: light });
    await send(light);
  }

  inputs.forEach((input) => input.addEventListener("change", () => {
    const [file] = input.files;
    if (file) choose(file);
  }));
  field.addEventListener("photo:restore", (event) => {
    const { file, id } = event.detail;
    turn += 1;
    look(file);
    if (id) field.dataset.upload = id;
    carry(file);
    send(file);
  });
  field.addEventListener("photo:clear", () => {
    turn += 1;
    if (field.dataset.upload && !staged.value) ask(`${field.dataset.uploads}/${field.dataset.upload}`, { method: "DELETE" }).catch(() => {});
    delete field.dataset.upload;
    staged.value = "";
    carry(null);
    fault("");
    state("");
    picture.src = empty;
  });
}

const armAll = (root) => root.querySelectorAll("[data-photo]").forEach(arm);
document.addEventListener("htmx:load", (event) => armAll(event.detail.elt));
armAll(document);
