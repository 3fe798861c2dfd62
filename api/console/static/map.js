// The maps as MapLibre draws them, over the same ground and with the same shapes as the drawing
// that they take the place of. Where anything is missing (WebGL, the data, the library) the drawing
// stays.

const colour = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const said = getComputedStyle(probe).color;
  probe.remove();
  return said;
};
const NAMES = ["water", "land", "coast", "line-strong", "soft", "ink", "sheet", "accent", "good", "warn", "bad", "sold", "d1", "d2", "d3", "d4", "d5"];
const FONT = ["Inter", "sans-serif"];
const STRONG = ["Inter SemiBold", "sans-serif"];
const STAR = "M0,-9 l2.7,5.6 6.1,.8 -4.5,4.3 1.1,6.1 -5.4,-3 -5.4,3 1.1,-6.1 -4.5,-4.3 6.1,-.8 Z";
const RING = (r) => `M${-r},0 a${r},${r} 0 1,0 ${2 * r},0 a${r},${r} 0 1,0 ${-2 * r},0 Z`;

function shapes(c) {
  return {
    proposed: [STAR, c.sold, c.sheet],
    centre: ["M-5.5,-5.5 h11 v11 h-11 Z", c.ink, c.sheet],
    node: [RING(6), c.good, c.sheet],
    shelf: [RING(4), c.sheet, c.ink],
    standby: ["M0,-5.5 l5,9 h-10 Z", c.sheet, c.ink],
    lease: ["M0,-5.5 l5.5,5.5 -5.5,5.5 -5.5,-5.5 Z", c.sheet, c.ink],
    "stop-done": [RING(3.4), c.good, c.sheet],
    "stop-done-late": [RING(3.4), c.good, c.warn],
    "stop-next": [RING(4.4), c.accent, c.sheet],
    "stop-planned": [RING(3.2), c.sheet, c.soft],
    "stop-late": ["M0,-5 l4.5,8 h-9 Z", c.warn, c.sheet],
    "stop-failed": ["M0,-5 l4.5,8 h-9 Z", c.bad, c.sheet],
  };
}

function paint(size, stroke) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * 2;
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  stroke(pen);
  return pen.getImageData(0, 0, size * 2, size * 2);
}

function icon([path, fill, edge]) {
  return paint(22, (pen) => {
    pen.translate(11, 11);
    const shape = new Path2D(path);
    pen.fillStyle = fill;
    pen.strokeStyle = edge;
    pen.lineWidth = 1.6;
    pen.fill(shape);
    pen.stroke(shape);
  });
}

const stripes = (ink) => paint(8, (pen) => {
  pen.globalAlpha = 0.34;
  pen.strokeStyle = ink;
  pen.lineWidth = 1;
  for (const x of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
    pen.stroke();
  }
});

// Where a name may stand: on the first side, or else the other, below or above.
const ASIDE = { left: [0.9, 0], right: [-0.9, 0], top: [0, 0.9], bottom: [0, -0.9] };
const beside = (...first) => [...first, "top", "bottom"].flatMap((side) => [side, ASIDE[side]]);

function layers(c, many) {
  const kind = (name) => ["==", ["get", "kind"], name];
  const named = ["in", ["get", "kind"], ["literal", ["proposed", "node", "centre"]]];
  const going = ["==", ["get", "kind"], "in_progress"];
  const halo = { "text-halo-color": c.land, "text-halo-width": 1.6 };
  return [
    { id: "land", type: "fill", source: "ground", filter: ["in", ["get", "kind"], ["literal", ["state", "country"]]], paint: { "fill-color": c.land } },
    { id: "county", type: "line", source: "ground", filter: kind("county"), paint: { "line-color": c.coast, "line-width": 0.8 } },
    { id: "state", type: "line", source: "ground", filter: ["in", ["get", "kind"], ["literal", ["state", "country"]]], paint: { "line-color": c["line-strong"], "line-width": 1.2 } },
    { id: "hexes", type: "fill", source: "hexes", paint: { "fill-color": ["match", ["get", "shade"], 1, c.d1, 2, c.d2, 3, c.d3, 4, c.d4, c.d5], "fill-opacity": 0.82 } },
    { id: "sides", type: "line", source: "hexes", minzoom: many ? 9 : 0, paint: { "line-color": c.sheet, "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.4, 9, 1.2] } },
    { id: "others", type: "fill", source: "hexes", filter: ["get", "others"], paint: { "fill-pattern": "stripes" } },
    { id: "rim", type: "line", source: "rim", layout: { "line-cap": "round" }, paint: { "line-color": c.accent, "line-width": 2.5 } },
    { id: "tracks", type: "line", source: "tracks", filter: going, layout: { "line-join": "round" }, paint: { "line-color": c.accent, "line-width": 1.4, "line-opacity": 0.5 } },
    { id: "tracks-ahead", type: "line", source: "tracks", filter: ["!", going], paint: { "line-color": c.accent, "line-width": 1.2, "line-opacity": 0.45, "line-dasharray": [3, 2.5] } },
    { id: "names", type: "symbol", source: "ground", minzoom: 6.5, filter: kind("county-name"), layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11 }, paint: { "text-color": c.soft, ...halo } },
    { id: "state-names", type: "symbol", source: "ground", maxzoom: 7, filter: ["in", ["get", "kind"], ["literal", ["state-name", "country-name"]]], layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, "text-letter-spacing": 0.08 }, paint: { "text-color": c.soft, ...halo } },
    { id: "figures", type: "symbol", source: "figures", layout: { "text-field": ["get", "label"], "text-font": STRONG, "text-size": 12, "symbol-sort-key": ["-", ["get", "orders"]], "text-variable-anchor": ["center", "bottom", "top"], "text-radial-offset": 0.9 }, paint: { "text-color": c.ink, ...halo } },
    { id: "spots", type: "symbol", source: "spots", layout: { "icon-image": ["get", "kind"], "icon-allow-overlap": true, "symbol-z-order": "source" } },
    { id: "spot-names", type: "symbol", source: "spots", filter: named, layout: { "text-field": ["get", "name"], "text-font": STRONG, "text-size": 12, "text-variable-anchor-offset": ["case", ["get", "east"], ["literal", beside("right", "left")], ["literal", beside("left", "right")]], "text-justify": "auto" }, paint: { "text-color": c.ink, ...halo } },
  ];
}

const MANY = 2000; // hexagons whose sides are seen from near alone
const FIT = { padding: 48, maxZoom: 10 };
const SOURCES = ["hexes", "figures", "rim", "tracks", "spots"];
const all = (features) => ({ type: "FeatureCollection", features });
const shape = (type, coordinates, properties) => ({ type: "Feature", properties, geometry: { type, coordinates } });

// Whole numbers written as text, five bits a letter, the lowest first: see `geo.py`.
function numbers(text) {
  const found = [];
  let [bits, places] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const part = text.charCodeAt(at) - 63;
    bits |= (part & 31) << places;
    places += 5;
    if (part > 31) continue;
    found.push(bits & 1 ? ~(bits >> 1) : bits >> 1);
    [bits, places] = [0, 0];
  }
  return found;
}

// Each ring is counted from the one before: its first corner, and then its sides.
function rings({ parts, corners }) {
  const told = numbers(corners);
  const found = [];
  let [at, x, y] = [0, 0, 0];
  let before = [];
  while (at < told.length) {
    const many = told[at];
    x += told[at + 1];
    y += told[at + 2];
    at += 3;
    const ring = [[x / parts, y / parts]];
    const sides = [];
    let [lon, lat] = [x, y];
    for (let n = 0; n < many - 1; n += 1, at += 2) {
      const [dx, dy] = before[n] ?? [0, 0];
      sides.push([told[at] + dx, told[at + 1] + dy]);
      lon += sides[n][0];
      lat += sides[n][1];
      ring.push([lon / parts, lat / parts]);
    }
    found.push(ring);
    before = sides;
  }
  return found;
}

const column = ({ of, at }) => numbers(at).map((n) => of[n]);

// Of spots and tracks: each place is counted from the one before.
function places({ parts, places: told }) {
  const found = [];
  const steps = numbers(told);
  let [x, y] = [0, 0];
  for (let at = 0; at < steps.length; at += 2) {
    x += steps[at];
    y += steps[at + 1];
    found.push([x / parts, y / parts]);
  }
  return found;
}

function spotsOf(told, box) {
  const far = box ? box[0][0] + 0.6 * (box[1][0] - box[0][0]) : 180; // a name there leans to the west
  const [kind, name, words] = [told.kind, told.name, told.words].map(column);
  return places(told).map((at, n) => shape("Point", at, { kind: kind[n], name: name[n], words: words[n], east: at[0] > far }));
}

function tracksOf(told) {
  const [kind, words] = [told.kind, told.words].map(column);
  const line = places(told);
  return numbers(told.long).map((long, n) => shape("LineString", line.splice(0, long), { kind: kind[n], words: words[n], id: told.id[n] }));
}

function unpack(told) {
  const [orders, shade, reached] = ["orders", "shade", "reached"].map((name) => numbers(told.hexes[name]));
  const others = column(told.hexes.others);
  const hexes = [];
  const figures = [];
  rings(told.hexes).forEach((ring, n) => {
    const middle = [0, 1].map((axis) => ring.reduce((sum, at) => sum + at[axis], 0) / ring.length);
    const label = orders[n].toLocaleString("en");
    const also = others[n] ? `; also from ${others[n]}` : "";
    const words = `${label} orders expected, ${reached[n] ? "within six hours of the proposed node" : "not reached from it"}${also}`;
    hexes.push(shape("Polygon", [[...ring, ring[0]]], { shade: shade[n], others: also !== "", words }));
    if (told.hexes.figures) figures.push(shape("Point", middle, { label, orders: orders[n] }));
  });
  return { ...told, hexes: all(hexes), figures: all(figures), spots: all(spotsOf(told.spots, told.box)), tracks: all(tracksOf(told.tracks)) };
}

async function told(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
  if (!answer.ok) throw new Error(`${address} answers ${answer.status}`);
  return answer.json();
}

function button(box, sign, words, deed) {
  const one = document.createElement("button");
  one.type = "button";
  one.textContent = sign;
  one.title = words;
  one.setAttribute("aria-label", words);
  one.addEventListener("click", deed);
  box.append(one);
}

// The track of the chosen row lies over the map, which then need not be drawn anew for it.
function overlay(box, map, tracks) {
  const [sheet, line] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  sheet.classList.add("over");
  sheet.setAttribute("aria-hidden", "true");
  sheet.append(line);
  box.append(sheet);
  let known = tracks;
  let chosen = document.querySelector("[data-row].here")?.dataset.row;
  const draw = () => {
    const track = known.features.find((one) => one.properties.id === chosen);
    const corners = (track?.geometry.coordinates ?? []).map((at) => map.project(at)).map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`);
    line.setAttribute("d", corners.length ? `M${corners.join("L")}` : "");
  };
  map.on("move", draw);
  document.addEventListener("row", (event) => {
    chosen = event.detail;
    draw();
  });
  return (fresh) => {
    known = fresh;
    draw();
  };
}

async function start(host) {
  if (!document.createElement("canvas").getContext("webgl2")) return;
  const [library, data, ground] = await Promise.all([
    import(host.dataset.library),
    told(host.dataset.map).then(unpack),
    told(host.dataset.ground),
  ]);
  if (!data.box) return;
  library.setWorkerUrl(host.dataset.worker);
  library.setWorkerCount(1);
  const c = Object.fromEntries(NAMES.map((name) => [name, colour(name)]));
  const box = host.querySelector(".ground");
  const words = host.querySelector("svg").getAttribute("aria-label");
  const view = { bounds: data.box, fitBoundsOptions: FIT };
  const map = new library.Map({
    container: box,
    ...view,
    style: { version: 8, sources: {}, layers: [{ id: "water", type: "background", paint: { "background-color": c.water } }] },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    dragPan: matchMedia("(pointer: fine)").matches,
    scrollZoom: false,
    fadeDuration: 0,
    minZoom: 3,
    locale: { "Map.Title": words },
  });
  map.addControl(new library.ScaleControl({ maxWidth: 90 }), "bottom-left");
  await new Promise((done) => map.once("load", done));
  for (const [name, shape] of Object.entries(shapes(c))) map.addImage(name, icon(shape), { pixelRatio: 2 });
  map.addImage("stripes", stripes(c.ink), { pixelRatio: 2 });
  map.addSource("ground", { type: "geojson", data: ground, tolerance: 0.2 });
  for (const name of SOURCES) map.addSource(name, { type: "geojson", data: data[name], tolerance: 0 });
  for (const layer of layers(c, data.hexes.features.length > MANY)) map.addLayer(layer);
  const tools = document.createElement("div");
  tools.className = "tools";
  button(tools, "+", "Closer", () => map.zoomIn());
  button(tools, "−", "Farther", () => map.zoomOut());
  button(tools, "◎", "All of it", () => map.fitBounds(data.box, FIT));
  const says = document.createElement("div");
  says.className = "readout";
  says.setAttribute("aria-hidden", "true");
  box.append(tools, says);
  const pointed = ["spots", "tracks", "tracks-ahead", "hexes"];
  map.on("mousemove", (event) => {
    const [top] = map.queryRenderedFeatures(event.point, { layers: pointed });
    says.textContent = top?.properties.words ?? "";
  });
  map.on("mouseout", () => { says.textContent = ""; });
  map.on("click", (event) => {
    const [top] = map.queryRenderedFeatures(event.point, { layers: ["tracks", "tracks-ahead"] });
    const row = top && document.getElementById(top.properties.id);
    if (!row) return;
    row.scrollIntoView({ block: "nearest" });
    row.click();
  });
  const trace = overlay(box, map, data.tracks);
  await new Promise((done) => map.once("idle", done));
  host.classList.add("drawn");
  map.resize();
  map.fitBounds(data.box, { ...FIT, animate: false });
  if (host.dataset.rows) document.body.addEventListener("news", async () => {
    const fresh = await told(host.dataset.map).then(unpack).catch(() => null);
    if (!fresh) return;
    for (const name of SOURCES) map.getSource(name)?.setData(fresh[name]);
    trace(fresh.tracks);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    host.classList.remove("drawn");
    map.remove();
    box.replaceChildren();
    begin(host);
  }, { once: true });
}

function begin(host) {
  start(host).catch((error) => {
    host.dataset.why = String(error);
  });
}

for (const host of document.querySelectorAll("[data-map]")) begin(host);
