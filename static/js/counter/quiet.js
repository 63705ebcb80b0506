// A minute without anybody: the person leaves the screen, and names are covered until somebody is there again.

const REST = 60_000; // a minute without a hand on the keyboard
const REFRESH = 300_000;

let rest = 0;
let covered = false;
let leave = async () => false;

// `clearDesk` asks for the desk without anybody, and says whether that could be done now.
export function watch(clearDesk) {
  leave = clearDesk;
  for (const sign of ["keydown", "pointerdown", "pointermove"]) document.addEventListener(sign, wake, { passive: true });
  wake();
}

export function wake() {
  clearTimeout(rest);
  rest = setTimeout(sleep, REST);
  if (covered) cover(false);
}

function cover(hidden) {
  covered = hidden;
  document.querySelectorAll("#desk [data-who]").forEach((name) => { name.hidden = hidden; });
}

async function sleep() {
  if (!await leave()) { wake(); return; }
  cover(true);
  clearTimeout(rest);
  rest = setTimeout(sleep, REFRESH); // today goes on while nobody is there
}
