// A scanner types fast and ends with Enter, wherever the cursor stands.

const GAP = 100; // milliseconds between two keys of a scanner, at most
const SHORTEST = 6; // signs of a scan, at least
const SCANNED = /^.[-)6]|\/c\/|!c!/i; // a code or its link, also through the wrong layout

let burst = "";
let last = 0;
let before = null; // what stood in another field before the scanner typed into it

export function writable(element) {
  return element instanceof HTMLTextAreaElement
    || (element instanceof HTMLInputElement && ["text", "search", "number", "date"].includes(element.type));
}

// `scanned(code)` is called for each scan that does not go into `field` by itself.
export function listen(field, scanned) {
  document.addEventListener("keydown", (event) => hear(event, field, scanned), { capture: true });
}

function hear(event, field, scanned) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.timeStamp - last > GAP) { burst = ""; before = null; }
  if (event.key.length === 1) {
    if (burst === "" && event.target !== field && writable(event.target)) before = [event.target, event.target.value];
    burst += event.key;
    last = event.timeStamp;
    if (event.key === " " && burst.length > 1 && !writable(event.target)) event.preventDefault();
  } else if (event.key === "Enter") {
    if (burst.length >= SHORTEST && event.target !== field) end(event, scanned);
    burst = "";
  }
}

function end(event, scanned) {
  const [other, value] = before ?? [];
  if (other && !SCANNED.test(burst)) return; // quick hands in another field
  event.preventDefault();
  event.stopPropagation();
  if (other) other.value = value;
  scanned(burst);
}
