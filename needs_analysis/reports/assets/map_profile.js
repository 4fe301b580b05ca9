"use strict";
/* The profile of one municipality on one screen: every indicator, by component, with its year and
   quality; a rank only where the map gives one. */

function areaProfile(view) {
  const { data, text, map, byId, element, fill, count } = view;
  const dialog = byId("na-profile");
  const place = map.getContainer();
  const narrow = window.matchMedia("(max-width: 859px)");
  let opener = null;

  /* What changes over time stands apart from what is. */
  const trend = (indicator) => indicator.name.includes("_growth_");

  function chip(indicator, i) {
    const canvas = view.swatch(view.fillIn(indicator, i));
    canvas.className = "na-chip";
    canvas.setAttribute("aria-hidden", "true");
    return canvas;
  }

  function line(indicator, i) {
    const said = view.facts(i, indicator);
    const item = element("li");
    const { rank } = view.read(indicator);
    const ranked = said.place && rank ? fill(text.profile_rank, { rank: said.place, of: count(indicator.rank_of) }) : "";
    const observed = said.absent || said.quality === data.qualities[0];
    const about = [said.interval, observed ? "" : said.quality, said.vintage, ranked].filter(Boolean);
    item.append(
      indicator.sized ? element("span", "na-chip") : chip(indicator, i),
      element("span", "na-said", indicator.label),
      element("span", said.absent ? "na-figure na-absent" : "na-figure", said.value)
    );
    if (about.length) item.append(element("small", "", about.join(" · ")));
    return item;
  }

  function group(title, indicators, i) {
    const section = element("section");
    const list = element("ul");
    indicators.forEach((indicator) => list.append(line(indicator, i)));
    section.append(element("h3", "", title), list);
    return section;
  }

  /* The indicator of the map, and the one compared, in large. */
  function head(indicator, i) {
    const said = view.facts(i, indicator);
    const block = element("div", "na-first");
    block.append(
      element("p", "", indicator.label),
      element("p", said.absent ? "na-value na-absent" : "na-value", said.value)
    );
    const about = [said.interval, said.absent ? "" : said.quality, said.vintage].filter(Boolean).join(" · ");
    block.append(element("p", "na-area", about));
    for (const rank of said.ranks) block.append(element("p", said.allocated ? "na-warn" : "na-area", rank));
    return block;
  }

  function fillProfile() {
    const i = view.chosen;
    dialog.textContent = "";
    const name = element("h2", "", data.names[i]);
    name.id = "na-profile-name";
    name.tabIndex = -1;
    const close = element("button", "na-close", "×");
    close.type = "button";
    close.setAttribute("aria-label", text.profile_close);
    close.title = text.profile_close;
    close.addEventListener("click", shut);
    const known = view.ambiti && view.ambiti[i] !== null;
    const where = [data.provinces[view.provinces[i]], known ? `${text.ambito}: ${data.ambiti.labels[view.ambiti[i]]}` : ""];
    const title = element("div");
    title.append(name, element("p", "na-area", where.filter(Boolean).join(" – ")));
    const top = element("div", "na-top");
    top.append(title, close);
    dialog.append(top);
    view.details.forEach((one) => {
      const content = view.detail(one, i);
      if (content) dialog.append(element("p", "na-warn", `${one.label}: ${content}`));
    });
    const large = element("div", "na-large");
    large.append(head(view.shown, i));
    if (view.second) large.append(head(view.second, i));
    const groups = element("div", "na-groups");
    const components = new Map();
    for (const indicator of data.indicators) {
      const title = trend(indicator) ? text.profile_trend : indicator.component;
      if (indicator === view.shown || indicator === view.second) continue;
      if (!components.has(title)) components.set(title, []);
      components.get(title).push(indicator);
    }
    components.forEach((indicators, title) => groups.append(group(title, indicators, i)));
    dialog.append(large, groups, element("p", "na-key", text.profile_key));
  }

  /* Beside the map on a desk, where the chosen one stays in sight; over the page on a phone. */
  function open() {
    if (!dialog.open) opener = document.activeElement;
    view.closeTip();
    fillProfile();
    dialog.scrollTop = 0;
    if (!dialog.open) {
      if (narrow.matches) dialog.showModal();
      else dialog.show();
    }
    if (!narrow.matches) uncover();
    byId("na-profile-name").focus({ preventScroll: true });
  }

  function uncover() {
    const free = map.getSize().x - dialog.offsetWidth;
    const at = map.latLngToContainerPoint(view.middle(view.chosen));
    if (at.x > free - 30) map.panBy([at.x - Math.max(free, 60) / 2, 0], { animate: false });
  }

  function back() {
    if (!opener) return;
    const to = opener && opener.isConnected && opener !== document.body ? opener : byId("na-profile-button") || place;
    to.focus({ preventScroll: true });
    opener = null;
  }

  function shut() {
    dialog.close();
    back();
  }

  place.append(dialog);
  L.DomEvent.disableClickPropagation(dialog);
  L.DomEvent.disableScrollPropagation(dialog);
  for (const type of ["mousemove", "mouseover", "keydown"]) dialog.addEventListener(type, (event) => event.stopPropagation());
  dialog.addEventListener("close", back);
  const escape = (event) => {
    if (event.key !== "Escape" || !dialog.open) return;
    event.preventDefault();
    shut();
  };
  dialog.addEventListener("keydown", escape);
  document.addEventListener("keydown", escape);
  view.openProfile = open;
  view.watch(() => {
    if (!dialog.open) return;
    if (view.chosen === null) shut();
    else fillProfile();
  });
}
