/* The month board by keyboard: one tab stop, arrows go from visit to visit, Enter opens, M chooses another place,
   Escape leaves the choice. Without this file every visit is an ordinary link. */
(() => {
  "use strict";
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const ALL = "a.chip, td form button";
  const ITEMS = board.dataset.leave ? "td form button" : ALL;  // while a place is chosen, only the places
  const items = () => [...board.querySelectorAll(ITEMS)];
  const rowOf = (item) => item.closest("tr");
  const middle = (item) => { const box = item.closest("td").getBoundingClientRect(); return box.left + box.width / 2; };

  function stopAt(item, { focus = true } = {}) {
    board.querySelectorAll(ALL).forEach((one) => { one.tabIndex = one === item ? 0 : -1; });
    if (focus) { item.focus(); item.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  }

  // The nearest visit above or below: first within the half-day, then in the next line that has one.
  function vertical(item, step) {
    const cell = [...item.closest("td").querySelectorAll(ITEMS)];
    const within = cell[cell.indexOf(item) + step];
    if (within) return within;
    const rows = [...new Set(items().map(rowOf))];
    const row = rows[rows.indexOf(rowOf(item)) + step];
    if (!row) return null;
    const there = [...row.querySelectorAll(ITEMS)];
    const near = there.reduce((best, one) => Math.abs(middle(one) - middle(item)) < Math.abs(middle(best) - middle(item)) ? one : best);
    const column = there.filter((one) => one.closest("td") === near.closest("td"));
    return step > 0 ? column[0] : column[column.length - 1];
  }
  // The first visit of the next half-day to the left or right; at the edge the line before or after.
  function horizontal(item, step) {
    const all = items();
    const cells = [...new Set(all.map((one) => one.closest("td")))];
    const cell = cells[cells.indexOf(item.closest("td")) + step];
    return cell ? cell.querySelector(ITEMS) : null;
  }
  function week(item, step) {
    const weeks = [...board.tBodies].filter((body) => body.querySelector(ITEMS));
    const body = weeks[weeks.indexOf(item.closest("tbody")) + step];
    return body ? body.querySelector(ITEMS) : null;
  }
  const inRow = (item, last) => { const all = [...rowOf(item).querySelectorAll(ITEMS)]; return last ? all[all.length - 1] : all[0]; };
  const WAYS = {
    ArrowRight: (item) => horizontal(item, 1), ArrowLeft: (item) => horizontal(item, -1),
    ArrowDown: (item) => vertical(item, 1), ArrowUp: (item) => vertical(item, -1),
    PageDown: (item) => week(item, 1), PageUp: (item) => week(item, -1),
    Home: (item) => inRow(item, false), End: (item) => inRow(item, true),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const item = board.contains(event.target) ? event.target.closest(ITEMS) : null;
    if (item && WAYS[event.key]) {
      event.preventDefault();
      const next = WAYS[event.key](item);
      if (next) stopAt(next);
      return;
    }
    // KeyM, so that the key works while Hangul is being typed as well
    if (event.code === "KeyM" && !event.shiftKey && item) {
      if (item.dataset.move) { event.preventDefault(); location.assign(item.dataset.move); }
      else if (item.matches("a.chip")) window.Seongbuk?.announce(board.dataset.fixed);
      return;
    }
    if (event.key === "Escape" && board.dataset.leave && !document.querySelector("dialog[open], details.menu[open]")) location.assign(board.dataset.leave);
  });
  board.addEventListener("focusin", (event) => { const item = event.target.closest(ITEMS); if (item) stopAt(item, { focus: false }); });

  const start = board.querySelector("td.free button") || board.querySelector("a.chip[aria-current]") || items()[0];
  if (start) stopAt(start, { focus: location.hash === "#choose" && Boolean(board.dataset.leave) });
})();
