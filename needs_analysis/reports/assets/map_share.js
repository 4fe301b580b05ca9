"use strict";
/* What leaves the page: the table as CSV, the map as a picture, the view in the address.
   Only what the page already says; nothing is asked of the network. */

function areaShare(view) {
  const { data, text, map, byId, element, read } = view;

  const slug = (words) =>
    words.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);

  function download(blob, name) {
    const link = element("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.hidden = true;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // ---- the table ------------------------------------------------------------------------------

  /* A cell that a spreadsheet would run begins with an apostrophe. */
  const safe = (words) => (/^\s*[=+\-@\t\r]/.test(words) ? `'${words}` : words);
  const separator = text.decimal === "," ? ";" : ",";
  const quoted = (cell) => (/["\n\r;,]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell);

  /* A number as a spreadsheet reads it; a band, a question or a category in words. */
  function cellOf(indicator, i, column) {
    const value = column[i];
    if (value === null) return safe(view.wordsOf(i, indicator));
    if (indicator.codes) return safe(view.printedValue(indicator, value));
    return (value / 10 ** indicator.decimals).toFixed(indicator.decimals).replace(".", text.decimal);
  }

  const headOf = (indicator) =>
    indicator.unit && !indicator.label.includes(indicator.unit) ? `${indicator.label} (${indicator.unit})` : indicator.label;

  function columnsOf(indicator) {
    const columns = read(indicator);
    const name = headOf(indicator);
    const made = [[name, (i) => cellOf(indicator, i, columns.value)]];
    if (columns.low) {
      for (const [end, word] of [["low", text.csv_low], ["high", text.csv_high]]) {
        made.push([`${name}: ${word}`, (i) => (columns[end][i] === null ? "" : cellOf(indicator, i, columns[end]))]);
      }
    }
    if (columns.rank) made.push([`${name}: ${text.rank_column}`, (i) => (columns.rank[i] === null ? "" : String(columns.rank[i]))]);
    const said = (i) => view.facts(i, indicator);
    made.push([`${name}: ${text.quality}`, (i) => safe(said(i).quality)], [`${name}: ${text.year}`, (i) => safe(said(i).vintage)]);
    if (indicator.sources) made.push([`${name}: ${text.source}`, () => safe(indicator.sources)]);
    return made;
  }

  function table() {
    const columns = [
      ...(codes ? [[text.csv_code, codeOf]] : []),
      [text.municipality, (i) => safe(data.names[i])],
      [text.province, (i) => safe(data.provinces[view.provinces[i]])],
      ...(view.ambiti ? [[text.ambito, (i) => (view.ambiti[i] === null ? "" : safe(data.ambiti.labels[view.ambiti[i]]))]] : []),
      ...view.details.map((one) => [one.label, (i) => safe(view.detail(one, i))]),
      ...columnsOf(view.shown),
      ...(view.second ? columnsOf(view.second) : []),
    ];
    const rows = [columns.map(([title]) => safe(title)), ...view.rowOrder()[0].map((i) => columns.map(([, cell]) => cell(i)))];
    return `\ufeff${rows.map((row) => row.map(quoted).join(separator)).join("\r\n")}\r\n`;
  }

  // ---- the picture ----------------------------------------------------------------------------

  const MARGIN = 16;
  const FONT = '"Segoe UI", system-ui, "Liberation Sans", Arial, sans-serif';

  function lines(pen, words, width) {
    const made = [""];
    for (const word of words.split(" ")) {
      const longer = made[made.length - 1] ? `${made[made.length - 1]} ${word}` : word;
      if (pen.measureText(longer).width > width && made[made.length - 1]) made.push(word);
      else made[made.length - 1] = longer;
    }
    return made;
  }

  /* Writes (or only measures) paragraphs below each other; returns where the next begins. */
  function write(pen, paragraphs, top, width) {
    let y = top;
    for (const [words, size, weight, colour] of paragraphs.filter(([one]) => one)) {
      pen.font = `${weight} ${size}px ${FONT}`;
      pen.fillStyle = colour;
      for (const line of lines(pen, words, width - 2 * MARGIN)) {
        y += size * 1.35;
        pen.fillText(line, MARGIN, y);
      }
    }
    return y;
  }

  function drawMap(pen, top, box) {
    const frame = map.getContainer().getBoundingClientRect();
    const canvas = view.renderer.getPane().querySelector("canvas");
    const at = canvas.getBoundingClientRect();
    pen.save();
    pen.beginPath();
    pen.rect(0, top, box.x, box.y);
    pen.clip();
    pen.fillStyle = "#eef1f4";
    pen.fillRect(0, top, box.x, box.y);
    pen.drawImage(canvas, at.x - frame.x, top + at.y - frame.y, at.width, at.height);
    pen.font = `12px ${FONT}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    for (const label of view.places.children) {
      const spot = label.getBoundingClientRect();
      const [x, y] = [spot.x + spot.width / 2 - frame.x, top + spot.y + spot.height / 2 - frame.y];
      pen.strokeStyle = "#ffffff";
      pen.lineWidth = 3;
      pen.strokeText(label.textContent, x, y);
      pen.fillStyle = "#10161d";
      pen.fillText(label.textContent, x, y);
    }
    pen.restore();
  }

  function drawLegend(pen, top, width) {
    const items = [...byId("na-legend").querySelectorAll("li")];
    const columns = width > 620 ? 2 : 1;
    const each = Math.ceil(items.length / columns);
    const wide = (width - 2 * MARGIN) / columns;
    const heights = new Array(columns).fill(top);
    items.forEach((item, n) => {
      const column = Math.floor(n / each);
      const x = MARGIN + column * wide;
      const canvas = item.querySelector("canvas");
      const step = Math.max(24, canvas.height + 4);
      const middle = heights[column] + step / 2;
      pen.drawImage(canvas, x, middle - canvas.height / 2);
      if (!canvas.classList.contains("na-circle")) {
        pen.strokeStyle = "#8c96a1";
        pen.lineWidth = 1;
        pen.strokeRect(x + 0.5, middle - canvas.height / 2 + 0.5, canvas.width - 1, canvas.height - 1);
      }
      pen.font = `13px ${FONT}`;
      pen.fillStyle = "#1c2430";
      pen.textBaseline = "middle";
      pen.fillText(item.children[1].textContent, x + canvas.width + 8, middle, wide - canvas.width - 16);
      pen.textBaseline = "alphabetic";
      heights[column] += step;
    });
    return heights.reduce((a, b) => Math.max(a, b), top);
  }

  function paint(pen, box, ambito) {
    const { shown } = view;
    const said = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
    const years = shown.vintages.filter(Boolean).join(", ");
    const place = [said(".na-head .na-area")[0], ambito].filter(Boolean).join(" – ");
    const warnings = said(".na-head p:not(.na-area, .na-back)").map((line) => [line, 13, "600", "#8a3b00"]);
    let y = write(pen, [[said("h1")[0], 20, "600", "#1c2430"], [place, 14, "400", "#55606e"], ...warnings, [said("#na-legend h2")[0], 16, "600", "#1c2430"]], 6, box.x);
    drawMap(pen, y + 10, box);
    y = drawLegend(pen, y + 10 + box.y + 10, box.x);
    const notes = said("#na-legend > p").map((line) => [line, 12, "400", "#55606e"]);
    const source = [shown.sources && `${text.source}: ${shown.sources}`, years && `${text.year}: ${years}`].filter(Boolean).join(". ");
    return write(pen, [...notes, [source, 12, "400", "#55606e"], [`${text.boundaries}.`, 12, "400", "#55606e"]], y, box.x) + MARGIN;
  }

  function picture(done) {
    const box = map.getSize();
    const ambito = view.ambito === null ? "" : `${text.ambito} ${data.ambiti.labels[view.ambito]}`;
    const canvas = element("canvas");
    const pen = canvas.getContext("2d");
    const high = Math.ceil(paint(pen, box, ambito));
    const scale = 2;
    canvas.width = box.x * scale;
    canvas.height = high * scale;
    pen.scale(scale, scale);
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, box.x, high);
    paint(pen, box, ambito);
    canvas.toBlob(done, "image/png");
  }

  // ---- the address ----------------------------------------------------------------------------

  const codes = data.codes ? codesOf(data.codes) : null;
  const codeOf = (i) => codes[i];

  function codesOf(column) {
    return view.unpack(column, view.size).map((one) => String(one).padStart(6, "0"));
  }

  const indexOf = (name) => data.indicators.findIndex((one) => one.name === name);
  const KEYS = { indicator: "indicatore", second: "con", colours: "colori", ambito: "ambito", unit: "comune" };

  function address() {
    const said = new URLSearchParams();
    said.set(KEYS.indicator, view.shown.name);
    if (view.second) said.set(KEYS.second, view.second.name);
    if (view.colouring !== "italy") said.set(KEYS.colours, "area");
    if (view.ambito !== null) said.set(KEYS.ambito, data.ambiti.labels[view.ambito]);
    if (view.chosen !== null) said.set(KEYS.unit, codes ? codeOf(view.chosen) : data.names[view.chosen]);
    return `#${said}`;
  }

  let restoring = false;

  /* Replaces the address: the way back leaves the page, not a hundred clicks. */
  function remember() {
    if (restoring) return;
    const now = address();
    if (now !== location.hash) history.replaceState(null, "", now);
  }

  /* What the address does not say, or says of nothing that is here, is as when the map opens. */
  function restore() {
    const said = new URLSearchParams(location.hash.slice(1));
    const known = (position) => (position >= 0 ? position : null);
    const first = known(indexOf(said.get(KEYS.indicator)));
    const beside = known(indexOf(said.get(KEYS.second)));
    const colours = said.get(KEYS.colours) === "area" ? "area" : "italy";
    const ambito = known(data.ambiti ? data.ambiti.labels.indexOf(said.get(KEYS.ambito)) : -1);
    const unit = known((codes || data.names).indexOf(said.get(KEYS.unit)));
    restoring = true;
    view.show(first === null ? data.first : first);
    view.compareWith(beside);
    if (colours !== view.colouring) view.colourBy(colours);
    if (ambito !== view.ambito) view.showAmbito(ambito);
    view.choose(unit === null && data.focus >= 0 ? data.focus : unit);
    if (beside !== null || ambito !== null) byId("na-more").open = true;
    restoring = false;
  }

  byId("na-csv").addEventListener("click", () =>
    download(new Blob([table()], { type: "text/csv;charset=utf-8" }), `${slug(view.shown.label)}.csv`)
  );
  byId("na-png").addEventListener("click", () => picture((blob) => download(blob, `${slug(view.shown.label)}.png`)));
  if (location.hash) restore();
  window.addEventListener("hashchange", restore);
  view.watch(remember);
}
