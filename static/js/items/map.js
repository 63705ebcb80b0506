// The map of what was found: drawn from the list beside it, so that both always show the same objects. Objects of one
// place are one door with their numbers; doors that stand close are gathered until one looks closer.

const MAX_ZOOM = 17;
const NEAREST = 15; // one object alone is not looked at closer than this
const ROOM = 7; // so many characters of numbers stand on a door; beyond that their count

// Leaflet and its clusters come when the first map is drawn; its sheet stands before the house's own.
function arrived(element) {
  return new Promise((done, failed) => { Object.assign(element, { onload: done, onerror: failed }); });
}

async function load({ style, script }) {
  if (window.L?.markerClusterGroup) return window.L;
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
  const code = Object.assign(document.createElement("script"), { src: script });
  const both = Promise.all([arrived(sheet), arrived(code)]);
  document.head.prepend(sheet);
  document.head.append(code);
  await both;
  return window.L;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// Rows of the list by the place that is published of them.
function places(list) {
  const found = new Map();
  [...list.children].forEach((row, at) => {
    const { lat, lon, wide } = row.dataset;
    const key = `${lat},${lon},${wide}`;
    if (!found.has(key)) found.set(key, { lat: Number(lat), lon: Number(lon), wide: Number(wide), rows: [] });
    found.get(key).rows.push({ row, number: at + 1 });
  });
  return [...found.values()];
}

const titleOf = (row) => row.querySelector("h3 a");

// What opens at a door: the same words as in the list.
function contents({ rows }, words) {
  const box = document.createElement("div");
  if (rows.length > 1) box.append(element("p", "pop-h", words.several.replace("#", rows.length)));
  const list = document.createElement("ul");
  for (const { row, number } of rows) {
    const line = document.createElement("li");
    const link = titleOf(row).cloneNode(true);
    line.append(element("span", "pinno", number), link, row.querySelector(".meta").cloneNode(true), row.querySelector(".tag").cloneNode(true));
    list.append(line);
  }
  box.append(list);
  return box;
}

function door(L, map, place, words) {
  const { rows } = place;
  const numbers = rows.map(({ number }) => number).join("·");
  const text = numbers.length > ROOM ? `×${rows.length}` : numbers;
  const icon = L.divIcon({ className: "pin", html: element("span", "", text), iconSize: null });
  const label = rows.length === 1 ? titleOf(rows[0].row).textContent : words.several.replace("#", rows.length);
  const marker = L.marker([place.lat, place.lon], { icon, keyboard: true, title: label, count: rows.length });
  marker.bindPopup(() => contents(place, words), { maxHeight: 220, minWidth: 220, maxWidth: 270, className: "pop" });
  const circle = place.wide && L.circle([place.lat, place.lon], { radius: place.wide / 2, className: "zone", interactive: false });
  marker.on("add", () => {
    marker.getElement().setAttribute("aria-label", label);
    if (circle) circle.addTo(map);
  });
  marker.on("remove", () => circle && circle.remove());
  return marker;
}

function gathered(L, words) {
  return L.markerClusterGroup({
    maxClusterRadius: 80, // no door stands in front of another
    showCoverageOnHover: false,
    spiderfyOnMaxZoom: true,
    animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    iconCreateFunction(cluster) {
      const number = cluster.getAllChildMarkers().reduce((sum, marker) => sum + marker.options.count, 0);
      const html = document.createElement("span");
      html.append(number, element("span", "vh", ` ${words.zoom.replace("#", "").trim()}`));
      return L.divIcon({ className: `pin many${number > 99 ? " lots" : ""}`, html, iconSize: null });
    },
  });
}

// Draw it; what comes back can be removed when the list is another one.
export async function draw(root) {
  const ground = root.querySelector(".map");
  const words = root.querySelector("[data-words]").dataset;
  const list = root.querySelector("#results");
  const L = await load(root.dataset);
  ground.hidden = false;
  const map = L.map(ground, { maxZoom: MAX_ZOOM, minZoom: 2, zoomControl: false, worldCopyJump: true, scrollWheelZoom: true });
  L.control.zoom({ position: "bottomleft", zoomInTitle: words.in, zoomOutTitle: words.out }).addTo(map);
  map.attributionControl.setPrefix(false);
  if (root.dataset.tiles) {
    const attribution = root.querySelector("[data-credit]").innerHTML;
    L.tileLayer(root.dataset.tiles, { maxZoom: MAX_ZOOM, attribution }).addTo(map);
  }
  const doors = gathered(L, words);
  const found = places(list);
  doors.addLayers(found.map((place) => door(L, map, place, words)));
  const bounds = L.latLngBounds(found.map(({ lat, lon }) => [lat, lon]));
  if (root.dataset.here) {
    const here = root.dataset.here.split(",").map(Number);
    bounds.extend(here);
    L.marker(here, { icon: L.divIcon({ className: "here", iconSize: null }), interactive: false, keyboard: false, alt: words.here, zIndexOffset: -1000 }).addTo(map);
  }
  map.fitBounds(bounds, { padding: [36, 36], maxZoom: NEAREST });
  map.addLayer(doors);
  armKeyboard(map, words);
  root.dataset.drawn = found.reduce((sum, { rows }) => sum + rows.length, 0);
  return map;
}

// A door that was opened with a key hands the focus to its first object, and takes it back when it is closed.
function armKeyboard(map, words) {
  let opener = null;
  const ground = map.getContainer();
  ground.addEventListener("pointerdown", () => { opener = null; }, true);
  ground.addEventListener("keydown", ({ key, target }) => {
    if (key === "Enter" && target.matches(".pin")) opener = target;
  }, true);
  map.on("popupopen", ({ popup }) => {
    const box = popup.getElement();
    box.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", words.close);
    if (opener) box.querySelector("li a")?.focus({ preventScroll: true });
  });
  map.on("popupclose", () => {
    if (opener?.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  });
  ground.addEventListener("keydown", ({ key }) => { if (key === "Escape") map.closePopup(); });
}
