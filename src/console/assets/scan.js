// What a scanner types: each scan gets its number and its place at once, is sent when its turn comes
// and answered by that number. There is no last scan.
"use strict";

// Sounds: right is one clear high tone that rises; wrong is low, rough and comes three times.
const sound = (function sounds() {
  let context = null;
  function tone(kind, from, to, at, lasts) {
    const now = context.currentTime + at;
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.type = kind;
    tone.frequency.setValueAtTime(from, now);
    tone.frequency.linearRampToValueAtTime(to, now + lasts);
    loudness.gain.setValueAtTime(0.0001, now);
    loudness.gain.exponentialRampToValueAtTime(0.4, now + 0.01);
    loudness.gain.exponentialRampToValueAtTime(0.0001, now + lasts);
    tone.connect(loudness).connect(context.destination);
    tone.start(now);
    tone.stop(now + lasts);
  }
  function ready() {
    if (!window.AudioContext) return false;
    context = context || new AudioContext();
    if (context.state === "suspended") context.resume();
    return true;
  }
  return {
    right() { if (ready()) tone("sine", 1100, 1500, 0, 0.14); },
    wrong() { if (ready()) for (const at of [0, 0.28, 0.56]) tone("square", 190, 150, at, 0.2); },
  };
})();

(function scanner() {
  const form = document.querySelector("[data-scan]");
  if (!form) return;
  const field = form.elements.text;
  const place = form.elements.position;
  const most = Number(form.dataset.positions);
  const region = document.getElementById("grid");
  const answer = document.getElementById("scan-answer");
  const bad = document.getElementById("scan-bad");
  const log = document.getElementById("scan-log");
  let sequence = Number(form.elements.sequence.value);
  let version = form.elements.version.value;
  let chosen = false;
  let busy = false;
  let over = false;
  const queue = [];

  function told(text, value) { return text.replace("%", () => value); }

  function used() {
    const places = Array.from(region.querySelectorAll("[data-used]"), (cell) => Number(cell.dataset.position));
    return new Set(places.concat(queue.map((scan) => Number(scan.position))));
  }

  // The place behind this one that nothing stands at and no scan is under way to.
  function behind(position) {
    const taken = used();
    for (let at = Number(position) + 1; at <= most; at += 1) if (!taken.has(at)) return String(at);
    for (let at = 1; at <= most; at += 1) if (!taken.has(at)) return String(at);
    return "";
  }

  function line(good, words, todo, text) {
    const line = document.createElement("p");
    line.className = "answer " + (good ? "good" : "bad");
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = good ? "✔" : "✖";
    const verdict = document.createElement("strong");
    verdict.textContent = good ? form.dataset.right : form.dataset.wrong;
    const number = document.createElement("span");
    number.className = "mono";
    number.textContent = good ? "" : text;
    line.append(mark, " ", verdict, " " + words + " " + todo + " ", number);
    return line;
  }

  // The answer in large; what is wrong stays until somebody says that it was put right.
  function show(good, words, todo, text) {
    answer.replaceChildren(line(good, words, todo, text));
    const entry = document.createElement("li");
    entry.append(line(good, words, todo, text));
    if (good) {
      log.hidden = false;
      const list = log.querySelector("ol");
      list.prepend(entry);
      while (list.children.length > 5) list.lastElementChild.remove();
      sound.right();
      return;
    }
    const seen = document.createElement("button");
    seen.type = "button";
    seen.className = "second";
    seen.textContent = form.dataset.seen;
    seen.addEventListener("click", () => {
      entry.remove();
      bad.hidden = bad.querySelector("li") === null;
      field.focus();
    });
    entry.append(seen);
    bad.hidden = false;
    bad.querySelector("ol").append(entry);
    sound.wrong();
  }

  function wait(text) {
    const line = document.createElement("p");
    line.className = "told warn";
    line.textContent = "… " + text;
    answer.replaceChildren(line);
  }

  function give_up(words) {
    over = true;
    for (const scan of queue.splice(0)) show(false, told(form.dataset.notSent, scan.text), "", scan.text);
    show(false, words, "", "");
  }

  // What was scanned under another state of the rack than the one on record is not put in.
  function drop_waiting() {
    for (const scan of queue.splice(0)) show(false, told(form.dataset.notSent, scan.text), "", scan.text);
  }

  async function ask(scan) {
    const body = new URLSearchParams({
      csrf: form.elements.csrf.value, page: form.elements.page.value, version: version,
      sequence: String(scan.sequence), position: scan.position, text: scan.text,
    });
    const reply = await fetch(form.action, {
      method: "POST", body: body, headers: { Accept: "application/json" }, redirect: "manual", credentials: "same-origin",
    });
    if (reply.type === "opaqueredirect" || reply.status === 401 || reply.status === 403) return "over";
    if (reply.status >= 400 && reply.status < 500) return "refused";
    if (!reply.ok) throw new Error(String(reply.status));
    return reply.json();
  }

  async function pump() {
    if (busy || over) return;
    busy = true;
    while (queue.length > 0 && !over) {
      const scan = queue[0];
      wait(told(form.dataset.waiting, scan.text));
      let said = null;
      try {
        said = await ask(scan);
      } catch (lost) {
        // Asked again under the same number: if it was put in, that is said.
        scan.tries = (scan.tries || 0) + 1;
        wait(form.dataset.lost);
        if (scan.tries === 1) sound.wrong();
        await new Promise((again) => setTimeout(again, Math.min(5000, 500 * scan.tries)));
        continue;
      }
      if (said === "over") { give_up(form.dataset.signedOut); break; }
      queue.shift();
      if (said === "refused") show(false, told(form.dataset.notSent, scan.text), "", scan.text);
      else take(said, scan);
    }
    busy = false;
  }

  function take(said, scan) {
    version = said.version;
    for (const held of document.querySelectorAll("[data-versioned] [name=version]")) held.value = version;
    region.innerHTML = said.html;
    show(said.good, said.words, said.todo, scan.text);
    if (said.stale) drop_waiting();
    if (queue.length === 0 && !chosen) place.value = said.next === null ? "" : String(said.next);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = "";
    field.focus();
    if (text === "" || over) return;
    const scan = { sequence: sequence, position: place.value.trim(), text: text };
    sequence += 1;
    queue.push(scan);
    chosen = false;
    place.value = behind(scan.position);
    pump();
  });

  place.addEventListener("input", () => { chosen = true; });
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); field.focus(); }
  });
  region.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("[data-place]") : null;
    if (!link) return;
    event.preventDefault();
    place.value = link.dataset.place;
    chosen = true;
    field.focus();
  });

  // Whatever the scanner types when nothing else is being typed into goes into the field.
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && at !== document.body && at.closest("input, select, textarea, button, a, [tabindex='0']");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
    field.focus();
  });
  window.addEventListener("beforeunload", (event) => { if (queue.length > 0) event.preventDefault(); });
  field.focus();
})();

// A file is read into the field that is sent.
(function files() {
  for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
  for (const chooser of document.querySelectorAll("input[type=file][data-reads]")) {
    chooser.addEventListener("change", async () => {
      const file = chooser.files[0];
      if (!file) return;
      const option = document.getElementById(chooser.dataset.layout).selectedOptions[0];
      const charset = (option && option.dataset.charset) || "utf-8";
      const bytes = await file.arrayBuffer();
      const into = document.getElementById(chooser.dataset.reads);
      document.getElementById(chooser.dataset.name).value = file.name;
      try {
        into.value = new TextDecoder(charset, { fatal: true }).decode(bytes);
        into.setCustomValidity("");
      } catch (error) {
        into.value = "";
        into.setCustomValidity(charset + "?");
        into.reportValidity();
      }
    });
  }
})();
