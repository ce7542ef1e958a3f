/* Search, filters, sorting and pages of a portfolio; what is chosen stands behind the # of the address, so that it can be sent as a link.
   Without this script the page is the same plain table. */
"use strict";
(() => {
  const lang = document.documentElement.lang;
  const at = (id) => document.getElementById(id);
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
  const fill = (text, first, second) => text.replace("%1", () => first).replace("%2", () => second);
  const count = (number) => number.toLocaleString(lang);
  const PAGE = 100;

  const chosen = () => (location.hash.includes("=") ? new URLSearchParams(location.hash.slice(1)) : new URLSearchParams());
  const keep = (changes) => {
    const words = chosen();
    for (const [key, value] of Object.entries(changes)) value ? words.set(key, value) : words.delete(key);
    history.replaceState(null, "", `#${words.toString()}` === "#" ? "#list" : `#${words}`);
  };

  const strips = () => {
    const choice = at("choice");
    if (!choice) return;
    const select = at("indicator");
    const show = () => {
      for (const part of document.querySelectorAll("[data-strip]")) part.hidden = part.dataset.strip !== select.value;
    };
    const read = () => {
      const asked = chosen().get("indicator");
      if (asked && [...select.options].some((option) => option.value === asked)) select.value = asked;
      show();
    };
    for (const head of document.querySelectorAll("[data-strip] > h3")) head.hidden = true;
    select.addEventListener("change", () => { keep({ indicator: select.selectedIndex ? select.value : "" }); show(); });
    addEventListener("hashchange", read);
    choice.hidden = false;
    read();
  };

  const table = () => {
    const grid = at("territories"), filters = at("filters"), status = at("status"), pages = at("pages");
    if (!grid) return;
    const body = grid.tBodies[0];
    const heads = [...grid.tHead.rows[0].cells];
    const rows = [...body.rows];
    const search = at("search");
    const selects = [...filters.querySelectorAll("select")];
    const collator = new Intl.Collator(lang, { numeric: true });
    const column = Object.fromEntries(heads.filter((head) => head.dataset.key).map((head) => [head.dataset.key, head.cellIndex]));
    let page = 0, sorted = null, ascending = true, ordered = rows, kept = rows;

    const number = (text) => {
      const found = text.replace(/[\s\u00a0\u202f]/g, "").replace("\u2212", "-").match(/^-?[\d.,]+/);
      if (!found) return "";
      return Number(lang === "fr" ? found[0].replace(",", ".") : found[0].replace(/,/g, ""));
    };
    const told = (row, key) => {
      const cell = row.cells[column[key]];
      if (key === "grade") return [...cell.querySelectorAll(".grade")].map((mark) => mark.textContent);
      if (key === "commune") return [cell.textContent];
      if (key === "state") return [cell.textContent];
      return [...cell.querySelectorAll(".verdict")].map((mark) => mark.lastChild.textContent.trim());
    };
    const memory = new Map(rows.map((row) => [row, {}]));
    const once = (row, key, make) => {
      const held = memory.get(row);
      return key in held ? held[key] : (held[key] = make());
    };
    const holds = (row, select) => {
      const key = select.dataset.filter, option = select.options[select.selectedIndex];
      if (key === "department") return Number(row.dataset.d) === select.selectedIndex - 1;
      if (key === "epci") return Number(row.dataset.e) === select.selectedIndex - 1;
      return once(row, key, () => told(row, key)).includes(option.textContent);
    };

    const towns = () => {
      const select = selects.find((item) => item.dataset.filter === "commune");
      const department = selects.find((item) => item.dataset.filter === "department");
      const before = select.value;
      const inside = rows.filter((row) => !department || !department.value || holds(row, department));
      const names = [...new Set(inside.map((row) => told(row, "commune")[0]).filter(Boolean))].sort(collator.compare);
      select.replaceChildren(select.options[0], ...names.map((name) => new Option(name, name)));
      select.value = names.includes(before) ? before : "";
    };

    const show = () => {
      const last = Math.max(0, Math.ceil(kept.length / PAGE) - 1);
      page = Math.min(page, last);
      const shown = kept.slice(page * PAGE, page * PAGE + PAGE);
      body.replaceChildren(...shown);
      pages.hidden = last === 0;
      at("before").disabled = page === 0;
      at("after").disabled = page === last;
      const lines = fill(status.dataset.page, count(page * PAGE + 1), count(page * PAGE + shown.length));
      at("page").textContent = lines;
      const parts = [fill(status.dataset.shown, count(kept.length), count(rows.length))];
      if (last) parts.push(lines);
      if (sorted) parts.push(fill(status.dataset.sorted, sorted.textContent.trim(), ascending ? status.dataset.ascending : status.dataset.descending));
      status.textContent = parts.join(", ");
    };

    const filter = () => {
      const asked = plain(search.value).split(/\s+/).filter(Boolean);
      const active = selects.filter((select) => select.value);
      kept = ordered.filter((row) => {
        const text = asked.length ? once(row, "search", () => plain(row.cells[0].textContent + " " + row.cells[1].textContent)) : "";
        return asked.every((word) => text.includes(word)) && active.every((select) => holds(row, select));
      });
      show();
    };

    const order = () => {
      for (const head of heads) head.removeAttribute("aria-sort");
      ordered = rows;
      if (!sorted) return;
      sorted.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const place = sorted.cellIndex, numeric = sorted.dataset.sort === "number";
      const keyed = rows.map((row) => [once(row, `sort${place}`, () => (numeric ? number : plain)(row.cells[place].textContent.trim())), row]);
      keyed.sort(([a], [b]) => {
        if (a === "" || b === "") return (a === "") - (b === "");
        const way = numeric ? a - b : collator.compare(a, b);
        return ascending ? way : -way;
      });
      ordered = keyed.map(([, row]) => row);
    };

    const note = () => {
      const changes = { q: search.value, page: page ? String(page + 1) : "", sort: sorted ? String(sorted.cellIndex) : "", down: sorted && !ascending ? "1" : "" };
      for (const select of selects) changes[select.dataset.filter] = select.value;
      keep(changes);
    };

    const read = () => {
      const asked = chosen();
      search.value = asked.get("q") || "";
      for (const select of selects) {
        const value = asked.get(select.dataset.filter) || "";
        if (select.dataset.filter === "commune") towns();
        select.value = [...select.options].some((option) => option.value === value) ? value : "";
      }
      sorted = heads.find((head) => head.dataset.sort && asked.has("sort") && head.cellIndex === Number(asked.get("sort"))) || null;
      ascending = !asked.get("down");
      page = Math.max(0, (Number(asked.get("page")) || 1) - 1);
      order();
      filter();
    };

    for (const head of heads.filter((item) => item.dataset.sort)) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        ascending = sorted === head ? !ascending : true;
        sorted = head;
        page = 0;
        order(); filter(); note();
      });
    }
    const changed = () => { page = 0; filter(); note(); };
    search.addEventListener("input", changed);
    for (const select of selects) {
      select.addEventListener("change", () => {
        if (select.dataset.filter === "department") towns();
        changed();
      });
    }
    const turn = (by) => { page += by; show(); note(); at("status").scrollIntoView({ block: "nearest" }); };
    at("before").addEventListener("click", () => turn(-1));
    at("after").addEventListener("click", () => turn(1));
    at("clear").addEventListener("click", () => { search.value = ""; for (const select of selects) select.value = ""; towns(); changed(); });
    for (const mark of document.querySelectorAll("[data-code]")) {
      mark.addEventListener("click", () => { search.value = mark.dataset.code; changed(); at("list").scrollIntoView(); });
    }
    addEventListener("hashchange", () => { if (location.hash.includes("=")) read(); });
    filters.hidden = false;
    grid.classList.remove("long");
    towns();
    read();
  };

  const finder = () => {
    const box = at("finder");
    if (!box) return;
    const input = at("place"), list = at("places"), found = at("found");
    let asked = false;
    const look = () => {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      const hits = words.length && self.evalkitPlaces ? self.evalkitPlaces.filter(([text]) => { const held = plain(text); return words.every((word) => held.includes(word)); }) : [];
      list.replaceChildren(...hits.slice(0, 20).map(([text, href, query]) => {
        const item = document.createElement("li"), link = document.createElement("a");
        link.href = `${href}#q=${encodeURIComponent(query)}`;
        link.textContent = text;
        item.append(link);
        return item;
      }));
      found.textContent = !words.length || !self.evalkitPlaces ? "" : hits.length ? fill(found.dataset.count, count(hits.length)) : found.dataset.none;
    };
    const load = () => {
      if (asked) return;
      asked = true;
      const script = document.createElement("script");
      script.src = box.dataset.source;
      script.addEventListener("load", look);
      document.head.append(script);
    };
    input.addEventListener("focus", load);
    input.addEventListener("input", () => { load(); look(); });
    box.hidden = false;
  };

  strips();
  table();
  finder();
})();
