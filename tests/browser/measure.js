// Measures of a page that no checker knows. Returns sentences about what is wrong; an empty list is a good page.
({ language }) => {
  const wrong = [];
  const shown = (el) => el.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) && el.getClientRects().length > 0;
  const name = (el) => {
    const words = (el.getAttribute("aria-label") || el.textContent || el.name || "").trim().replace(/\s+/g, " ");
    return `<${el.tagName.toLowerCase()}${el.className ? "." + String(el.className).trim().replace(/\s+/g, ".") : ""}> "${words.slice(0, 40)}"`;
  };

  const h1 = document.querySelectorAll("h1").length;
  if (h1 !== 1) wrong.push(`${h1} h1`);
  if (!document.title.trim() || document.title.trim().startsWith("–")) wrong.push("no title");
  if (document.documentElement.lang !== language) wrong.push(`lang is ${document.documentElement.lang}`);

  // A link in the middle of a sentence is as high as its line; everything else is a target for a thumb.
  const inSentence = (el) => el.matches("a, button.linkish") && getComputedStyle(el).display === "inline"
    && (el.closest("p, li, td, dd, label, .meta")?.textContent.trim() ?? "") !== el.textContent.trim();
  const target = (el) => {
    const label = el.matches("input[type=checkbox], input[type=radio], input[type=file]") && (el.closest("label") ?? el.labels?.[0]);
    const box = (label || el).getBoundingClientRect();
    const after = getComputedStyle(el, "::after"); // a card's link covers the card
    if (after.position === "absolute" && after.content !== "none" && after.inset === "0px") {
      const card = el.offsetParent?.getBoundingClientRect();
      if (card) return card;
    }
    return box;
  };
  for (const el of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!shown(el) || el.matches(".skip") || inSentence(el)) continue;
    const box = target(el);
    const needed = document.body.matches(".counter") && el.matches("button, .btn, .icon-btn, [data-step]") ? 44 : 24;
    if (box.width < needed - 0.5 || box.height < needed - 0.5)
      wrong.push(`${name(el)} is ${Math.round(box.width)} × ${Math.round(box.height)}, wants ${needed}`);
  }

  for (const el of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    const labelled = el.labels?.length || el.getAttribute("aria-label") || el.getAttribute("aria-labelledby");
    if (!labelled && !el.matches("[type=submit], [type=button]")) wrong.push(`${name(el)} has no label`);
    const ids = (el.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean);
    for (const id of ids) if (!document.getElementById(id)) wrong.push(`${name(el)} is described by #${id}, which is not there`);
    if (el.getAttribute("aria-invalid") === "true" && !ids.length) wrong.push(`${name(el)} is wrong and does not say why`);
  }

  for (const el of document.querySelectorAll("form")) {
    const post = (el.getAttribute("method") ?? "get").toLowerCase() === "post";
    if (post && !el.querySelector("input[name=csrf_token]")) wrong.push(`${name(el)} has no csrf_token`);
    const send = [...el.querySelectorAll("button, input[type=submit]")].filter((b) => b.type === "submit" && !b.hidden);
    const outside = el.id ? document.querySelectorAll(`button[form="${el.id}"]`).length : 0;
    if (!send.length && !outside && !el.matches("[method=dialog]")) wrong.push(`${name(el)} cannot be sent without a script`);
  }

  for (const el of document.querySelectorAll("img")) {
    if (shown(el) && el.loading !== "lazy" && el.complete && el.naturalWidth === 0) wrong.push(`${el.src} is no picture`);
    if (!el.hasAttribute("alt")) wrong.push(`${el.src} has no alt`);
  }
  // A map places what it draws through the DOM, which the policy allows; nothing of it stands in the page that was sent.
  for (const el of document.querySelectorAll(":is([style], [onclick], [onchange], [onsubmit]):not(.leaflet-container, .leaflet-container *)")) wrong.push(`${name(el)} has inline style or script`);
  return wrong;
}
