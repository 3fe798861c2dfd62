// What scripts add to pages that are whole without them: ticking clocks, keys, and fresh news.
"use strict";

const body = document.body;
const ahead = Date.parse(body.dataset.now) - Date.now();
const now = () => Date.now() + ahead;

function span(ms) {
  const s = Math.floor(Math.abs(ms) / 1000);
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (d) return `${d} d ${h} h`;
  if (h) return `${h} h ${String(m).padStart(2, "0")} min`;
  return m >= 2 ? `${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
}

function tick() {
  for (const one of document.querySelectorAll("[data-until]")) {
    const left = Date.parse(one.dataset.until) - now();
    const said = left > 0 ? `in ${span(left)}` : one.dataset.over || `${span(left)} ago`;
    if (one.textContent !== said) one.textContent = said;
    if (left <= 0 && one.dataset.hides) document.getElementById(one.dataset.hides)?.remove();
  }
}
tick();
setInterval(tick, 1000);

// Keys

let chosen = null;
const rows = () => [...document.querySelectorAll("[data-row]")];
const here = () => document.querySelector("[data-row].here");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(here());
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))] || all[0];
  all.forEach((one) => one.classList.toggle("here", one === next));
  chosen = next.dataset.row;
  next.querySelector("a")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const found = here()?.querySelector(`[data-key="${key}"]`)
    || [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => !one.closest("[data-row]"));
  if (!found) return false;
  if (found.matches("input, select, textarea")) found.focus();
  else if (found.matches("summary")) {
    found.parentElement.open = true;
    found.parentElement.querySelector("select, textarea, input:not([type=hidden])")?.focus();
  } else found.click();
  return true;
}

function help() {
  const dialog = document.getElementById("help");
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select, textarea");
  if (typing && event.key === "Escape") return event.target.blur();
  if (typing || body.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (event.key === "Enter") {
    if (event.target !== body || !here()) return;
    here().querySelector("a")?.click();
  } else if (event.key === "?") help();
  else if (!press(event.key)) return;
  event.preventDefault();
});

document.querySelector("[data-help]")?.addEventListener("click", (event) => {
  event.preventDefault();
  help();
});

// A form that was sent once is not sent again by a second click.
document.addEventListener("submit", (event) => {
  if (event.target.method === "dialog") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// News: the feed says that something moved, and the part of the page that shows it is drawn anew.

const beat = document.querySelector(".beat");
if (beat) {
  const source = new EventSource("/console/events");
  let waiting = null;
  const said = (state, words) => {
    beat.dataset.state = state;
    beat.querySelector("span").textContent = words;
  };
  const fresh = () => {
    waiting ??= setTimeout(() => {
      waiting = null;
      body.dispatchEvent(new CustomEvent("news"));
    }, 700);
  };
  source.addEventListener("open", () => said("on", "live"));
  source.addEventListener("error", () => said("lost", "connection lost; trying again"));
  source.addEventListener("news", fresh);
  document.addEventListener("htmx:after:swap", () => {
    tick();
    rows().find((one) => one.dataset.row === chosen)?.classList.add("here");
  });
  addEventListener("pagehide", () => source.close());
}

body.dataset.ready = "yes";
