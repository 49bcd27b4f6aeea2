/* What every page does beyond plain HTML. All handlers are delegated, so parts that htmx swaps in work too.
   Pages work without this file; it adds comfort: dialogs, guards, announcements, polling manners. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // ---------------------------------------------------------------- words for screen readers, and toasts
  let lastSaid = "";
  function announce(text) {
    const live = $("#live");
    if (!live || !text || text === lastSaid) return;
    lastSaid = text;
    live.textContent = "";
    setTimeout(() => { live.textContent = text; }, 60);
  }
  const SYMBOL = { ok: "✓", warn: "▲", bad: "✕", info: "ⓘ" };
  function toast({ text, tone = "ok" }) {
    const box = document.createElement("div");
    box.className = `banner ${tone}`;
    const mark = document.createElement("i");
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = SYMBOL[tone] || SYMBOL.info;
    const words = document.createElement("span");
    words.className = "grow";
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon";
    close.setAttribute("aria-label", "알림 닫기");
    close.textContent = "✕";
    close.addEventListener("click", () => box.remove());
    box.append(mark, words, close);
    const toasts = $("#toasts");
    toasts.append(box);
    while (toasts.children.length > 3) toasts.firstElementChild.remove();
    announce(text);
    const leave = () => { if (box.matches(":hover, :focus-within")) setTimeout(leave, 3000); else box.remove(); };
    if (tone !== "bad") setTimeout(leave, 8000);
  }
  document.addEventListener("toast", (event) => toast(event.detail));

  // ---------------------------------------------------------------- menus: one open at a time, Escape closes
  const closeMenus = (except) => $$("details.menu[open]").forEach((menu) => { if (menu !== except) menu.open = false; });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));

  // ---------------------------------------------------------------- dialogs: data-dialog opens, data-close closes
  function openDialog(dialog, opener) {
    if (dialog.open) return;
    dialog.showModal();
    dialog.addEventListener("close", () => { if (opener && opener.isConnected) opener.focus(); }, { once: true });
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) { event.preventDefault(); openDialog(dialog, opener); return; }
    const closer = event.target.closest("[data-close]");
    if (closer && closer.closest("dialog")) { event.preventDefault(); closer.closest("dialog").close("no"); return; }
    if (event.target.closest("[data-back]")) { event.preventDefault(); history.back(); return; }
    if (event.target.closest("[data-print]")) { event.preventDefault(); window.print(); return; }
    const banner = event.target.closest("[data-dismiss]");
    if (banner) banner.closest(".banner, .note")?.remove();
  });

  // ---------------------------------------------------------------- "are you sure": data-confirm on a form or a button
  function confirmed(text, verb, opener) {
    const dialog = $("#confirm");
    $("[data-confirm-text]", dialog).textContent = text;
    $("[data-confirm-yes]", dialog).textContent = verb || "계속";
    dialog.returnValue = "no";
    openDialog(dialog, opener);
    return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
  }
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const source = event.detail.elt;
    confirmed(event.detail.question, source.dataset.confirmVerb, source).then((yes) => { if (yes) event.detail.issueRequest(true); });
  });

  // ---------------------------------------------------------------- submitting: composed Hangul, confirmation, once only
  let composedUntil = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = $("details.menu[open]");
      if (menu) { menu.open = false; $("summary", menu).focus(); }
    }
    // The Enter that ends a Hangul syllable must not send the form as well.
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) composedUntil = Date.now() + 120;
  }, true);
  const approved = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.submitter?.matches(":focus") !== true && Date.now() < composedUntil) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (form.matches("[data-busy]")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    const asking = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (asking && !approved.has(form) && $("#confirm")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      confirmed(asking, submitter?.dataset.confirmVerb || form.dataset.confirmVerb || submitter?.textContent.trim(), submitter).then((yes) => {
        if (!yes) return;
        approved.add(form);
        form.requestSubmit(submitter);
      });
    }
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    approved.delete(form);
    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-again]")) return;
    form.dataset.busy = "";
    // After this turn, so that the pressed button's own value is still sent.
    setTimeout(() => {
      $$("button:not([type=button]), input[type=submit]", form).forEach((button) => { if (!button.disabled) { button.disabled = true; button.dataset.guarded = ""; } });
      event.submitter?.setAttribute("aria-busy", "true");
    });
    if (form.matches("[data-download]")) setTimeout(() => release(form), 4000);
  });
  function release(form) {
    delete form.dataset.busy;
    $$("[data-guarded]", form).forEach((button) => { button.disabled = false; delete button.dataset.guarded; });
    $$("[aria-busy]", form).forEach((button) => button.removeAttribute("aria-busy"));
  }
  window.addEventListener("pageshow", () => $$("form[data-busy]").forEach(release));

  // ---------------------------------------------------------------- htmx: polling manners, guards, failures in words
  document.addEventListener("htmx:beforeRequest", (event) => {
    const source = event.detail.elt;
    if (source.matches("[data-poll]") && document.hidden) { event.preventDefault(); return; }
    if (source.matches("form")) $$("button:not([type=button])", source).forEach((button) => { if (!button.disabled) { button.disabled = true; button.dataset.guarded = ""; } });
    else if (source.matches("button")) source.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const source = event.detail.elt;
    if (source.matches("form")) release(source);
    source.removeAttribute("aria-busy");
  });
  function settle(part) {
    $$("[data-announce]", part.parentNode || document).forEach((found) => announce(found.dataset.announce));
    $("[data-focus]", part)?.focus();
    measure(part);
  }
  document.addEventListener("htmx:afterSettle", (event) => settle(event.detail.elt));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) { location.reload(); return; }
    const text = status === 403 ? "이 일을 할 권한이 없습니다. 맡은 분에게 요청해 주세요."
      : status === 404 ? "찾을 수 없습니다. 다른 사람이 먼저 고쳤을 수 있으니 화면을 새로 고쳐 주세요."
      : status === 409 ? "그사이 다른 사람이 고쳤습니다. 화면을 새로 고친 뒤 다시 해 주세요."
      : status === 429 ? "짧은 시간에 너무 많이 눌렀습니다. 잠시 뒤에 다시 해 주세요."
      : "처리하지 못했습니다. 잠시 뒤에 다시 해 주세요. 계속되면 담당자에게 알려 주세요.";
    toast({ text, tone: "bad" });
  });
  const unreachable = (event) => { if (!event.detail.elt.matches("[data-poll]")) toast({ text: "연결되지 않았습니다. 연결을 확인하고 다시 눌러 주세요.", tone: "bad" }); };
  document.addEventListener("htmx:sendError", unreachable);
  document.addEventListener("htmx:timeout", unreachable);

  // ---------------------------------------------------------------- wide tables: say so only when they spill
  function measure(part = document) {
    $$(".scroll", part.parentNode || part).forEach((box) => {
      const spills = box.scrollWidth > box.clientWidth + 2;
      box.classList.toggle("spills", spills);
      if (spills || box.scrollHeight > box.clientHeight + 2) box.tabIndex = 0; else box.removeAttribute("tabindex");
    });
  }
  let waiting = 0;
  window.addEventListener("resize", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(() => measure()); });

  // ---------------------------------------------------------------- connection and session
  const connection = () => $$("[data-offline]").forEach((banner) => { if (!banner.matches("[data-offline=manual]")) banner.hidden = navigator.onLine; });
  window.addEventListener("online", () => { connection(); announce("다시 연결되었습니다."); });
  window.addEventListener("offline", connection);
  // The server notes activity at most every 30 seconds, so the warning reckons with 30 seconds less.
  const lifetime = Number(document.body.dataset.sessionSeconds || 0);
  if (lifetime > 180) {
    const dialog = $("#session-end");
    const SHARED = "last-activity";
    let seen = 0;
    const renewed = (at = Date.now()) => { seen = at; if (dialog.open) dialog.close(); };
    const active = () => { renewed(); try { localStorage.setItem(SHARED, String(seen)); } catch { /* private mode */ } };
    window.addEventListener("storage", (event) => { if (event.key === SHARED && event.newValue) renewed(Number(event.newValue)); });
    document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && !event.detail.elt.matches("[data-poll]")) active(); });
    $("[data-session-extend]", dialog).addEventListener("click", () => {
      const headers = JSON.parse(document.body.getAttribute("hx-headers"));
      fetch(document.body.dataset.sessionUrl, { method: "POST", headers, redirect: "error" })
        .then((answer) => { if (answer.ok) active(); else location.reload(); })
        .catch(() => announce("연결되지 않았습니다. 연결을 확인해 주세요."));
    });
    active();
    setInterval(() => {
      const left = Math.round((seen - Date.now()) / 1000) + lifetime - 30;
      if (left < -35) { location.reload(); return; }
      if (left > 130) return;
      $("[data-session-left]", dialog).textContent = left > 60 ? `${Math.ceil(left / 60)}분` : left > 10 ? `${Math.ceil(left / 10) * 10}초` : "잠시";
      if (!dialog.open) dialog.showModal();
    }, 5000);
  }

  measure();
  connection();
  $("[data-focus]")?.focus();
  window.Seongbuk = { announce, toast, confirmed };
})();
