// "Near me" and "here is my home": the phone says where it is, rounded to about 100 m before anything leaves it.

const rounded = (degrees) => degrees.toFixed(3);

function askWhere(button, use) {
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => use(rounded(coords.latitude), rounded(coords.longitude)),
    () => {
      button.removeAttribute("aria-busy");
      const said = document.getElementById(button.getAttribute("aria-describedby"));
      if (said) said.hidden = false;
      else button.hidden = true;
    },
    { maximumAge: 300_000, timeout: 10_000 },
  );
}

if ("geolocation" in navigator) {
  // A link to the same list, around here.
  document.querySelectorAll("button[data-near]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => askWhere(button, (lat, lon) => {
      const target = new URL(button.dataset.near, location.href);
      target.searchParams.set("near", `${lat},${lon}`);
      location.assign(target);
    }));
  });
  // A form whose two fields are filled in and sent.
  document.querySelectorAll("button[data-here]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => askWhere(button, (lat, lon) => {
      const { form } = button;
      form.elements.lat.value = lat;
      form.elements.lon.value = lon;
      form.requestSubmit();
    }));
  });
}
