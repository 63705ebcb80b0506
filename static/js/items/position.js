// "Where I am": the phone says its place once, to three decimals (about 100 m), and the search opens there.

const button = document.querySelector("[data-position]");
const said = document.querySelector("[data-position-said]");

function open(position) {
  const { latitude, longitude } = position.coords;
  const address = new URL(button.dataset.position, location.href);
  address.searchParams.set("near", `${latitude.toFixed(3)},${longitude.toFixed(3)}`);
  location.assign(address);
}

function refused() {
  button.removeAttribute("aria-busy");
  said.textContent = said.dataset.refused;
}

if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    said.textContent = said.dataset.wait;
    navigator.geolocation.getCurrentPosition(open, refused, { maximumAge: 300_000, timeout: 15_000 });
  });
}
