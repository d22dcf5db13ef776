// Regions that come anew, and what a scanner types. Every form works without this file.
"use strict";

// Live regions: one stream for the page; what changed replaces what stood there.
(function live() {
  const sections = () => Array.from(document.querySelectorAll("[data-live]"));
  const line = document.getElementById("connection");
  if (sections().length === 0 || !window.EventSource) return;
  let source = null;
  let lost = false;
  let waiting = 0;
  // Whoever types inside a region, or has opened or selected something there, is not interrupted.
  const isBusy = (region) => {
    const active = document.activeElement;
    const types = active && region.contains(active) && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName);
    const marked = window.getSelection();
    const selects = marked && !marked.isCollapsed && region.contains(marked.anchorNode);
    return types || selects || region.dataset.paused === "yes";
  };
  const put = (region, told) => {
    const focused = region.contains(document.activeElement) ? document.activeElement : null;
    const key = focused && (focused.id || focused.getAttribute("href"));
    const open = new Set(Array.from(region.querySelectorAll("details[open][id]"), (one) => one.id));
    region.innerHTML = told.html;
    region.dataset.hash = told.hash;
    region.querySelectorAll("details[id]").forEach((one) => { if (open.has(one.id)) one.open = true; });
    if (key) {
      // The keyboard stays where it was.
      const again = Array.from(region.querySelectorAll("a[href], button, [id]")).find((one) => one.id === key || one.getAttribute("href") === key);
      if (again) again.focus({ preventScroll: true });
    }
    region.classList.remove("fresh");
    void region.offsetWidth;
    region.classList.add("fresh");
  };
  const kept = new Map();
  const show = (told) => {
    for (const region of sections()) {
      if (region.dataset.live !== told.id) continue;
      if (isBusy(region)) kept.set(told.id, told); else put(region, told);
    }
  };
  // What was held back is shown as soon as nobody is busy there.
  setInterval(() => {
    const held = Array.from(kept.values());
    kept.clear();
    held.forEach(show);
  }, 1000);
  const say = (words) => { line.textContent = words; line.hidden = false; };
  const open = (backAgain) => {
    const shown = new Map(sections().map((region) => [region.dataset.live, backAgain ? "" : region.dataset.hash || ""]));
    const list = (values) => encodeURIComponent(Array.from(values).join(","));
    source = new EventSource("/live?regions=" + list(shown.keys()) + "&have=" + list(shown.values()));
    source.addEventListener("region", (event) => show(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      lost = true;
      say(document.body.dataset.lost);
      // The browser tries again by itself unless it was refused.
      if (source.readyState !== EventSource.CLOSED) return;
      waiting = Math.min(30000, (waiting || 2500) * 2);
      fetch("/session").then((answer) => {
        if (answer.status === 401 || answer.redirected) say(document.body.dataset.over); else setTimeout(() => open(true), waiting);
      }, () => setTimeout(() => open(true), waiting));
    });
    source.addEventListener("open", () => {
      waiting = 0;
      if (!lost) return;
      lost = false;
      say(document.body.dataset.back);
      setTimeout(() => { if (!lost) line.hidden = true; }, 3000);
    });
  };
  // A page that is left gives its place back, and takes one again when it is gone back to.
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(true); });
  open(false);
})();

// A button that holds a region as it is, and lets it go on.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-pause]");
  if (!button) return;
  const region = document.getElementById(button.dataset.pause);
  const pauses = region.dataset.paused !== "yes";
  region.dataset.paused = pauses ? "yes" : "no";
  button.setAttribute("aria-pressed", String(pauses));
  button.textContent = pauses ? button.dataset.resume : button.dataset.hold;
});

// Buttons that print the page.
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});

// A session that is about to end says so in time; when it has ended, what was shown goes with it.
(function session() {
  const box = document.getElementById("ends");
  if (!box) return;
  const words = document.getElementById("ends-words");
  let until = Date.now() + Number(box.dataset.left) * 1000;
  let asked = 0;
  const warned = Math.min(120, Number(box.dataset.left) / 3);
  function leave() { location.assign("/sign-in?next=" + encodeURIComponent(location.pathname + location.search)); }
  // Another page of the same session may have prolonged it: the server knows. Asking is no sign of a person.
  async function ask(path, how) {
    try {
      const answer = await fetch(path, Object.assign({ redirect: "manual", cache: "no-store" }, how));
      if (answer.ok) until = Date.now() + (await answer.json()).left_s * 1000;
      else if (answer.status === 401 || answer.type === "opaqueredirect") leave();
    } catch (error) { /* No connection: asked again. */ }
  }
  box.querySelector("button").addEventListener("click", () => { ask("/session/stay", { method: "POST", headers: { "x-csrf-token": box.dataset.csrf } }); });
  setInterval(() => {
    const left = Math.round((until - Date.now()) / 1000);
    box.hidden = left > warned;
    if (box.hidden) return;
    words.textContent = box.dataset.words.replace("{n}", Math.max(0, left));
    if (Date.now() - asked > 5000) { asked = Date.now(); ask("/session", {}); }
  }, 1000);
})();
