// Handing on the link of an object: by the phone's own sheet, else into the clipboard; else it stands there to be copied.

function arm(place) {
  const act = place.querySelector("[data-share-act]");
  const link = place.querySelector(".share-link");
  const said = place.querySelector("[data-share-said]");
  const { href } = link.querySelector("a");
  if (!navigator.share && !navigator.clipboard) return;
  act.hidden = false;
  link.hidden = true;
  act.addEventListener("click", async () => {
    said.textContent = "";
    try {
      if (navigator.share) await navigator.share({ title: place.dataset.share, url: href });
      else {
        await navigator.clipboard.writeText(href);
        said.textContent = place.dataset.copied;
      }
    } catch (error) {
      if (error.name !== "AbortError") link.hidden = false; // closing the sheet is no failure
    }
  });
}

document.querySelectorAll("[data-share]").forEach(arm);
