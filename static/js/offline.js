/* The connection of a page outside: the worker, the day pack, what waits to be sent, signing out.
   On the shell it opens the sealed page that belongs to the address. */
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const isShell = document.body.hasAttribute("data-shell");
  const isOutside = document.body.classList.contains("field-page");
  const user = document.currentScript?.dataset.user || "";
  const RETRY = [2, 5, 15, 30, 60], PACK_MINUTES = 10;
  let offlineSince = null, retries = 0, timer = 0;
  const clock = (when) => new Date(when).toLocaleTimeString("ko-KR", { hour: "2-digit", minute: "2-digit", hour12: false });

  // ---------------------------------------------------------------- sending when there is a connection
  async function send() {
    clearTimeout(timer);
    const { unsent, trouble } = await Outbox.counts();
    if (unsent === trouble) { retries = 0; return show(); }
    const state = await Outbox.flush();
    if (state === "offline" || state === "busy") timer = setTimeout(send, RETRY[Math.min(retries++, RETRY.length - 1)] * 1000);
    else retries = 0;
    if (state === "offline") navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("outbox")).catch(() => {});
    return show();
  }
  window.addEventListener("online", () => { retries = 0; if (isShell) Outbox.atRest().then(() => location.reload()); else send().then(() => pack()); });
  window.addEventListener("offline", () => show());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  window.addEventListener("focus", () => send());

  // ---------------------------------------------------------------- in words, always in the same place
  async function show() {
    const { unsent, trouble, sealed } = await Outbox.counts();
    const cut = isShell || !navigator.onLine || Outbox.state === "offline";
    offlineSince = cut ? offlineSince || Date.now() : null;
    $$("[data-offline]").forEach((bar) => { bar.hidden = !cut; bar.dataset.offline = "manual"; });
    $$("[data-outbox-sealed]").forEach((word) => { word.textContent = unsent ? ` · 기기에 ${sealed ? "암호화 " : ""}저장 ${unsent}건` : ""; });
    $$("[data-offline-since]").forEach((word) => { word.textContent = offlineSince ? `${clock(offlineSince)}부터 · ` : ""; });
    $$("[data-outbox-count]").forEach((dot) => { dot.hidden = !unsent; dot.innerHTML = ""; dot.append(String(unsent), Object.assign(document.createElement("span"), { className: "vh", textContent: "건" })); });
    $$("[data-outbox-trouble]").forEach((bar) => { bar.hidden = !trouble; });
    $$("[data-outbox-trouble-words]").forEach((word) => { word.textContent = `확인할 것이 ${trouble}건 있습니다`; });
    $$("[data-signed-out]").forEach((note) => { note.hidden = Outbox.state !== "signed-out"; });
    await mark();
    if ($("#outbox")?.open) list();
    document.dispatchEvent(new CustomEvent("outbox:shown", { detail: { unsent, trouble, cut, sealed, state: Outbox.state } }));
  }
  /** Stops with something unsent say so on the day list. */
  async function mark() {
    const stops = $$(".stop[data-visit]");
    if (!stops.length) return;
    const rows = (await Outbox.all()).filter((row) => row.state !== "sent");
    stops.forEach((stop) => {
      const mine = rows.filter((row) => row.visit === stop.dataset.visit);
      let tag = $("[data-unsent]", stop);
      if (!mine.length) { tag?.remove(); return; }
      if (!tag) { tag = Object.assign(document.createElement("span"), { className: "tag wait" }); tag.dataset.unsent = ""; $(".line1", stop).append(tag); }
      tag.textContent = `◷ 보내기 전 ${mine.length}건`;
    });
  }
  async function list() {
    const rows = (await Outbox.all()).filter((row) => row.state !== "sent");
    const items = rows.map((row) => {
      const item = document.createElement("li");
      const title = Object.assign(document.createElement("b"), { textContent: row.label || "기록" });
      const said = Object.assign(document.createElement("span"), { className: "sub small block", textContent: row.state === "trouble" ? row.message : `${clock(row.at)} 적음 · 보내기 전` });
      item.append(title, said);
      if (row.state === "trouble") {
        if (row.words) item.append(Object.assign(document.createElement("span"), { className: "small block", textContent: `적은 것: ${row.words}` }));
        const row2 = Object.assign(document.createElement("span"), { className: "btns" });
        row2.append(button("다시 보내기", () => Outbox.settle(row.id, "mine").then(send)), button("보내지 않기", () => Outbox.settle(row.id, "theirs").then(show)));
        item.append(row2);
      }
      return item;
    });
    $("[data-outbox-list]")?.replaceChildren(...items);
    const summary = $("[data-outbox-summary]");
    if (summary) summary.textContent = rows.length ? `${rows.length}건이 ${Outbox.sealed ? "암호화되어 이 기기에" : "이 화면에만"} 있습니다.` : "모두 보냈습니다.";
  }
  const button = (words, act) => { const made = Object.assign(document.createElement("button"), { type: "button", className: "btn sm", textContent: words }); made.addEventListener("click", act); return made; };
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-outbox-open]")) { event.preventDefault(); list().then(() => $("#outbox")?.showModal()); }
    if (event.target.closest("[data-outbox-send]")) send().then(list);
  });

  // ---------------------------------------------------------------- a link waits until what was just written is kept
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target || !Outbox.isWriting) return;
    event.preventDefault();
    Outbox.atRest().then(() => location.assign(link.href));
  });

  // ---------------------------------------------------------------- forms that may wait: start, not met, alarm
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-outbox-form]") || event.defaultPrevented || !Outbox.sealed) return;
    event.preventDefault();
    delete form.dataset.busy;
    const body = [...new FormData(form, event.submitter)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && name !== "client_key" && typeof value === "string");
    const visit = $("[data-visit]")?.dataset.visit || location.pathname.split("/")[2];
    const id = form.elements.client_key?.value;
    Outbox.put({ id: id || undefined, url: form.getAttribute("action") || location.pathname, body, visit, label: form.dataset.outboxLabel })
      .then(send).then(async () => {
        const row = (await Outbox.all()).find((r) => r.id === id);
        if (row?.state === "trouble") { await Outbox.remove(id); window.Seongbuk.toast({ text: row.message, tone: "bad" }); return show(); }
        location.assign(form.dataset.outboxTo);
      });
  });

  // ---------------------------------------------------------------- the pack, and the page it holds for this address
  async function pack() {
    if (isShell || !isOutside || !navigator.onLine || !(await Outbox.ready(user))) return;
    const age = (Date.now() - ((await Outbox.meta("packed")) || 0)) / 60000;
    if (age < ($(".stops, .daynav") ? 1 : PACK_MINUTES)) return;
    const answer = await fetch("/offline/pack/", { cache: "no-store", redirect: "manual", credentials: "same-origin" });
    if (answer.ok) await Outbox.keepPages(await answer.json());
  }
  async function openPage() {
    const { pathname, search } = location;
    const record = pathname.match(/^(\/visits\/[^/]+\/)(record\/)?/);
    let html = (await Outbox.page(pathname + search)) || (await Outbox.page(pathname));
    if (record && (!html || record[2] || (await hasBegun(record[1])))) html = (await Outbox.page(`${record[1]}record/`)) || html;
    if (!html) { $("[data-shell-empty]").hidden = false; return show(); }
    const kept = new DOMParser().parseFromString(html, "text/html");
    document.title = kept.title;
    document.body.className = kept.body.className;
    document.body.replaceChildren(...[...kept.body.childNodes].filter((node) => node.nodeName !== "SCRIPT" || node.type === "application/json"));
    document.dispatchEvent(new CustomEvent("page:opened"));
    return show();
  }
  const hasBegun = async (base) => (await Outbox.all()).some((row) => row.url === `${base}start/`);

  // ---------------------------------------------------------------- signing out leaves nothing on the device
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-signout]") || "wiped" in form.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    (async () => {
      await send();
      const { unsent } = await Outbox.counts();
      if (unsent && !(await window.Seongbuk.confirmed(`보내지 않은 기록이 ${unsent}건 있습니다. 로그아웃하면 이 기기에서 지워집니다. 연결된 곳에서 보낸 뒤 로그아웃하기를 권합니다.`, "지우고 로그아웃", form))) return;
      await Outbox.wipe();
      for (const worker of (await navigator.serviceWorker?.getRegistrations()) || []) await worker.unregister();
      form.dataset.wiped = "";
      form.requestSubmit();
    })();
  }, true);

  // ---------------------------------------------------------------- begin
  Outbox.onchange(() => show());
  window.Offline = { send, show };
  if (isShell) document.addEventListener("DOMContentLoaded", openPage); // after the scripts that make the opened page live
  else {
    if (Outbox.sealed && isOutside) navigator.serviceWorker?.register("/sw.js").catch(() => {});
    (isOutside ? Outbox.ready(user) : Promise.resolve()).then(() => send()).then(() => pack()).catch(() => show());
  }
})();
