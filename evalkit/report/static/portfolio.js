/* Search, filters and sorting of a portfolio. Without this script the page is the same plain table. */
"use strict";
(() => {
  const table = document.getElementById("territories");
  const filters = document.getElementById("filters");
  const status = document.getElementById("status");
  if (!table || !filters || !status) return;
  const lang = document.documentElement.lang;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const search = document.getElementById("search");
  const selects = Array.from(filters.querySelectorAll("select"));
  const collator = new Intl.Collator(lang, { numeric: true });
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "");
  const fill = (text, first, second) => text.replace("%1", () => first).replace("%2", () => second);
  let order = "";

  const say = () => {
    const shown = rows.filter((row) => !row.hidden).length;
    const counts = fill(status.dataset.shown, shown.toLocaleString(lang), rows.length.toLocaleString(lang));
    status.textContent = order ? `${counts}, ${order}` : counts;
  };

  const filter = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const found = words.every((word) => row.dataset.search.includes(word));
      const kept = selects.every((select) => {
        const held = row.dataset[select.dataset.filter];
        const values = select.dataset.filter === "verdict" ? held.split(" ") : [held];
        return !select.value || values.includes(select.value);
      });
      row.hidden = !(found && kept);
    }
    say();
  };

  const key = (row, column) => {
    const { number, value } = row.cells[column].dataset;
    return number === undefined ? value || "" : number === "" ? "" : Number(number);
  };

  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));

  const sort = (head) => {
    const ascending = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const keyed = rows.map((row) => [key(row, head.cellIndex), row]);
    keyed.sort(([a], [b]) => {
      if (a === "" || b === "") return (a === "") - (b === "");
      return ascending ? compare(a, b) : compare(b, a);
    });
    body.append(...keyed.map(([, row]) => row));
    const direction = ascending ? status.dataset.ascending : status.dataset.descending;
    order = fill(status.dataset.sorted, head.textContent.trim(), direction);
    say();
  };

  for (const head of table.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head));
  }
  search.addEventListener("input", filter);
  for (const select of selects) select.addEventListener("change", filter);
  filters.hidden = false;
  say();
})();
