"use strict";
/* The housing map. All text from data enters the page through textContent, never as HTML.
   The page is written by needs_analysis/reports/maps; map_profile.js, map_compare.js and map_share.js
   build on the `view` made at the end; `pack` and `stream` there are undone here. */

function areaMap(map, data) {
  const text = data.text;
  const byId = (id) => document.getElementById(id);
  const own = (object, key) => object[key];
  const QUALITY = { ALLOCATED: 1, SUPPRESSED: 4, MISSING: 5 };
  const PAGE_ROWS = 500;
  const INK = "#1c2430";
  const UNDER_CIRCLES = "#f3f5f7";
  const CIRCLE = { colour: "#1f4e79", most: 26, least: 2.5 };

  // ---- reading the packed numbers -------------------------------------------------------------

  const digits = new Int8Array(128).fill(-1);
  for (let i = 0; i < data.alphabet.length; i++) digits[data.alphabet.charCodeAt(i)] = i;
  const base = data.alphabet.length;

  /* A column of integers: fixed width, 0 stands for missing (null); without a start all are. */
  function unpack(column, count) {
    if (column.start === null) return new Array(count).fill(null);
    const values = new Array(count);
    for (let i = 0; i < count; i++) {
      let code = 0;
      for (let j = i * column.width; j < (i + 1) * column.width; j++) {
        code = code * base + digits[column.digits.charCodeAt(j)];
      }
      values[i] = code === 0 && column.width ? null : column.start + code - (column.width ? 1 : 0);
    }
    return values;
  }

  /* A run of integers of any size: low digits first, the upper half of the alphabet continues. */
  function stream(packed) {
    const half = base / 2;
    let at = 0;
    return function next() {
      let value = 0;
      for (let scale = 1; ; scale *= half) {
        const digit = digits[packed.charCodeAt(at++)];
        value += (digit % half) * scale;
        if (digit < half) return value;
      }
    };
  }

  /* Rings of latitude and longitude: counts and zigzag steps from one vertex to the next. */
  function geometry(packed) {
    const shape = stream(packed.shape);
    const step = stream(packed.steps);
    let x = 0;
    let y = 0;
    const signed = () => {
      const value = step();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    };
    const ring = () => {
      const points = new Array(shape());
      for (let i = 0; i < points.length; i++) {
        x += signed();
        y += signed();
        points[i] = L.latLng(packed.south + y * packed.step_y, packed.west + x * packed.step_x);
      }
      return points;
    };
    const many = (one) => Array.from({ length: shape() }, one);
    return {
      areas: Array.from({ length: packed.count }, () => many(() => many(ring))),
      lines: many(ring),
    };
  }

  // ---- words and numbers ----------------------------------------------------------------------

  function number(value, decimals) {
    const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, text.group);
    return (value < 0 ? "−" : "") + grouped + (part ? text.decimal + part : "");
  }

  const fill = (pattern, words) => pattern.replace(/\{(\w+)\}/g, (_, key) => String(own(words, key)));
  const count = (value) => number(value, 0);

  function element(tag, className, content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (content !== undefined) made.textContent = content;
    return made;
  }

  const plain = (name) =>
    name.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "");

  // ---- the indicator shown --------------------------------------------------------------------

  const size = data.names.length;
  const provinces = unpack(data.province, size);
  const groups = unpack(data.groups.members, size);
  const named = data.names.map(plain);
  const details = data.details.map((one) => ({ ...one, codes: unpack(one.column, size) }));
  const detail = (one, i) => (one.codes[i] === null ? "" : one.values[one.codes[i]]);
  const sought = (i) => details.filter((one) => one.sought).map((one) => detail(one, i)).filter(Boolean);
  const shortened = (line) => (line.length > 60 ? `${line.slice(0, 60).replace(/[\s,.;:-]+\S*$/, "")}…` : line);
  const within = details.length > 0 && !data.unlisted;  // units other than municipalities, or sites
  const byPlace = within && data.provinces.length > 1;
  const searchable = data.names.map((name, i) =>
    plain([name, ...(within ? [data.provinces[provinces[i]], ...sought(i)] : [])].join(" "))
  );
  const ambiti = data.ambiti ? unpack(data.ambiti.members, size) : null;
  let shown = null;
  let second = null;  // the indicator compared, if any
  let ambito = null;  // the number of the one shown alone, if any
  let colouring = "italy";
  const inFilter = (i) => ambito === null || ambiti[i] === ambito;

  /* What another part of the page does when the view changes. */
  const watchers = [];
  const changed = () => watchers.forEach((watcher) => watcher());

  /* Columns are unpacked when their indicator is first shown. */
  function read(indicator) {
    if (!indicator.read) {
      indicator.read = {};
      for (const [name, column] of Object.entries(indicator.columns)) {
        indicator.read[name] = unpack(column, size);
      }
    }
    return indicator.read;
  }

  /* The classes in use: of all Italian municipalities, or of those drawn. */
  const shades = (indicator) => (colouring === "italy" && indicator.italy) || indicator;

  function classOf(indicator, value) {
    if (value === null) return -1;
    const { classes } = shades(indicator);
    let index = classes.length - 1;
    while (index > 0 && value < classes[index].from) index--;
    return index;
  }

  function printedValue(indicator, value) {
    if (indicator.codes) return own(indicator.codes, String(value)) || String(value);
    const printed = number(value / 10 ** indicator.decimals, indicator.decimals);
    return indicator.unit ? `${printed} ${indicator.unit}` : printed;
  }

  /* What stands where there is no value: a band, or what must be asked. */
  function wordsOf(i, indicator) {
    const words = indicator.words;
    if (!words) return "";
    words.codes = words.codes || unpack(words.column, size);
    return words.codes[i] === null ? "" : words.values[words.codes[i]];
  }

  /* A band has a quality and no value; null where there is none. */
  function bandOf(i, indicator) {
    const words = indicator.words;
    if (!words) return null;
    words.bands = words.bands || unpack(words.grades, size);
    return words.bands[i];
  }

  function qualityOf(i, indicator) {
    const band = bandOf(i, indicator);
    return band === null ? read(indicator).quality[i] : band;
  }

  /* What is said of one municipality: the same words in tooltip, panel, profile and table. */
  function facts(i, indicator = shown) {
    const columns = read(indicator);
    const value = columns.value[i];
    const quality = qualityOf(i, indicator);
    const said = {
      name: data.names[i],
      title: [data.names[i], ...(byPlace ? [data.provinces[provinces[i]]] : []), ...sought(i).map(shortened)].join(" – "),
      details: details.map((one) => detail(one, i)),
      province: data.provinces[provinces[i]],
      value: value === null ? wordsOf(i, indicator) || data.qualities[quality] : printedValue(indicator, value),
      absent: value === null && bandOf(i, indicator) === null,
      allocated: quality === QUALITY.ALLOCATED,
      quality: data.qualities[quality],
      vintage: indicator.vintages[columns.vintage[i]],
      interval: "",
      ranks: [],
      place: "",
    };
    if (columns.low && columns.low[i] !== null && columns.high[i] !== null) {
      // A unit of several words is said once.
      const short = indicator.unit.length > 2 ? { ...indicator, unit: "" } : indicator;
      const low = printedValue(short, columns.low[i]);
      const high = printedValue(indicator, columns.high[i]);
      if (low !== high) said.interval = fill(indicator.interval_text || text.interval_text, { low, high });
    }
    if (said.absent) said.vintage = "";
    if (said.allocated) {
      said.ranks.push(text.no_rank_allocated);
    } else if (!said.absent && !columns.rank && data.ranked && !indicator.codes && !indicator.sized) {
      said.ranks.push(text.no_rank);
    } else if (columns.rank && columns.rank[i] !== null) {
      said.place = count(columns.rank[i]);
      said.ranks.push(fill(text.rank_italy, { rank: count(columns.rank[i]), of: count(indicator.rank_of) }));
      if (columns.group_rank && columns.group_rank[i] !== null) {
        said.ranks.push(
          fill(text.rank_group, {
            rank: count(columns.group_rank[i]),
            of: count(indicator.group_rank_of[groups[i]]),
            group: data.groups.labels[groups[i]],
          })
        );
      }
    }
    return said;
  }

  // ---- colours --------------------------------------------------------------------------------

  const light = (colour) => parseInt(colour.slice(3, 5), 16) > 140;

  /* Missing: dense diagonal hatch on white. Allocated: sparse dots on the class colour. */
  function pattern(context, colour) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = colour ? 10 : 6;
    const pen = tile.getContext("2d");
    pen.fillStyle = colour || "#ffffff";
    pen.fillRect(0, 0, 10, 10);
    if (colour) {
      pen.fillStyle = light(colour) ? "rgb(28 36 48 / 75%)" : "rgb(255 255 255 / 85%)";
      for (const at of [2.5, 7.5]) {
        pen.beginPath();
        pen.arc(at, at, 1.1, 0, 7);
        pen.fill();
      }
    } else {
      pen.strokeStyle = "#7d8792";
      pen.lineWidth = 1.1;
      for (const shift of [-6, 0, 6]) {
        pen.beginPath();
        pen.moveTo(shift - 1, 7);
        pen.lineTo(shift + 7, -1);
        pen.stroke();
      }
    }
    return context.createPattern(tile, "repeat");
  }

  const brush = document.createElement("canvas").getContext("2d");
  const hatch = pattern(brush, null);
  const dotted = {};
  const dots = (colour) => (dotted[colour] = dotted[colour] || pattern(brush, colour));

  function fillOf(i) {
    const columns = read(shown);
    if (shown.sized) return columns.value[i] === null && bandOf(i, shown) === null ? hatch : UNDER_CIRCLES;
    return fillIn(shown, i);
  }

  function fillIn(indicator, i) {
    const columns = read(indicator);
    const index = classOf(indicator, columns.value[i]);
    if (index < 0) return hatch;
    const { colour } = shades(indicator).classes[index];
    return columns.quality[i] === QUALITY.ALLOCATED ? dots(colour) : colour;
  }

  // ---- the map --------------------------------------------------------------------------------

  const renderer = L.canvas({ padding: 0.2 });
  const shapes = geometry(data.geometry);
  const GREY = { fillColor: "#dfe2e6", color: "#b9c0c8" };
  const around = L.layerGroup(
    (data.context ? geometry(data.context).areas : []).map((rings) =>
      L.polygon(rings, { renderer, interactive: false, fillOpacity: 1, weight: 0.8, smoothFactor: 0.6, ...GREY })
    )
  );
  const layers = shapes.areas.map((rings, i) => {
    const layer = L.polygon(rings, { renderer, fillOpacity: 1, weight: 0.5, smoothFactor: 0.6 });
    layer.municipality = i;
    return layer;
  });
  const municipalities = L.featureGroup(layers);
  const DASH = [7, 5];
  const CATCHMENT = { color: INK, weight: 2, opacity: 1, dashArray: DASH, lineCap: "butt" };
  const outlined = (style) => L.polyline(shapes.lines, { renderer, interactive: false, smoothFactor: 0.6, ...style });
  const outlines = data.catchment
    ? L.layerGroup([outlined({ color: "#ffffff", weight: 4 }), outlined(CATCHMENT)])
    : outlined({ color: INK, weight: 0.8, opacity: 0.6 });
  /* Units of a kind are outlined, on a white line so that they stand out from any fill. */
  const marks = L.layerGroup();
  for (const { colour, weight, units } of data.marks || []) {
    const style = { renderer, interactive: false, fill: false, smoothFactor: 0.6 };
    for (const i of units) {
      marks.addLayer(L.polygon(shapes.areas[i], { ...style, color: "#ffffff", weight: weight + 3 }));
      marks.addLayer(L.polygon(shapes.areas[i], { ...style, color: colour, weight }));
    }
  }
  const halo = L.polygon([], { renderer, interactive: false, fill: false, color: "#ffffff", weight: 6 });
  const edge = L.polygon([], { renderer, interactive: false, fill: false, color: "#c2185b", weight: 3 });
  const everything = municipalities.getBounds();

  /* Far away a border would hide its municipality: it is drawn in the fill to close the seams. */
  function paint() {
    const far = map.getZoom() < data.border_zoom;
    for (const layer of layers) {
      const fillColor = fillOf(layer.municipality);
      const seen = inFilter(layer.municipality) ? 1 : 0.15;
      const edges = { color: far ? fillColor : "#69737e", weight: far ? 0.5 : 0.7 };
      layer.setStyle({ fillColor, fillOpacity: seen, opacity: seen, ...edges });
    }
  }

  /* Counts are circles whose area is the number: full where they were counted, outlined where a model
     made them, dashed where they were allocated. */
  const circles = L.layerGroup();
  const shrunk = () => (map.getSize().x < 560 ? 0.6 : 1);  // a phone's map has room for smaller ones
  const radiusOf = (value, top) => shrunk() * Math.max(CIRCLE.least, CIRCLE.most * Math.sqrt(value / top));
  const circleStyle = (quality) => ({
    color: CIRCLE.colour,
    weight: 1.4 * shrunk(),
    fillColor: CIRCLE.colour,
    fillOpacity: quality === 0 ? 0.75 : 0.12,
    dashArray: quality === QUALITY.ALLOCATED ? [3, 3] : null,
  });
  const most = (column) => column.reduce((top, one) => Math.max(top, one || 0), 1);

  function drawCircles() {
    circles.clearLayers();
    if (!shown.sized || !map.hasLayer(municipalities)) return;
    const { value, quality } = read(shown);
    const top = most(value);
    const drawn = value.map((_, i) => i).filter((i) => value[i] && inFilter(i));
    drawn.sort((a, b) => value[b] - value[a]);
    for (const i of drawn) {
      const style = { renderer, interactive: false, radius: radiusOf(value[i], top), ...circleStyle(quality[i]) };
      circles.addLayer(L.circleMarker(middle(i), style));
    }
  }

  function outline(i) {
    const rings = i === null ? [] : layers[i].getLatLngs();
    halo.setLatLngs(rings);
    edge.setLatLngs(rings);
  }

  function frame(animate) {
    const inside = ambito === null ? everything : L.featureGroup(layers.filter((_, i) => inFilter(i))).getBounds();
    map.fitBounds(inside, { padding: [12, 12], animate });
  }

  function wholeButton() {
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const bar = element("div", "leaflet-bar");
      const button = element("button", "na-whole", "⌂");
      button.type = "button";
      button.title = text.whole;
      button.setAttribute("aria-label", text.whole);
      button.addEventListener("click", () => frame(true));
      bar.append(button);
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    };
    return control;
  }

  /* Names stand where they fit inside their municipality; without tiles they are the only signs.
     The provinces' capitals may overhang; the most inhabited come first. */
  const places = map.createPane("na-places");
  places.style.zIndex = 450;
  places.style.pointerEvents = "none";
  const extents = layers.map((layer) => layer.getBounds());
  const capitals = new Set(data.capitals);
  const people = data.people && unpack(data.people, size);
  const LINE = 14;

  /* Where a shape is widest: the centre of a ring lies in its hole. */
  const widest = data.widest && [unpack(data.widest.x, size), unpack(data.widest.y, size)];
  function middle(i) {
    if (!widest) return layers[i].getCenter();
    const { south, west, step_x, step_y } = data.geometry;
    return L.latLng(south + widest[1][i] * step_y, west + widest[0][i] * step_x);
  }

  function wantedPlaces() {
    const view = map.getBounds();
    const perDegree = (256 * 2 ** map.getZoom()) / 360;
    const wanted = [];
    brush.font = "12px sans-serif";
    extents.forEach((extent, i) => {
      const across = (extent.getEast() - extent.getWest()) * perDegree;
      const down = (extent.getNorth() - extent.getSouth()) * perDegree;
      const first = capitals.has(i);
      if ((!first && (across < 2 * LINE || down < LINE)) || !view.intersects(extent)) return;
      const width = brush.measureText(data.names[i]).width;
      if (first || across >= width + 4) wanted.push({ i, width, first, weight: people ? people[i] : across * down });
    });
    return wanted.sort((a, b) => b.first - a.first || b.weight - a.weight);
  }

  function nameThePlaces() {
    places.textContent = "";
    const taken = [];
    for (const { i, width } of wantedPlaces()) {
      if (taken.length >= 70) break;
      const at = map.latLngToLayerPoint(middle(i));
      const box = [at.x - width / 2 - 6, at.y - 10, at.x + width / 2 + 6, at.y + 10];
      const free = (b) => box[2] < b[0] || box[0] > b[2] || box[3] < b[1] || box[1] > b[3];
      if (!taken.every(free)) continue;
      taken.push(box);
      const label = element("span", "na-place", data.names[i]);
      label.style.left = `${at.x}px`;
      label.style.top = `${at.y}px`;
      places.append(label);
    }
  }

  // ---- tooltip and panel ----------------------------------------------------------------------

  const tip = L.tooltip({ className: "na-tip", opacity: 1 });
  let chosen = null;

  /* A phone's map has room for the name and the value; its panel says the rest. */
  function showTip(i, where, direction) {
    const said = facts(i);
    const box = element("div");
    box.append(element("strong", "", said.title), element("b", "", said.value));
    tip.options.direction = direction || "auto";
    tip.options.offset = direction ? [0, -4] : [12, 0];
    if (map.getSize().x < 560) {
      if (said.allocated) box.append(element("div", "na-small", said.quality));
      map.openTooltip(tip.setContent(box).setLatLng(where));
      return;
    }
    if (said.interval) box.append(element("div", "", said.interval));
    const kind = said.details.filter((content, k) => content && details[k].in_tip);
    if (kind.length) box.append(element("div", "", kind.join(", ")));
    for (const line of said.ranks) box.append(element("div", said.allocated ? "na-warn" : "", line));
    const origin = [said.quality, said.vintage, shown.sources].filter(Boolean).join(" · ");
    box.append(element("div", "na-small", said.absent ? shown.sources : origin));
    map.openTooltip(tip.setContent(box).setLatLng(where));
  }

  /* Over the municipality, so that its shape stays in sight. */
  function pointAt(i) {
    const { lng } = middle(i);
    const north = L.latLng(extents[i].getNorth(), lng);
    if (!map.getBounds().contains(north)) return;
    showTip(i, north, "top");
    const cut = tip.getElement().offsetHeight > map.latLngToContainerPoint(north).y;
    if (cut) showTip(i, L.latLng(extents[i].getSouth(), lng), "bottom");
  }

  function choose(i) {
    chosen = i;
    outline(i);
    fillPanel();
    changed();
  }

  function fillPanel() {
    const panel = byId("na-panel");
    panel.textContent = "";
    if (chosen === null) {
      panel.append(element("p", "na-hint", text.panel_hint));
      return;
    }
    const said = facts(chosen);
    const title = element("h2", "", said.name);
    const list = element("dl");
    const row = (term, lines, className) => {
      const cell = element("dd", className);
      lines.forEach((line) => cell.append(element("div", "", line)));
      list.append(element("dt", "", term), cell);
      return cell;
    };
    if (said.interval) row(shown.interval || text.interval, [said.interval]);
    if (second) {
      const beside = facts(chosen, second);
      row(second.label, [beside.value, beside.interval].filter(Boolean));
    }
    said.details.forEach((content, k) => content && !details[k].sought && row(details[k].label, [content]));
    if (said.ranks.length) {
      const cell = row(text.rank, said.ranks, said.allocated ? "na-warn" : "");
      const key = shown.polarity ? text.rank_worse : text.rank_neutral;
      if (said.place) cell.append(element("small", "", key));
    }
    if (!said.absent) row(text.quality, [said.quality]);
    if (shown.sources) row(text.source, [shown.sources]);
    if (said.vintage) row(text.year, [said.vintage]);
    panel.append(
      title,
      element("p", "na-area", [said.province, ...sought(chosen)].join(" – ")),
      element("p", "", shown.label),
      element("p", said.absent ? "na-value na-absent" : "na-value", said.value),
      list
    );
    if (data.profile) {
      const button = element("button", "", text.profile_open);
      button.type = "button";
      button.id = "na-profile-button";
      button.addEventListener("click", () => view.openProfile());
      panel.append(button);
    }
  }

  // ---- legend ---------------------------------------------------------------------------------

  /* An outline, or a line where it is dashed. */
  function strokeSwatch(colour, weight, dash) {
    const canvas = swatch("#ffffff");
    const pen = canvas.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = weight;
    pen.setLineDash(dash);
    pen.beginPath();
    if (dash.length) {
      pen.moveTo(0, 10);
      pen.lineTo(34, 10);
    } else pen.rect(7, 5, 20, 10);
    pen.stroke();
    return canvas;
  }

  function swatch(fillStyle) {
    const canvas = element("canvas");
    canvas.width = 34;
    canvas.height = 20;
    const pen = canvas.getContext("2d");
    pen.fillStyle = fillStyle;
    pen.fillRect(0, 0, 34, 20);
    return canvas;
  }

  function circleSwatch(radius, quality) {
    const canvas = element("canvas", "na-circle");
    const side = 2 * Math.ceil(radius) + 4;
    canvas.width = 2 * CIRCLE.most + 4;
    canvas.height = Math.max(20, side);
    const pen = canvas.getContext("2d");
    const style = circleStyle(quality);
    pen.beginPath();
    pen.arc(canvas.width / 2, canvas.height / 2, radius, 0, 7);
    pen.globalAlpha = style.fillOpacity;
    pen.fillStyle = style.fillColor;
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = style.color;
    pen.lineWidth = style.weight;
    if (style.dashArray) pen.setLineDash(style.dashArray);
    pen.stroke();
    return canvas;
  }

  /* Three sizes to read the circles by: the largest, and rounder ones below it. */
  function sizesShown(column) {
    const top = most(column);
    const least = column.reduce((low, one) => Math.min(low, one === null ? top : one), top);
    const round = (value) => {
      const step = 10 ** Math.floor(Math.log10(value));
      return Math.max(1, Math.round(value / step) * step);
    };
    return [...new Set([top, round(top / 4), round(top / 16)])].filter((one) => one === top || (one >= least && one < top));
  }

  function fillLegend() {
    const legend = byId("na-legend");
    const { value } = read(shown);
    const { classes, classing } = shades(shown);
    const national = data.whole_country || shades(shown) !== shown;
    const perClass = new Array(classes.length).fill(0);
    const perQuality = new Array(data.qualities.length).fill(0);
    value.forEach((one, i) => {
      if (!inFilter(i)) return;
      perQuality[qualityOf(i, shown)]++;
      if (one !== null && !shown.sized) perClass[classOf(shown, one)]++;
    });
    const list = element("ul");
    const drawn = (canvas, label, n) => {
      const item = element("li");
      item.append(canvas, element("span", "", label), element("span", "na-count", n));
      list.append(item);
      return item;
    };
    const line = (fillStyle, label, n) => drawn(swatch(fillStyle), label, n);
    if (shown.sized) {
      const kind = perQuality.findIndex((n, q) => n && q < QUALITY.SUPPRESSED);
      for (const one of sizesShown(value)) drawn(circleSwatch(radiusOf(one, most(value)), kind), count(one), "");
      const few = value.filter((_, i) => inFilter(i) && bandOf(i, shown) !== null).length;
      if (few) line(UNDER_CIRCLES, text.in_words, count(few));
    }
    const mean = shown.mean === undefined ? "" : printedValue(shown, shown.mean);
    const meanIn = mean && classes.length && shown.mean >= classes[0].from ? classOf(shown, shown.mean) : -1;
    classes.forEach((one, i) => {
      const item = line(one.colour, one.label, count(perClass[i]));
      if (national && i === meanIn) item.children[1].append(element("span", "na-mean", ` ◂ ${text.mean_short}`));
    });
    const absent = perQuality[QUALITY.MISSING] + perQuality[QUALITY.SUPPRESSED];
    if (absent) line(hatch, text.missing, count(absent));
    if (perQuality[QUALITY.ALLOCATED] && !shown.sized) {
      const middle = classes[Math.floor(classes.length / 2)];
      line(dots(middle.colour), text.allocated, count(perQuality[QUALITY.ALLOCATED]));
    }
    for (const { colour, weight, label, units } of data.marks || []) {
      drawn(strokeSwatch(colour, weight, []), label, count(units.length));
    }
    if (data.context) line(GREY.fillColor, text.around, "");
    if (data.catchment) drawn(strokeSwatch(INK, CATCHMENT.weight, DASH), data.catchment, "");
    const unit = shown.unit && !shown.label.includes(shown.unit) ? ` (${shown.unit})` : "";
    const direction = { "1": text.worse_high, "-1": text.worse_low, "0": text.neutral };
    const qualities = data.qualities
      .map((label, q) => (perQuality[q] ? `${label} ${count(perQuality[q])}` : ""))
      .filter(Boolean)
      .join(", ");
    legend.textContent = "";
    legend.append(element("h2", "", shown.label + unit));
    if (!shown.codes && !shown.sized) legend.append(element("p", "", own(direction, String(shown.polarity))));
    legend.append(list);
    if (mean) legend.append(element("p", "na-mean", fill(text.mean, { value: mean })));
    if (classing) legend.append(element("p", "", own(text, `classes_${classing}${national ? "_italy" : ""}`)));
    legend.append(element("p", "", `${text.quality_counts}: ${qualities}.`));
  }

  // ---- table ----------------------------------------------------------------------------------

  let byValue = false;

  /* By name; if asked, worst first: what no list may hold (without a rank, allocated, published by province,
     marked, small) follows by name. */
  function rowOrder() {
    const { value, quality, rank } = read(shown);
    const unlisted = new Set(data.unlisted || []);
    const sign = shown.polarity < 0 ? 1 : -1;
    const ranked = !shown.codes && (rank || !data.ranked);
    const key = value.map((one, i) => {
      if (one === null) return Infinity;
      const own = (!rank || rank[i] !== null) && quality[i] !== QUALITY.ALLOCATED;
      const placed = ranked && own && !unlisted.has(i);
      return placed ? sign * one : Number.MAX_VALUE;
    });
    const collator = new Intl.Collator(document.documentElement.lang);
    const byName = (a, b) => collator.compare(data.names[a], data.names[b]);
    const any = key.some((one) => one < Number.MAX_VALUE);
    const order = value.map((_, i) => i).filter(inFilter);
    if (!any || !byValue) return [order.sort(byName), text.table_by_name, any];
    order.sort((a, b) => (key[a] === key[b] ? byName(a, b) : key[a] < key[b] ? -1 : 1));
    return [order, shown.polarity ? text.table_worst : text.table_highest, any];
  }

  /* A column for each fact that differs between rows; what is the same for all is said once. */
  function tableColumns() {
    const columns = read(shown);
    const one = (column) => new Set(column).size === 1;
    const year = shown.vintages[columns.vintage[0]];
    const ranged = columns.low && columns.low.some((low, i) => inFilter(i) && low !== null && low !== columns.high[i]);
    const told = (wanted) =>
      details.flatMap((each, k) => {
        if (each.sought !== wanted || !each.codes.some((code, i) => inFilter(i) && code !== null)) return [];
        const alone = each.values.length === 1 && !each.codes.includes(null);
        return [[each.label, (said) => said.details[k], alone, alone ? each.values[0] : "", wanted ? "na-words" : ""]];
      });
    const all = [
      [text.province, (said) => said.province, data.provinces.length === 1, ""],
      ...told(true),
      [text.value, (said) => said.value, false, "", "na-number"],
      [shown.interval || text.interval, (said) => said.interval, !ranged, ""],
      ...told(false),
      [text.rank_column, (said) => said.place, !columns.rank, "", "na-number"],
      ...(second ? [[second.label, (_, i) => facts(i, second).value, false, "", "na-number"]] : []),
      [text.quality, (said) => said.quality, one(columns.quality), data.qualities[columns.quality[0]]],
      [text.year, (said) => said.vintage, one(columns.vintage), year],
    ];
    const same = all.filter((column) => column[2] && column[3]);
    return [all.filter((column) => !column[2]), same.map((column) => `${column[0]}: ${column[3]}`).join("; ")];
  }

  function tableRow(i, columns) {
    const said = facts(i);
    const row = element("tr");
    const name = element("th", "", said.name);
    name.scope = "row";
    row.append(name);
    for (const [, content, , , className] of columns) row.append(element("td", className, content(said, i)));
    return row;
  }

  /* Built when asked for, a few hundred rows at a time: Italy has 7,904. */
  function fillTable() {
    const place = byId("na-table");
    place.textContent = "";
    if (place.hidden) return;
    const [order, caption, any] = rowOrder();
    const [columns, same] = tableColumns();
    const table = element("table");
    table.append(element("caption", "", `${shown.label}, ${caption}`));
    const head = element("tr");
    for (const [title, , , , className] of [[text.municipality], ...columns]) {
      const cell = element("th", className, title);
      cell.scope = "col";
      head.append(cell);
    }
    table.append(element("thead"), element("tbody"));
    table.tHead.append(head);
    const note = element("p");
    const more = element("button");
    more.type = "button";
    const extend = () => {
      const body = table.tBodies[0];
      const from = body.rows.length;
      body.append(...order.slice(from, from + PAGE_ROWS).map((i) => tableRow(i, columns)));
      const left = order.length - body.rows.length;
      note.textContent = fill(text.table_note, { n: count(body.rows.length), of: count(order.length) });
      more.textContent = fill(text.table_more, { n: count(Math.min(PAGE_ROWS, left)) });
      more.hidden = left === 0;
    };
    more.addEventListener("click", extend);
    extend();
    if (read(shown).quality.includes(QUALITY.ALLOCATED)) {
      place.append(element("p", "na-warn", text.allocated));
    }
    if (same) place.append(element("p", "na-area", `${same}.`));
    if (any) place.append(orderButton());
    place.append(table, note, more);
  }

  /* Rank is given on request. */
  function orderButton() {
    const button = element("button", "", byValue ? text.table_order_name : text.table_order_value);
    button.type = "button";
    button.id = "na-order-button";
    button.addEventListener("click", () => {
      byValue = !byValue;
      fillTable();
      byId("na-order-button").focus();
    });
    return button;
  }

  // ---- choosing an indicator ------------------------------------------------------------------

  function show(index) {
    shown = data.indicators[index];
    byId("na-definition").textContent = shown.definition;
    byId("na-indicator").value = index;
    redraw();
  }

  /* After any change of what is shown. */
  function redraw() {
    map.closeTooltip(tip);
    byId("na-colours").hidden = !shown.italy;
    paint();
    drawCircles();
    fillLegend();
    fillPanel();
    fillTable();
    changed();
  }

  function colourBy(which) {
    colouring = which;
    for (const radio of document.getElementsByName("na-colours")) radio.checked = radio.value === which;
    redraw();
  }

  function showAmbito(number) {
    ambito = number;
    byId("na-ambito").value = number === null ? "" : number;
    frame(false);
    redraw();
  }

  function compareWith(index) {
    second = index === null || data.indicators[index] === shown ? null : data.indicators[index];
    byId("na-second").value = second ? index : "";
    redraw();
  }

  /* The choices that not every map has: colours, the ambito, a second indicator. */
  function fillChoices() {
    for (const radio of document.getElementsByName("na-colours")) {
      radio.addEventListener("change", () => colourBy(radio.value));
    }
    const numbered = (select) => (select.value === "" ? null : Number(select.value));
    const places = byId("na-ambito");
    if (ambiti) data.ambiti.labels.forEach((label, i) => places.append(new Option(label, i)));
    places.closest(".na-field").hidden = !ambiti;
    places.addEventListener("change", () => showAmbito(numbered(places)));
    const beside = byId("na-second");
    grouped(beside);
    beside.closest(".na-field").hidden = data.indicators.length === 1;
    beside.addEventListener("change", () => {
      compareWith(numbered(beside));
      if (second) byId("na-compare").scrollIntoView({ block: "nearest" });
    });
  }

  function fillSelect() {
    const select = byId("na-indicator");
    grouped(select);
    select.value = data.first;
    select.closest(".na-field").classList.toggle("na-alone", data.indicators.length === 1);
    select.addEventListener("change", () => {
      if (data.indicators[select.value] === second) compareWith(null);
      show(Number(select.value));
    });
  }

  /* The indicators in a list, by component. */
  function grouped(select) {
    const sections = new Map();
    data.indicators.forEach((indicator, i) => {
      if (!sections.has(indicator.component)) {
        const section = document.createElement("optgroup");
        section.label = indicator.component;
        sections.set(indicator.component, section);
        select.append(section);
      }
      sections.get(indicator.component).append(new Option(indicator.label, i));
    });
  }

  // ---- search ---------------------------------------------------------------------------------

  function search() {
    const input = byId("na-search");
    const list = byId("na-matches");
    const note = byId("na-search-note");
    let found = [];
    let active = -1;

    function look() {
      const wanted = plain(input.value);
      const starts = [];
      const holds = [];
      if (wanted) {
        searchable.forEach((name, i) => {
          if (name.startsWith(wanted)) starts.push(i);
          else if (name.includes(wanted)) holds.push(i);
        });
      }
      // The whole name comes before the longer ones that begin with it.
      starts.sort((a, b) => named[a].length - named[b].length);
      const all = starts.concat(holds);
      found = all.slice(0, 8);
      note.textContent = "";
      if (wanted) note.textContent = all.length ? fill(text.found_many, { n: count(all.length) }) : text.found_none;
      mark(found.length ? 0 : -1);
      draw();
    }

    function draw() {
      list.textContent = "";
      found.forEach((i, position) => {
        const option = element("li", "", data.names[i]);
        option.append(element("small", "", ` (${data.provinces[provinces[i]]})`));
        for (const line of sought(i)) option.append(element("small", "", ` ${line}`));
        option.id = `na-match-${position}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", String(position === active));
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => go(i));
        list.append(option);
      });
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(!list.hidden));
    }

    function mark(position) {
      active = position;
      if (position < 0) input.removeAttribute("aria-activedescendant");
      else input.setAttribute("aria-activedescendant", `na-match-${position}`);
    }

    /* Moving along the matches shows each on the map, so that the keyboard has the tooltip too. */
    function move(by) {
      if (!found.length) return;
      mark((active + by + found.length) % found.length);
      draw();
      outline(found[active]);
      pointAt(found[active]);
    }

    function close() {
      found = [];
      mark(-1);
      draw();
    }

    function go(i) {
      input.value = data.names[i];
      close();
      note.textContent = "";
      choose(i);
      map.fitBounds(extents[i].pad(data.pad), { maxZoom: 13, animate: false });
      pointAt(i);
    }

    input.addEventListener("input", look);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (active < 0) look();
        if (active >= 0) go(found[active]);
      } else if (event.key === "Escape") {
        close();
        outline(chosen);
        map.closeTooltip(tip);
      }
    });
  }

  // ---- wiring ---------------------------------------------------------------------------------

  function wire() {
    const hover = (event) => showTip(event.layer.municipality, event.latlng);
    municipalities.on("mouseover", hover);
    municipalities.on("mousemove", hover);
    municipalities.on("mouseout", () => map.closeTooltip(tip));
    municipalities.on("click", (event) => {
      choose(event.layer.municipality);
      hover(event);
      if (data.profile) view.openProfile();
    });
    let wasFar = map.getZoom() < data.border_zoom;
    map.on("zoomend", () => {
      const far = map.getZoom() < data.border_zoom;
      if (far !== wasFar) paint();
      wasFar = far;
    });
    map.on("moveend", nameThePlaces);
    const button = byId("na-table-button");
    button.addEventListener("click", () => {
      const table = byId("na-table");
      table.hidden = !table.hidden;
      button.textContent = table.hidden ? text.table_show : text.table_hide;
      button.setAttribute("aria-expanded", String(!table.hidden));
      fillTable();
      if (!table.hidden) table.scrollIntoView({ block: "nearest" });
    });
    const printing = (on) => {
      document.documentElement.classList.toggle("printing", on);
      map.invalidateSize({ animate: false });
      frame(false);
    };
    window.addEventListener("beforeprint", () => printing(true));
    window.addEventListener("afterprint", () => printing(false));
  }

  /* What the other parts of the page use: profile, comparison, downloads and address. */
  const view = {
    map, data, text, size, unpack, details, provinces, ambiti, places, renderer, QUALITY,
    byId, own, element, fill, number, count, read, facts, detail, sought, middle, printedValue, shades, classOf, fillIn,
    bandOf, wordsOf, swatch, inFilter, choose, outline, show, colourBy, showAmbito, compareWith, rowOrder, tableColumns,
    openProfile: () => {},
    closeTip: () => map.closeTooltip(tip),
    watch: (watcher) => watchers.push(watcher),
    get shown() { return shown; },
    get second() { return second; },
    get chosen() { return chosen; },
    get ambito() { return ambito; },
    get colouring() { return colouring; },
  };

  L.control.zoom({ zoomInTitle: text.zoom_in, zoomOutTitle: text.zoom_out }).addTo(map);
  wholeButton().addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  frame(false);
  map.setMaxBounds(everything.pad(2.5));  // the profile covers half the map: what it hides is moved aside
  around.addTo(map);
  fillSelect();
  fillChoices();
  show(Number(data.first));
  municipalities.addTo(map);
  outlines.addTo(map);
  circles.addTo(map);
  drawCircles();
  marks.addTo(map);
  halo.addTo(map);
  edge.addTo(map);
  wire();
  search();
  if (data.focus >= 0) choose(data.focus);
  areaProfile(view);
  areaCompare(view);
  areaShare(view);
  setTimeout(nameThePlaces, 0);
  performance.mark("na-drawn");
}
