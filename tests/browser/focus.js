// Walk through everything that takes the keyboard's focus: a ring is seen on it, and nothing lies over it.
() => {
  const wrong = [];
  const name = (el) => `<${el.tagName.toLowerCase()}> "${(el.getAttribute("aria-label") || el.textContent || el.name || "").trim().replace(/\s+/g, " ").slice(0, 40)}"`;
  const ring = (el) => {
    const drawn = (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
    return drawn(getComputedStyle(el)) || (getComputedStyle(el, "::after").content !== "none" && drawn(getComputedStyle(el, "::after")));
  };
  const seen = (el) => {
    const boxes = [...el.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    return boxes.some((box) => [0.5, 0.2, 0.8].some((part) => [0.5, 0.1, 0.9].some((along) => {
      const at = document.elementFromPoint(box.left + box.width * along, box.top + box.height * part);
      return at && (at === el || el.contains(at) || at.contains(el));
    })));
  };
  const takers = "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select, textarea, summary, [tabindex='0']";
  for (const el of document.querySelectorAll(takers)) {
    if (!el.checkVisibility({ checkVisibilityCSS: true }) || el.closest("dialog:not([open])")) continue;
    el.focus();
    if (document.activeElement !== el) continue;
    if (!el.matches(":focus-visible")) { wrong.push(`${name(el)}: the keyboard's focus is not :focus-visible`); continue; }
    const label = el.closest("label") ?? el.labels?.[0];
    const holders = [el, label, el.nextElementSibling, el.parentElement].filter(Boolean);
    if (!holders.some(ring)) wrong.push(`${name(el)}: no ring`);
    const small = el.getBoundingClientRect();
    const there = small.width < 3 || getComputedStyle(el).opacity === "0" ? label ?? el.parentElement : el;
    if (!seen(there)) wrong.push(`${name(el)}: hidden behind something while focused`);
  }
  window.scrollTo(0, 0);
  return wrong;
}
