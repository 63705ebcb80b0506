// Sounds: rising is lent, one note is returned, two low ones stop, a chime keeps something aside. None is the only sign.

const TUNES = {
  lent: [[523, 0, 0.12], [784, 0.12, 0.2]],
  returned: [[659, 0, 0.22]],
  stop: [[196, 0, 0.18], [165, 0.22, 0.3]],
  keep: [[784, 0, 0.5], [1047, 0.14, 0.5], [1319, 0.28, 0.7]],
};
const desk = document.getElementById("desk");
let ears = null;

function muted() {
  try { return localStorage.getItem("counter-muted") === "yes"; } catch { return false; }
}

function mute(quiet) {
  try { localStorage.setItem("counter-muted", quiet ? "yes" : "no"); } catch { /* private windows forget */ }
}

export function play(tune) {
  const notes = TUNES[tune];
  if (!notes || muted() || !window.AudioContext) return;
  ears ??= new AudioContext();
  if (ears.state === "suspended") ears.resume();
  for (const [pitch, start, length] of notes) sound(tune, pitch, ears.currentTime + start, length);
  desk.dataset.played = tune;
}

function sound(tune, pitch, at, length) {
  const note = ears.createOscillator();
  const loud = ears.createGain();
  note.type = tune === "stop" ? "square" : "sine";
  note.frequency.value = pitch;
  loud.gain.setValueAtTime(0.0001, at);
  loud.gain.exponentialRampToValueAtTime(tune === "stop" ? 0.12 : 0.25, at + 0.015);
  loud.gain.exponentialRampToValueAtTime(0.0001, at + length);
  note.connect(loud).connect(ears.destination);
  note.start(at);
  note.stop(at + length + 0.05);
}

// The button that silences them, and remembers it.
export function offer(button, afterwards) {
  const showState = () => {
    const on = !muted();
    button.setAttribute("aria-pressed", String(on));
    button.querySelector("[data-on]").toggleAttribute("hidden", !on);
    button.querySelector("[data-off]").toggleAttribute("hidden", on);
  };
  button.hidden = false;
  showState();
  button.addEventListener("click", () => {
    mute(!muted());
    showState();
    play("returned");
    afterwards();
  });
}
