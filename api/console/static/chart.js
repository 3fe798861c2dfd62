// The fan as uPlot draws it, read from the table beside it; and what another stock size would do,
// guessed between the sizes that were judged, until the service judges it exactly.
"use strict";

(() => {
  const colour = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const said = getComputedStyle(probe).color;
    probe.remove();
    return said;
  };
  const number = (text) => (text.trim() === "" ? null : Number(text.replaceAll(",", "").replace("−", "-")));
  const HOUR = 3600;
  const LEFT = 46;

  function figures(figure) {
    const rows = [...figure.querySelectorAll("[data-hour]")];
    const column = (n) => rows.map((row) => number(row.cells[n].textContent));
    const hours = rows.map((row) => Number(row.dataset.hour) + HOUR / 2);
    return { hours, names: rows.map((row) => row.cells[0].textContent), p10: column(1), p50: column(2), p90: column(3), sold: column(4), views: column(5) };
  }

  function marks(figure) {
    const [from, to] = figure.dataset.live.split(",").map(Number);
    const videos = [...figure.querySelectorAll("[data-video]")].map((one) => Number(one.dataset.video));
    return { now: Number(figure.dataset.at), from, to, videos };
  }

  function draw(figure) {
    const told = figures(figure);
    const { now, from, to, videos } = marks(figure);
    const zone = figure.dataset.zone;
    const dots = devicePixelRatio;
    const [soft, line, ink, signal, good] = ["soft", "line", "ink", "signal", "good"].map(colour);
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const box = figure.querySelector(".plot");
    const says = box.querySelector(".told");
    figure.classList.add("drawn");
    const width = box.clientWidth;
    const local = (at) => uPlot.tzDate(new Date(at * 1e3), zone);
    const days = (_, splits) => splits.map((at) => {
      const day = local(at);
      return day.getHours() ? `${String(day.getHours()).padStart(2, "0")}:00` : `${["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][day.getDay()]} ${day.getDate()}`;
    });
    const upright = (u, at, colour, dash, label) => {
      if (at < u.scales.x.min || at > u.scales.x.max) return;
      const [x, { top, height }] = [u.valToPos(at, "x", true), u.bbox];
      const pen = u.ctx;
      pen.save();
      pen.strokeStyle = pen.fillStyle = colour;
      pen.lineWidth = 1.4 * dots;
      pen.setLineDash(dash.map((n) => n * dots));
      pen.beginPath();
      pen.moveTo(x, top);
      pen.lineTo(x, top + height);
      pen.stroke();
      pen.font = `600 ${11 * dots}px Inter, sans-serif`;
      pen.textAlign = "center";
      if (label) pen.fillText(label, x, top - 4 * dots);
      pen.restore();
    };
    const overlay = (labels) => (u) => {
      for (const at of videos) upright(u, at, signal, [], labels ? "▶" : "");
      upright(u, now, ink, [3, 3], labels ? "now" : "");
      if (!labels) return;
      const [a, b] = [Math.max(from, u.scales.x.min), Math.min(to, u.scales.x.max)];
      if (b <= a) return;
      const [x, y] = [u.valToPos(a, "x", true), u.bbox.top + u.bbox.height - 4 * dots];
      u.ctx.fillStyle = good;
      u.ctx.fillRect(x, y, u.valToPos(b, "x", true) - x, 4 * dots);
    };
    const say = (u) => {
      const at = u.cursor.idx;
      if (at == null) return says.replaceChildren();
      const part = (name, value) => {
        const one = document.createElement("span");
        const figure = document.createElement("b");
        figure.textContent = value;
        one.append(`${name} `, figure);
        return one;
      };
      const parts = [part("", told.names[at])];
      if (told.p50[at] != null) parts.push(part("P50", told.p50[at].toFixed(1)), part("P10–P90", `${told.p10[at].toFixed(1)}–${told.p90[at].toFixed(1)}`));
      if (told.sold[at] != null) parts.push(part("ordered", told.sold[at]), part("views", told.views[at].toLocaleString("en")));
      says.replaceChildren(...parts);
    };
    const shared = { width, legend: { show: false }, tzDate: local, padding: [16, 8, 0, 0] };
    const grid = { stroke: line, width: 1 };
    const side = { stroke: soft, grid, ticks: { show: false }, font, size: LEFT, gap: 4 };
    const cursor = { y: false, drag: { x: false, y: false }, sync: { key: figure.dataset.at + told.hours.length + figure.querySelector("caption").textContent }, points: { size: 6 } };
    const zero = (_, low, high) => [0, Math.max(high * 1.06, 1)];
    const orders = new uPlot({
      ...shared,
      height: 204,
      cursor,
      scales: { y: { range: zero } },
      series: [
        {},
        { points: { show: false } },
        { points: { show: false } },
        { stroke: colour("median"), width: 2, points: { show: false } },
        { stroke: colour("sold"), width: 1.8, points: { show: false } },
      ],
      bands: [{ series: [2, 1], fill: colour("band") }],
      axes: [{ stroke: soft, grid, ticks: { show: false }, font, values: days, incrs: [6, 12, 24, 48].map((n) => n * HOUR), space: 56, size: 24, gap: 4 }, side],
      hooks: { draw: [overlay(true)], setCursor: [say] },
    }, [told.hours, told.p10, told.p90, told.p50, told.sold], box.querySelector("[data-orders]"));
    const views = new uPlot({
      ...shared,
      padding: [6, 8, 4, 0],
      height: 70,
      cursor,
      scales: { y: { range: zero } },
      series: [{}, { stroke: signal, fill: signal.replace("rgb(", "rgba(").replace(")", ", 0.55)"), width: 1, points: { show: false } }],
      axes: [{ show: false }, { ...side, values: (_, splits) => splits.map((n) => (n >= 1000 ? `${n / 1000}k` : n)), space: 24 }],
      hooks: { draw: [overlay(false)], setCursor: [say] },
    }, [told.hours, told.views.map((n, at) => (told.sold[at] == null ? null : n))], box.querySelector("[data-views]"));
    new ResizeObserver(() => {
      const wide = box.clientWidth;
      if (!wide || wide === orders.width) return;
      orders.setSize({ width: wide, height: 204 });
      views.setSize({ width: wide, height: 70 });
    }).observe(box);
    return () => {
      orders.destroy();
      views.destroy();
    };
  }

  const drawn = new Map();
  const begin = (figure) => {
    if (!drawn.has(figure)) drawn.set(figure, draw(figure));
  };
  for (const figure of document.querySelectorAll("[data-fan]")) {
    const sheet = figure.closest("details");
    if (sheet.open) begin(figure);
    sheet.addEventListener("toggle", () => sheet.open && begin(figure));
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const [figure, end] of drawn) {
      end();
      drawn.set(figure, draw(figure));
    }
  });

  // Another stock size

  const form = document.querySelector("[data-try]");
  const points = form ? JSON.parse(form.dataset.try) : [];
  if (points.length < 2) return;
  const fields = [...form.querySelectorAll("[data-units]")];
  const slide = form.querySelector("[type=range]");
  const path = document.querySelector("#stakes .tried");
  const proposed = Number(slide.value);
  form.querySelector("[data-scripted]").hidden = false;

  function guess(units) {
    const above = Math.max(1, points.findIndex(([size]) => size >= units));
    const [low, high] = [points[above - 1], points[above]];
    const part = (units - low[0]) / (high[0] - low[0] || 1);
    return [1, 2, 3].map((n) => low[n] + part * (high[n] - low[n]));
  }

  function tell(units) {
    const [least, most] = [points[0][0], points.at(-1)[0]];
    const out = form.querySelector("[data-try-says]");
    form.querySelector("[data-try-units]").textContent = units.toLocaleString("en");
    path?.setAttribute("d", units === proposed || units < least || units > most ? "" : ["30 V136", "172 V256"].map((part) => `M${58 + ((units - least) / (most - least)) * 308},${part}`).join(" "));
    if (units < least || units > most) {
      out.textContent = `Judged sizes run from ${least.toLocaleString("en")} to ${most.toLocaleString("en")}: no estimate here.`;
      return;
    }
    const [gain, chance, tail] = guess(units);
    const money = new Intl.NumberFormat("en", { style: "currency", currency: form.dataset.currency, maximumFractionDigits: 0 }).format(gain / 100);
    out.textContent = `Estimate: gain ${money}, chance of a loss ${Math.round(100 * chance)} %, tail ${String(Math.round(100 * tail)).replace("-", "−")} % of the cash at risk.`;
  }

  slide.addEventListener("input", () => {
    const part = Number(slide.value) / (proposed || 1);
    for (const field of fields) field.value = Math.round(Number(field.dataset.units) * part);
    tell(Number(slide.value));
  });
  form.addEventListener("input", (event) => {
    if (event.target === slide) return;
    const units = fields.reduce((sum, field) => sum + (Number(field.value) || 0), 0);
    slide.value = units;
    tell(units);
  });
  tell(proposed);
})();
