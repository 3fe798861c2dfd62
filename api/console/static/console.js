// What scripts add to pages that are whole without them: ticking clocks, keys, fresh news, and a
// word before a form is sent into the void.
"use strict";

const body = document.body;
const ahead = Date.parse(body.dataset.now) - Date.now();
const now = () => Date.now() + ahead;

// Clocks

function span(ms) {
  const s = Math.floor(Math.abs(ms) / 1000);
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (d) return `${d} d ${h} h`;
  if (h) return `${h} h ${String(m).padStart(2, "0")} min`;
  return m >= 2 || (m && s % 60 === 0) ? `${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
}

function tick() {
  for (const one of document.querySelectorAll("[data-until]")) {
    const left = Date.parse(one.dataset.until) - now();
    const gone = left > -60_000 ? -left : Math.floor(-left / 60_000) * 60_000; // what is past is told by whole minutes
    const said = left > 0 ? `in ${span(left)}` : one.dataset.over || `${span(gone)} ago`;
    if (one.textContent !== said) one.textContent = said;
    if (left <= 0 && one.dataset.hides) document.getElementById(one.dataset.hides)?.remove();
  }
  for (const one of document.querySelectorAll("[data-ring]")) {
    const left = Math.max(0, (Date.parse(one.dataset.ring) - now()) / 1000 / one.dataset.of);
    one.setAttribute("stroke-dasharray", `${100 * left} 100`);
  }
}
// The page says times in the market's zone; who points at one reads it in the zone of this machine.
const here = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
document.addEventListener("pointerover", (event) => {
  const [time, mark] = ["time", ".marks li"].map((kind) => event.target.closest?.(kind));
  if (time) time.title = `${here.format(new Date(time.dateTime))} where you are`;
  if (mark) mark.title = mark.textContent;
});
tick();
setInterval(tick, 1000);

// Keys

let chosen = null;
const rows = () => [...document.querySelectorAll("[data-row]")];
const marked = () => document.querySelector("[data-row].here");

function choose(row) {
  marked()?.classList.remove("here");
  row?.classList.add("here");
  chosen = row?.dataset.row ?? null;
  document.dispatchEvent(new CustomEvent("row", { detail: chosen }));
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(marked()) + step))] || all[0];
  choose(next);
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const seen = (one) => one.checkVisibility?.() ?? one.offsetParent !== null;

function press(key) {
  const wanted = `[data-key~="${CSS.escape(key)}"]`;
  const mine = [...(marked()?.querySelectorAll(wanted) ?? [])].find(seen);
  const found = mine || [...document.querySelectorAll(wanted)].find((one) => !one.closest("[data-row]") && seen(one));
  if (!found) return false;
  if (found.matches("input, select, textarea")) found.focus();
  else if (found.matches("summary")) reveal(found.parentElement);
  else found.click();
  return true;
}

function reveal(details) {
  details.open = true;
  details.querySelector("select, textarea, input:not([type=hidden])")?.focus();
}

function show(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
  return dialog;
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return palette();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const open = document.querySelector(".say[open], .do details[open]");
    if (typing) event.target.blur();
    if (open) open.open = false;
    open?.querySelector("summary").focus();
    return;
  }
  if (typing || body.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (event.key === "Enter") {
    if (event.target !== body || !marked()) return;
    marked().querySelector("a")?.click();
  } else if (event.key === "?") show("help");
  else if (!press(event.key)) return;
  event.preventDefault();
});

document.querySelector("[data-help]")?.addEventListener("click", (event) => {
  event.preventDefault();
  show("help");
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".say[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

function unfold() {
  const wanted = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (wanted?.matches("[data-row]")) choose(wanted);
  const details = wanted?.closest("details");
  if (details) reveal(details);
}
addEventListener("hashchange", unfold);
unfold();

// A slider moves the number beside it, and the number the slider.
for (const slide of document.querySelectorAll("[data-slides]")) {
  const field = document.getElementById(slide.dataset.slides);
  slide.hidden = false;
  slide.addEventListener("input", () => { field.value = slide.value; });
  field.addEventListener("input", () => { if (field.value) slide.value = field.value; });
}

// Go to: every page that this one leads to, and every row on it.

function palette() {
  const dialog = show("palette");
  if (!dialog) return;
  const [field, list] = [dialog.querySelector("input"), dialog.querySelector("ul")];
  const goals = [...document.querySelectorAll(".bar nav a, .tabs a, [data-help], [data-row] a.thing, .routes th")]
    .filter((one) => one.textContent.trim() && !one.closest("thead"))
    .map((one) => ({ one, said: one.firstChild.textContent.trim(), more: one.closest("tr")?.querySelector("td")?.innerText ?? "" }));
  let at = 0;
  let shown = [];
  const draw = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    shown = goals.filter((goal) => words.every((word) => `${goal.said} ${goal.more}`.toLowerCase().includes(word))).slice(0, 40);
    at = Math.max(0, Math.min(at, shown.length - 1));
    list.replaceChildren(...shown.map((goal, n) => {
      const line = document.createElement("li");
      const more = document.createElement("small");
      line.id = `goal-${n}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(n === at));
      line.append(goal.said, more);
      more.textContent = goal.more.split("\n")[0];
      line.addEventListener("click", () => go(goal));
      return line;
    }));
    field.setAttribute("aria-activedescendant", shown.length ? `goal-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const go = (goal) => {
    dialog.close();
    goal.one.scrollIntoView({ block: "nearest" });
    goal.one.click();
  };
  field.value = "";
  field.oninput = () => { at = 0; draw(); };
  field.onkeydown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at += event.key === "ArrowDown" ? 1 : -1;
      draw();
    } else if (event.key === "Enter" && shown[at]) go(shown[at]);
    else return;
    event.preventDefault();
  };
  draw();
}

// Forms: a form that was sent once is not sent again by a second click, and none is sent while
// nobody answers, for then the browser would throw away what was typed.

const notice = document.getElementById("lost");

function say(words, link) {
  notice.replaceChildren(words);
  if (!link) return;
  const anchor = document.createElement("a");
  [anchor.href, anchor.textContent] = link;
  notice.append(" ", anchor);
}

async function answers() {
  try {
    return (await fetch("/console/static/icon.svg", { cache: "no-store", signal: AbortSignal.timeout(4000) })).ok;
  } catch {
    return false;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post") return;
  if (form.dataset.sent === "goes") {
    form.dataset.sent = "gone";
    return;
  }
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "asked";
  if (await answers()) {
    say("");
    form.dataset.sent = "goes";
    form.requestSubmit(event.submitter);
  } else {
    delete form.dataset.sent;
    say("The connection is lost. Nothing was sent, and what you typed is still here: send it again when this page says that it is live.");
  }
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// News: the feed says that something moved, and the part of the page that shows it is drawn anew,
// but not under the hands of somebody who types there.

const beat = document.querySelector(".beat");
if (beat) listen();

function listen() {
  const kinds = (beat.dataset.of ?? "").split(" ").filter(Boolean);
  let source = null;
  let waiting = null;
  let wasLost = false;
  const tell = (state, words) => {
    beat.dataset.state = state;
    beat.querySelector("span").textContent = words;
  };
  const signedOut = () => {
    source.close();
    tell("lost", "signed out");
    const back = encodeURIComponent(location.pathname + location.search);
    say("Your session is over. Nothing was done: sign in, and do it again.", [`/console/sign-in?back=${back}`, "Sign in"]);
  };
  const busy = () => document.querySelector(".do details[open]") !== null;
  const fresh = (after = 250) => {
    waiting ??= setTimeout(() => {
      waiting = null;
      if (busy()) fresh(1000);
      else body.dispatchEvent(new CustomEvent("news"));
    }, after);
  };
  const open = () => {
    source = new EventSource("/console/events");
    source.addEventListener("open", () => {
      tell("on", "live");
      say("");
      if (wasLost) fresh(0);
      wasLost = false;
    });
    source.addEventListener("error", () => {
      wasLost = true;
      tell("lost", "connection lost; trying again");
      if (source.readyState === EventSource.CLOSED) again();
    });
    source.addEventListener("news", (event) => {
      const type = event.data;
      if (!kinds.length || kinds.includes(type.split(".")[0])) fresh();
    });
  };
  const again = async () => {
    try {
      const answer = await fetch("/console/session", { redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect") return signedOut();
    } catch {
      // nobody answers yet
    }
    setTimeout(open, 3000);
  };
  document.addEventListener("htmx:after:swap", () => {
    tick();
    rows().find((one) => one.dataset.row === chosen)?.classList.add("here");
  });
  document.addEventListener("signed-out", signedOut);
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
  open();
}

document.addEventListener("click", (event) => {
  const row = event.target.closest?.(".routes [data-row]");
  if (row) choose(row);
});

body.dataset.ready = "yes";
