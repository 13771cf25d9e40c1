"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (!head.textContent) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = "Sort";
    head.textContent = "";
    head.append(button);
    button.addEventListener("click", () => sort(table, heads, column));
  });
  if (table.tBodies[0].rows.length > 20) filterable(table);
}
function sort(table, heads, column) {
  const numeric = heads[column].classList.contains("n");
  const before = heads[column].getAttribute("aria-sort");
  const descending = before ? before !== "descending" : numeric;
  heads.forEach((head) => head.removeAttribute("aria-sort"));
  heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
  const key = (row) => {
    const cell = row.cells[column];
    if (!numeric) return cell.textContent;
    return cell.dataset.value ? Number(cell.dataset.value) : -Infinity;
  };
  const words = new Intl.Collator(undefined, { numeric: true });
  const compare = (a, b) => (numeric ? a[0] - b[0] || 0 : words.compare(a[0], b[0]));
  const rows = [...table.tBodies[0].rows].map((row) => [key(row), row]).sort(compare);
  if (descending) rows.reverse();
  table.tBodies[0].append(...rows.map((pair) => pair[1]));
}
function filterable(table) {
  const box = document.createElement("input");
  box.type = "search";
  box.placeholder = "Filter rows";
  box.setAttribute("aria-label", "Filter rows of " + table.parentElement.getAttribute("aria-label"));
  box.addEventListener("input", () => {
    const wanted = box.value.toLowerCase();
    for (const row of table.tBodies[0].rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  });
  table.parentElement.before(box);
}
function unfold() {
  const article = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const details = article && article.querySelector("details");
  if (details) details.open = true;
}
addEventListener("hashchange", unfold);
addEventListener("beforeprint", () => {
  const folded = document.querySelectorAll("details:not(.how)");
  if (folded.length <= 40) folded.forEach((details) => (details.open = true));
});
unfold();
