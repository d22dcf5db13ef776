// Regions that come anew, and what a scanner types. Every form works without this file.
"use strict";

// Live regions: one stream for the page; what changed replaces what stood there.
(function live() {
  const regions = Array.from(document.querySelectorAll("[data-live]"));
  if (regions.length === 0 || !window.EventSource) return;
  const names = Array.from(new Set(regions.map((region) => region.dataset.live)));
  const line = document.getElementById("connection");
  let lost = false;
  const source = new EventSource("/live?regions=" + encodeURIComponent(names.join(",")));
  source.addEventListener("region", (event) => {
    const told = JSON.parse(event.data);
    for (const region of document.querySelectorAll("[data-live]")) {
      if (region.dataset.live !== told.id) continue;
      // Whoever types inside a region is not interrupted.
      if (region.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) continue;
      region.innerHTML = told.html;
      region.classList.remove("fresh");
      void region.offsetWidth;
      region.classList.add("fresh");
    }
  });
  source.addEventListener("error", () => { lost = true; line.textContent = document.body.dataset.lost; line.hidden = false; });
  source.addEventListener("open", () => { if (lost) { lost = false; line.textContent = document.body.dataset.back; setTimeout(() => { line.hidden = true; }, 3000); } });
})();

// Buttons that print the page.
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});
