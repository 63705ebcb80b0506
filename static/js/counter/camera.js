// A phone's or a tablet's camera reads what a scanner would: with the browser's own reader where it has one, else with
// the vendored one, which is fetched only when a camera is asked for.

const EVERY = 120; // milliseconds between two looks
const WIDEST = 800; // pixels that are enough for a label held in front of the camera
const FORGET = 2_000; // a label that was out of sight for so long counts as shown anew

// `button` opens and closes the camera in `panel` (a video, and sentences for what can go wrong); `seen(code)` is
// called once for each label that is shown.
export function offer(button, panel, seen) {
  if (!navigator.mediaDevices?.getUserMedia) return; // no camera without https
  const video = panel.querySelector("video");
  let stop = null;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (stop) { stop(); return; }
    button.disabled = true; // until it is known whether there is a camera
    show(true);
    say(null);
    try {
      const end = await watch(video, button.dataset.reader, seen);
      stop = () => { end(); stop = null; show(false); };
    } catch (error) {
      video.hidden = true;
      button.setAttribute("aria-expanded", "false");
      say({ NotAllowedError: "refused", NotFoundError: "none" }[error.name] ?? "broken");
    }
    button.disabled = false;
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop?.(); });

  function show(on) {
    panel.hidden = !on;
    video.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
  }

  function say(fault) {
    panel.querySelectorAll("[data-fault]").forEach((one) => { one.hidden = one.dataset.fault !== fault; });
  }
}

// Looks until it is told to stop; answers how.
async function watch(video, reader, seen) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const end = () => stream.getTracks().forEach((track) => track.stop());
  try {
    video.srcObject = stream;
    await video.play();
    const look = await eye(reader);
    let going = true;
    const shown = new Map();
    const again = async () => {
      if (!going) return;
      const code = await look(video).catch(() => null);
      const now = performance.now();
      if (going && code && now - (shown.get(code) ?? -FORGET) >= FORGET) seen(code);
      if (code) shown.set(code, now);
      setTimeout(again, EVERY);
    };
    again();
    return () => { going = false; end(); video.srcObject = null; };
  } catch (error) {
    end();
    throw error;
  }
}

// What finds a code in the picture of a video, or null.
async function eye(reader) {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  await fetched(reader);
  const found = new window.ZXingBrowser.BrowserQRCodeReader();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    canvas.width = video.videoWidth * scale;
    canvas.height = video.videoHeight * scale;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    return found.decodeFromCanvas(canvas).getText(); // throws where there is none
  };
}

function fetched(address) {
  if (window.ZXingBrowser) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("no reader")));
    document.head.append(script);
  });
}
