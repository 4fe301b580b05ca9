"use strict";
/* Two indicators of the same municipalities: how many are worse than Italy in both, and a point each.
   Nothing here says that one depends on the other. */

function areaCompare(view) {
  const { text, data, byId, element, fill, count, read } = view;
  const HIGH = 380;
  const LEFT = 78;
  // The chart's own units are the screen's: its letters stay legible on a phone.
  const wide = () => Math.max(320, Math.min(640, byId("na-compare").clientWidth || 640));
  const BELOW = 52;
  const MOST_WHISKERS = 80;
  const measure = (indicator) => !indicator.codes && !indicator.sized;

  const drawn = (tag, attributes, content) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (content !== undefined) made.textContent = content;
    return made;
  };

  /* On which side of Italy's value one stands: 0 where its interval holds both. */
  function side(indicator, i) {
    const { value, low, high } = read(indicator);
    const least = low && low[i] !== null ? low[i] : value[i];
    const most = high && high[i] !== null ? high[i] : value[i];
    return least > indicator.mean ? 1 : most < indicator.mean ? -1 : 0;
  }

  function sentence(first, second, units) {
    const of = count(units.length);
    if (first.mean === undefined || second.mean === undefined) return fill(text.compare_count, { of });
    const judged = first.polarity && second.polarity;
    const worse = (indicator, i) => side(indicator, i) * (judged ? indicator.polarity : 1) > 0;
    const a = units.filter((i) => worse(first, i));
    const b = units.filter((i) => worse(second, i));
    const both = a.filter((i) => worse(second, i)).length;
    const words = { of, both: count(both), first: count(a.length - both), second: count(b.length - both) };
    const pattern = judged ? text.compare_both_worse : text.compare_both_above;
    const estimated = read(first).low || read(second).low;
    return fill(pattern, words) + (estimated ? ` ${text.compare_interval}` : "");
  }

  function scale(indicator, units, from, to) {
    const { value, low, high } = read(indicator);
    const whiskers = units.length <= MOST_WHISKERS;
    const ends = units.flatMap((i) => [value[i], ...(whiskers && low && low[i] !== null ? [low[i], high[i]] : [])]);
    if (indicator.mean !== undefined) ends.push(indicator.mean);
    const least = ends.reduce((a, b) => Math.min(a, b), Infinity);
    const most = ends.reduce((a, b) => Math.max(a, b), -Infinity);
    const span = most - least || 1;
    const at = (one) => from + ((one - least) / span) * (to - from);
    return { at, least, most };
  }

  const dot = (x, y) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`;

  function axes(svg, [first, second], [across, up], width) {
    const right = width - 14;
    const foot = HIGH - BELOW;
    svg.append(drawn("path", { d: `M${LEFT} 10V${foot}H${right}`, class: "na-axis" }));
    const say = (x, y, anchor, content, more) =>
      svg.append(drawn("text", { x, y, "text-anchor": anchor, ...more }, content));
    const short = (indicator, value) => view.printedValue({ ...indicator, unit: indicator.unit === "%" ? "%" : "" }, value);
    say(LEFT + 8, foot + 17, "start", short(first, across.least));
    say(right, foot + 17, "end", short(first, across.most));
    say(LEFT - 6, foot - 4, "end", short(second, up.least));
    say(LEFT - 6, 22, "end", short(second, up.most));
    const named = (indicator, room) => {
      const unit = indicator.unit && !indicator.label.includes(indicator.unit) ? ` (${indicator.unit})` : "";
      const label = indicator.label + (indicator.label.length + unit.length > room ? "" : unit);
      return label.length > room ? `${label.slice(0, room - 1)}…` : label;
    };
    say((LEFT + right) / 2, HIGH - 12, "middle", named(first, (right - LEFT) / 6.8), { class: "na-axis-name" });
    const middle = (10 + foot) / 2;
    say(0, 0, "middle", named(second, 44), { class: "na-axis-name", transform: `translate(14 ${middle}) rotate(-90)` });
    if (first.mean !== undefined) svg.append(drawn("path", { d: `M${across.at(first.mean)} 10V${foot}`, class: "na-mean-line" }));
    if (second.mean !== undefined) svg.append(drawn("path", { d: `M${LEFT} ${up.at(second.mean)}H${right}`, class: "na-mean-line" }));
  }

  /* The chosen one's name, and of few units those that cover no other. */
  function names(svg, units, at, width) {
    const taken = [];
    const order = units.map((_, k) => k).filter((k) => units.length <= 40 || units[k] === view.chosen);
    order.sort((a, b) => (units[b] === view.chosen) - (units[a] === view.chosen));
    for (const k of order) {
      const name = data.names[units[k]];
      const [x, y] = at[k];
      const long = name.length * 6.6;
      const left = x + 8 + long > width;
      const box = [left ? x - 8 - long : x + 8, y - 17, left ? x - 8 : x + 8 + long, y - 3];
      if (taken.some((one) => box[0] < one[2] && box[2] > one[0] && box[1] < one[3] && box[3] > one[1])) continue;
      taken.push(box);
      const place = { x: left ? x - 8 : x + 8, y: y - 5, "text-anchor": left ? "end" : "start" };
      svg.append(drawn("text", { ...place, class: "na-point-name" }, name));
    }
  }

  function scatter(first, second, units, words) {
    const width = wide();
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${HIGH}`, role: "img", "aria-label": words });
    const [x, y] = [read(first), read(second)];
    const across = scale(first, units, LEFT + 12, width - 24);
    const up = scale(second, units, HIGH - BELOW - 12, 20);
    axes(svg, [first, second], [across, up], width);
    const at = units.map((i) => [across.at(x.value[i]), up.at(y.value[i])]);
    if (units.length <= MOST_WHISKERS) {
      const bars = units.map((i, k) => {
        const flat = x.low && x.low[i] !== null ? `M${across.at(x.low[i])} ${at[k][1]}H${across.at(x.high[i])}` : "";
        const tall = y.low && y.low[i] !== null ? `M${at[k][0]} ${up.at(y.low[i])}V${up.at(y.high[i])}` : "";
        return flat + tall;
      });
      svg.append(drawn("path", { d: bars.join(""), class: "na-whiskers" }));
    }
    // One path for all: Italy has thousands.
    const many = units.length > 400;
    svg.append(drawn("path", { d: at.map(([a, b]) => dot(a, b)).join(""), class: many ? "na-dots na-many" : "na-dots" }));
    const k = units.indexOf(view.chosen);
    if (k >= 0) svg.append(drawn("circle", { cx: at[k][0], cy: at[k][1], r: 7, class: "na-point" }));
    names(svg, units, at, width);
    svg.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect();
      const [a, b] = [((event.clientX - box.x) / box.width) * width, ((event.clientY - box.y) / box.height) * HIGH];
      const far = at.map(([p, q]) => (p - a) ** 2 + (q - b) ** 2);
      const nearest = far.indexOf(far.reduce((m, one) => Math.min(m, one), Infinity));
      if (far[nearest] < 400) view.choose(units[nearest]);
    });
    return svg;
  }

  function fillCompare() {
    const place = byId("na-compare");
    const { shown, second } = view;
    place.textContent = "";
    place.hidden = !second;
    if (!second) return;
    place.append(element("h2", "", fill(text.compare_title, { first: shown.label, second: second.label })));
    if (!measure(shown) || !measure(second)) {
      place.append(element("p", "", text.compare_not));
      return;
    }
    const [x, y] = [read(shown), read(second)];
    const units = data.names.map((_, i) => i).filter((i) => view.inFilter(i) && x.value[i] !== null && y.value[i] !== null);
    if (units.some((i) => [x, y].some((one) => one.quality[i] === view.QUALITY.ALLOCATED))) {
      place.append(element("p", "na-warn", text.compare_allocated));
      return;
    }
    if (units.length < 2) {
      place.append(element("p", "", text.compare_few));
      return;
    }
    const words = sentence(shown, second, units);
    place.append(element("p", "", words), scatter(shown, second, units, words));
    const lines = shown.mean === undefined && second.mean === undefined ? "" : `${text.compare_axis} `;
    place.append(element("p", "na-area", lines + text.compare_caution));
  }

  view.watch(fillCompare);
  fillCompare();
}
