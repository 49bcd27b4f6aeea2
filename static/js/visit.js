/* The form of a visit: each field is kept the moment it is written, scores are drawn at once, steps turn
   without the server, and where two devices wrote differently a person chooses. Everything is delegated,
   so the page that offline.js opens from the pack works the same. */
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const TYPING = 400;
  const RANK = ["normal", "watch", "danger"], TONE = { normal: "ok", watch: "warn", danger: "bad" };
  const SYMBOL = { ok: "✓", warn: "▲", bad: "✕" };
  const timers = new Map();
  let record = null, instruments = {}, savedAt = null;
  const clock = (when) => new Date(when).toLocaleTimeString("ko-KR", { hour: "2-digit", minute: "2-digit", hour12: false });
  const make = (name, words, className = "") => Object.assign(document.createElement(name), { className, textContent: words });

  // ---------------------------------------------------------------- fields: value, words, asked or not
  const boxes = (from = record) => (from ? $$("[data-field]", from) : []);
  const boxOf = (part, field) => boxes().find((box) => box.dataset.part === part && box.dataset.field === field);
  const inputs = (box) => $$("input:not([type=hidden]):not([name$=-choice]), textarea, select", box);
  function valueOf(box) {
    const every = inputs(box);
    if (box.dataset.kind === "choice") return every.find((input) => input.checked)?.value ?? "";
    if (box.dataset.kind === "many") return every.filter((input) => input.checked).map((input) => input.value);
    return every[0].value.trim();
  }
  const isEmpty = (value) => value === "" || value === null || value === undefined || (Array.isArray(value) && !value.length);
  function setValue(box, value) {
    for (const input of inputs(box)) {
      if (input.type === "radio") input.checked = input.value === value;
      else if (input.type === "checkbox") input.checked = Array.isArray(value) && value.includes(input.value);
      else input.value = value ?? "";
    }
  }
  function wordsOf(box) {
    const value = valueOf(box);
    if (isEmpty(value)) return "";
    if (box.dataset.kind === "choice" || box.dataset.kind === "many") return inputs(box).filter((input) => input.checked).map((input) => input.nextElementSibling.textContent).join(", ");
    return `${value}${$(".unit > span", box)?.textContent ?? ""}`;
  }
  const labelOf = (box) => $("legend, label", box).firstChild.textContent.trim();

  // ---------------------------------------------------------------- writing: kept on the device at once, sent when it can be
  document.addEventListener("input", (event) => {
    const box = record && event.target.closest("[data-field]");
    if (!box || !event.target.matches("input[type=text], textarea")) return;
    clearTimeout(timers.get(box));
    timers.set(box, setTimeout(() => keep(box), TYPING));
  });
  document.addEventListener("change", (event) => {
    const box = record && event.target.closest("[data-field]");
    if (!box || event.target.name.endsWith("-choice")) return;
    // The tap that leaves a typed field must land before a band or an advice moves the page under it.
    if (event.target.matches("input[type=text], textarea")) {
      clearTimeout(timers.get(box));
      timers.set(box, setTimeout(() => keep(box), TYPING));
      return;
    }
    if (event.target.type === "checkbox" && event.target.checked && box.dataset.alone) {
      const isAlone = event.target.value === box.dataset.alone;
      inputs(box).forEach((input) => { if ((input.value === box.dataset.alone) !== isAlone) input.checked = false; });
    }
    keep(box);
  });
  // A second tap on the chosen answer takes it back.
  let pressed = null;
  document.addEventListener("pointerdown", (event) => { const input = event.target.closest("label")?.control; pressed = input?.type === "radio" && input.checked ? input : null; });
  document.addEventListener("click", (event) => {
    const input = event.target;
    if (!record || input.type !== "radio" || input !== pressed || !input.closest("[data-field]") || input.name.endsWith("-choice")) return;
    pressed = null;
    input.checked = false;
    keep(input.closest("[data-field]"));
  });
  const lastKept = new WeakMap();
  function keep(box) {
    clearTimeout(timers.get(box));
    timers.delete(box);
    const value = valueOf(box);
    const written = JSON.stringify(value);
    if (lastKept.get(box) === written || !record.dataset.answers) return Promise.resolve();
    lastKept.set(box, written);
    fault(box, "");
    draw(box);
    return Outbox.put({
      url: record.dataset.answers, visit: record.dataset.visit, part: box.dataset.part, field: box.dataset.field,
      value, base: Number(box.dataset.version), label: labelOf(box), words: wordsOf(box),
    }).then(() => window.Offline.send());
  }
  const settleTyping = () => Promise.all([...timers.keys()].map(keep));
  window.addEventListener("pagehide", () => { settleTyping(); });
  window.addEventListener("online", () => { settleTyping(); }, true);
  document.addEventListener("click", (event) => { if (event.target.closest("a[href]")) settleTyping(); }, true);
  document.addEventListener("visibilitychange", () => { if (document.hidden) settleTyping(); });

  // ---------------------------------------------------------------- what the device knows better than the page
  async function refill() {
    for (const row of await Outbox.all()) {
      const box = row.field && row.visit === record.dataset.visit && boxOf(row.part, row.field);
      if (!box) continue;
      if (row.state === "sent" && row.version <= Number(box.dataset.version)) continue;
      if (document.activeElement && box.contains(document.activeElement) && document.activeElement.matches("textarea, input[type=text]")) continue;
      if (lastKept.get(box) !== JSON.stringify(valueOf(box))) continue; // written while the shelf was being read
      setValue(box, row.value);
      lastKept.set(box, JSON.stringify(valueOf(box)));
    }
  }
  async function afterSending({ detail }) {
    if (!record) return;
    for (const row of await Outbox.all()) {
      const box = row.field && row.visit === record.dataset.visit && boxOf(row.part, row.field);
      if (!box) continue;
      if (row.state === "sent") {
        if (row.version > Number(box.dataset.version)) stamp(box, row.version);
        savedAt = Math.max(savedAt || 0, row.at);
        if (row.alarm) $("[data-alarm]")?.removeAttribute("hidden");
      } else if (row.state === "trouble" && row.clash) clash(box, row);
      else if (row.state === "trouble") fault(box, row.message);
    }
    saying(detail);
  }
  function stamp(box, version) {
    box.dataset.version = version;
    $("[data-version-of]", box).value = version;
  }
  function fault(box, message) {
    const line = $("[data-error]", box);
    line.textContent = message;
    line.hidden = !message;
    box.classList.toggle("bad", Boolean(message));
    inputs(box).forEach((input) => { if (message) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid"); });
  }
  function clash(box, row) {
    if ($(".clash", box)) return;
    const note = make("div", "", "note bad clash");
    note.setAttribute("role", "alert");
    const both = make("div", "", "two");
    both.append(choice("내가 적은 것", row.words || "(비움)", "mine"), choice(`저장된 것 · ${row.clash.by} ${clock(row.clash.at)}`, row.clash.theirs, "theirs"));
    note.append(make("b", "✕ 두 값이 다릅니다. 남길 것을 눌러 주세요."), both);
    box.prepend(note);
    function choice(who, words, which) {
      const made = make("button", "", "btn pick-one");
      made.type = "button";
      made.append(make("small", who), make("span", words));
      made.addEventListener("click", async () => {
        if (which === "theirs") { setValue(box, row.clash.theirs_value ?? ""); lastKept.set(box, JSON.stringify(valueOf(box))); }
        stamp(box, row.clash.version);
        note.remove();
        draw(box);
        await Outbox.settle(row.id, which);
        window.Offline.send();
      });
      return made;
    }
  }
  /** The save state in words, in the same place on every step. */
  function saying({ unsent, trouble, cut, sealed, state }) {
    if (!record.dataset.answers) return;
    let tone = "", words;
    if (state === "signed-out") [tone, words] = ["bad", ["로그인이 끝났습니다", ` · 적은 ${unsent}건은 ${sealed ? "기기에 암호화" : "이 화면에 그대로"}`]];
    else if (trouble) [tone, words] = ["bad", [`✕ 확인할 것 ${trouble}건`, " · 위의 붉은 곳을 보아 주세요"]];
    else if (unsent && !sealed && cut) [tone, words] = ["bad", ["✕ 아직 저장되지 않음", " · 연결되면 보냅니다. 화면을 닫지 마세요"]];
    else if (unsent && cut) [tone, words] = ["wait", ["✓ 기기에 저장됨", ` ${clock(Date.now())} · 암호화 · 보낼 것 ${unsent}건`]];
    else if (unsent) [tone, words] = ["wait", ["◷ 보내는 중", ` · ${unsent}건`]];
    else if (savedAt) words = ["✓ 저장됨", ` ${clock(savedAt)}`];
    else words = ["✓ 저장됨", " · 적는 대로 저장합니다"];
    $$("[data-saved]").forEach((line) => {
      line.replaceChildren(make("b", words[0]), words[1]);
      line.closest(".saved").className = `saved ${tone}`;
    });
  }

  // ---------------------------------------------------------------- drawing: what is asked, counts, facts, scores, ticks
  function draw(box) {
    const section = box.closest("[data-section]");
    const row = box.closest("[data-row]");
    if (box.dataset.field === "health_consent") agree(valueOf(box));
    if (section.dataset.instrument) score(section);
    else ask(section);
    if (row) $("[data-words]", row).textContent = boxes(row).map(wordsOf).filter(Boolean).join(" · ") || "아직 모름";
    tally();
  }
  function agree(answer) {
    const yes = answer === "yes";
    $$("[data-sensitive]", record).forEach((section) => { if (yes) delete section.dataset.waiting; else if (answer === "no" || record.dataset.canScreen === "no") section.dataset.waiting = ""; });
  }
  function ask(section) {
    const answers = Object.fromEntries(boxes(section).map((box) => [box.dataset.field, valueOf(box)]));
    boxes(section).forEach((box) => {
      if (box.dataset.askIf) show(box, holds(JSON.parse(box.dataset.askIf), answers));
      if (!box.dataset.among) return;
      const offered = answers[box.dataset.among] || [];
      inputs(box).forEach((input) => { input.closest("label").hidden = !offered.includes(input.value); });
      show(box, offered.length > 1);
    });
  }
  const show = (box, isAsked) => { if (isAsked) delete box.dataset.unasked; else box.dataset.unasked = ""; };
  function tally() {
    let mine = 0;
    $$("[data-step]", record).forEach((step) => {
      const asked = boxes(step).filter((box) => !("unasked" in box.dataset) && !box.closest("[data-waiting]"));
      const skipped = new Set(asked.filter((box) => box.dataset.field.endsWith("-skipped") && valueOf(box)).map((box) => box.closest("[data-section]")));
      const open = asked.filter((box) => "required" in box.dataset && !skipped.has(box.closest("[data-section]")) && isEmpty(valueOf(box)) && !(box.dataset.field === "health_consent" && record.dataset.canScreen === "yes"));
      mine += open.length;
      const item = $(`[data-step-of="${step.dataset.step}"]`);
      const done = open.length + Number(item.dataset.partnerMissing) === 0;
      item.classList.toggle("done", done);
      $("[data-tick]", item).textContent = done ? "✓ " : "";
      $$("[data-section]", step).forEach((section) => {
        const count = $("[data-count]", section);
        const own = asked.filter((box) => box.closest("[data-section]") === section && "required" in box.dataset);
        if (!count || !own.length) return;
        const answered = own.filter((box) => !isEmpty(valueOf(box))).length;
        count.textContent = answered === own.length ? `✓ ${own.length}${count.dataset.unit} 모두` : `${own.length}${count.dataset.unit} 중 ${answered}`;
      });
    });
    reasons();
    const sentence = $("[data-my-sentence]");
    if (!sentence || !record.dataset.sign) return;
    sentence.textContent = mine ? `빈 문항 ${mine}개를 채우면 서명할 수 있습니다` : "빈 곳 없음 · 서명하면 고칠 때 이유를 남깁니다";
    $("[data-my-state]").replaceChildren(mine ? make("span", "작성 중", "tag plain") : make("span", "◷ 서명 전", "tag wait"));
  }

  /** What speaks for the managed group in one's own part, beside the two choices. */
  function reasons() {
    const graded = $$("[data-instrument]", record).map((section) => [section.dataset.short, $("[data-verdict]", section)?.dataset.level]).filter(([, level]) => level && level !== "normal").map(([name, level]) => `${name} ${level === "danger" ? "위험" : "주의"}`);
    const wanted = boxes().filter((box) => box.dataset.field.startsWith("service-") && valueOf(box) === "wants").map((box) => `${labelOf(box)} 원함`);
    const needs = ["welfare_main", "health_main"].map((field) => boxes().find((box) => box.dataset.field === field)).filter((box) => box && !("unasked" in box.dataset) && wordsOf(box)).map((box) => `욕구: ${wordsOf(box)}`);
    $$("[data-reasons]", record).forEach((line) => { line.textContent = [...graded, ...wanted, ...needs].join(", "); });
  }

  // ---------------------------------------------------------------- scoring: the same rules as planners/instruments.py
  const holds = (test, answers) => {
    const value = answers[test.item];
    if (isEmpty(value)) return false;
    if ("is" in test) return value === test.is;
    if ("includes" in test) return Array.isArray(value) && value.includes(test.includes);
    const number = Number(value);
    return Number.isFinite(number) && (!("at_least" in test) || number >= test.at_least) && (!("below" in test) || number < test.below);
  };
  function grade(instrument, answers) {
    const shown = {}, asked = [];
    for (const item of instrument.items) if (!item.ask_if || holds(item.ask_if, shown)) { asked.push(item); shown[item.key] = answers[item.key]; }
    const given = asked.filter((item) => !isEmpty(answers[item.key]));
    const waiting = asked.filter((item) => isEmpty(answers[item.key]) && item.required !== false);
    const result = { asked, left: waiting.length, isComplete: given.length > 0 && !waiting.length, isAlarm: given.some((item) => (item.alarm_on || []).includes(answers[item.key])), advice: [] };
    if (!given.length) return result;
    if (instrument.kind === "sum") {
      result.score = given.reduce((sum, item) => sum + (item.scores[answers[item.key]] || 0), 0);
      result.low = waiting.reduce((sum, item) => sum + Math.min(...Object.values(item.scores)), result.score);
      result.high = waiting.reduce((sum, item) => sum + Math.max(...Object.values(item.scores)), result.score);
      result.band = instrument.bands.find((band) => band.low <= result.score && result.score <= band.high);
      if (result.band?.advice) result.advice = [result.band.advice];
      return result;
    }
    if ((instrument.unrated_if || []).some((test) => holds(test, shown))) return result;
    const rules = (instrument.rules || []).filter((rule) => rule.when.every((test) => holds(test, shown)));
    const bands = rules.map((rule) => instrument.bands.find((band) => band.key === rule.band)).sort((a, b) => RANK.indexOf(b.class) - RANK.indexOf(a.class));
    result.band = bands[0] || (result.isComplete ? instrument.bands[0] : undefined);
    result.advice = [...new Set(rules.map((rule) => rule.advice).filter(Boolean))];
    return result;
  }
  function score(section) {
    const purpose = section.dataset.instrument, instrument = instruments[purpose];
    if (!instrument) return;
    const answers = {};
    boxes(section).forEach((box) => { answers[box.dataset.field.slice(purpose.length + 1)] = valueOf(box); });
    const found = grade(instrument, answers);
    const asked = new Set(found.asked.map((item) => item.key));
    boxes(section).forEach((box) => { const key = box.dataset.field.slice(purpose.length + 1); if (key !== "skipped") show(box, asked.has(key)); });
    if (found.isAlarm) $("[data-alarm]")?.removeAttribute("hidden");
    const verdict = $("[data-verdict]", section);
    const tone = found.band ? TONE[found.band.class] : "plain";
    $("[data-band]", verdict).replaceChildren(...(found.band || instrument.kind === "sum" ? [make("span", found.band ? `${SYMBOL[tone]} ${found.band.name}${instrument.kind === "sum" ? ` ${found.band.low}~${found.band.high}` : ""}` : "아직 점수 없음", `tag ${tone}`)] : []));
    verdict.dataset.level = found.band?.class || "";
    const advice = $("[data-advice]", verdict);
    advice.replaceChildren(...found.advice.map((words) => make("li", words)));
    advice.hidden = !found.advice.length;
    if (instrument.kind !== "sum") return;
    $("[data-score]", verdict).textContent = found.score ?? "–";
    $("[data-range]", verdict).textContent = found.score === undefined ? "" : found.left ? `남은 ${found.left}문항에 따라 ${found.low}~${found.high}점` : "저절로 계산했습니다";
    const last = verdict.dataset.last === undefined ? null : Number(verdict.dataset.last);
    const since = $("[data-since]", verdict);
    if (since) since.textContent = found.score === undefined ? "" : found.score === last ? " · 그대로입니다" : ` · ${Math.abs(found.score - last)}점 ${found.score > last ? "올랐습니다" : "내렸습니다"}`;
    drawBands($("[data-bands]", verdict), instrument.bands, found.score, last);
  }
  function drawBands(place, bands, now, last) {
    const floor = bands[0].low, whole = bands[bands.length - 1].high - floor + 1;
    const at = (value) => Math.min(99, Math.max(1, Math.round(((value - floor + 0.5) / whole) * 100)));
    const widths = bands.map((band) => Math.round(((band.high - band.low + 1) / whole) * 100));
    widths[widths.length - 1] = 100 - widths.slice(0, -1).reduce((sum, width) => sum + width, 0);
    const stripe = make("div", "", "band"), names = make("div", "", "bandlab"), said = [];
    stripe.setAttribute("role", "img");
    bands.forEach((band, n) => {
      const here = now !== undefined && band.low <= now && now <= band.high, tone = TONE[band.class];
      stripe.append(make("i", "", `${here ? `in ${tone} ` : ""}w${widths[n]}${n === bands.length - 1 ? " end" : ""}`));
      names.append(make(here ? "b" : "span", `${band.name} ${band.low}~${band.high}`, `${here ? `${tone} ` : ""}w${widths[n]}`));
      if (here) said.push(`지금 ${now}점 ${band.name}`);
    });
    if (last !== null) {
      const near = now !== undefined && Math.abs(at(last) - at(now)) < 19;
      stripe.append(make("span", `지난 ${last}`, `pin last${near ? " low" : ""} l${at(last)}`));
      said.push(`지난 값 ${last}점`);
    }
    if (now !== undefined) stripe.append(make("span", `지금 ${now}`, `pin l${at(now)}`));
    stripe.setAttribute("aria-label", said.join(", ") || "아직 점수 없음");
    place.replaceChildren(stripe, names);
  }

  // ---------------------------------------------------------------- steps: turned here, the address follows
  function turn(key, remember = true) {
    const step = $(`[data-step="${key}"]`, record);
    if (!step) return false;
    $$("[data-step]", record).forEach((other) => { other.hidden = other !== step; });
    $$("[data-step-of] a").forEach((link) => { if (link.closest("li").dataset.stepOf === key) link.setAttribute("aria-current", "step"); else link.removeAttribute("aria-current"); });
    if (remember) history.pushState(null, "", $(`[data-step-of="${key}"] a`).getAttribute("href"));
    window.scrollTo(0, 0);
    if (remember) $("#main")?.focus({ preventScroll: true });
    window.Seongbuk?.announce($(`[data-step-of="${key}"]`).textContent.trim());
    return true;
  }
  document.addEventListener("click", (event) => {
    if (!record) return;
    const link = event.target.closest("[data-step-of] a, [data-go]");
    const key = link && (link.dataset.go || link.closest("[data-step-of]").dataset.stepOf);
    if (key) { event.preventDefault(); settleTyping(); turn(key); return; }
    const revert = event.target.closest("[data-revert]");
    if (revert) { event.preventDefault(); undo(revert.closest("[data-row]")); return; }
    if (event.target.closest("[data-sign-now]")) { event.preventDefault(); sign(event.target.closest("button")); }
  });
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
  });
  window.addEventListener("popstate", () => { const key = location.pathname.match(/record\/([^/]+)\//)?.[1]; if (record && key) turn(key, false); });
  document.addEventListener("submit", (event) => { if (record && event.target.matches("[data-record-form]")) { event.preventDefault(); settleTyping(); } });
  function undo(row) {
    boxes(row).forEach((box) => { if (box.dataset.known === undefined) return; setValue(box, JSON.parse(box.dataset.known)); keep(box); });
    row.classList.remove("chg");
    $(".was", row)?.remove();
    row.open = false;
  }
  async function sign(button) {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    try {
      await settleTyping();
      await window.Offline.send();
      const unsent = (await Outbox.all()).filter((row) => row.visit === record.dataset.visit && row.state !== "sent");
      if (unsent.length) { window.Seongbuk.toast({ text: navigator.onLine ? "확인할 것을 먼저 정리해 주세요." : "연결되면 서명할 수 있습니다. 적은 것은 기기에 있습니다.", tone: "warn" }); return; }
      const token = await (await fetch("/offline/token/", { cache: "no-store" })).json();
      const answer = await fetch(record.dataset.sign, { method: "POST", headers: { "Accept": "application/json", "X-CSRFToken": token.token, "Idempotency-Key": $("[name=client_key]", record).value } });
      const said = await answer.json();
      if (answer.ok) location.assign(said.to);
      else { window.Seongbuk.toast({ text: said.message, tone: "warn" }); firstOpen(); }
    } catch { window.Seongbuk.toast({ text: "연결되면 서명할 수 있습니다. 적은 것은 기기에 있습니다.", tone: "warn" }); } finally { button.removeAttribute("aria-busy"); }
  }
  function firstOpen() {
    const step = $$("[data-step-of]:not(.done)").find((item) => $(`[data-step="${item.dataset.stepOf}"] [data-required]`, record));
    if (step) turn(step.dataset.stepOf);
    const open = boxes($(`[data-step="${step?.dataset.stepOf}"]`) || record).find((box) => "required" in box.dataset && !("unasked" in box.dataset) && isEmpty(valueOf(box)));
    open?.scrollIntoView({ block: "center" });
    if (open) inputs(open)[0].focus({ preventScroll: true });
  }
  function copyText(button) {
    const field = document.getElementById(button.dataset.copy);
    navigator.clipboard?.writeText(field.value).then(() => window.Seongbuk.toast({ text: "복사했습니다." })).catch(() => { field.focus(); field.select(); });
  }

  /** What was written before this file had arrived: only where the person is now, a browser may restore old text elsewhere. */
  function keepEarly() {
    const box = document.activeElement?.closest("[data-field]");
    boxes().forEach((other) => lastKept.set(other, other === box ? "" : JSON.stringify(valueOf(other))));
    if (box && inputs(box).some((input) => (input.matches("[type=radio], [type=checkbox]") ? input.checked !== input.defaultChecked : input.value !== input.defaultValue))) keep(box);
  }

  // ---------------------------------------------------------------- begin, on a page from the server or from the pack
  async function begin() {
    record = $("[data-record]");
    if (!record) return;
    instruments = JSON.parse($("#instruments")?.textContent || "{}");
    keepEarly();
    await refill();
    const consent = boxOf("health", "health_consent");
    if (consent) agree(valueOf(consent) || (record.dataset.canScreen === "yes" ? "yes" : ""));
    $$("[data-instrument]", record).forEach(score);
    $$("[data-section]", record).forEach(ask);
    $$("[data-row]", record).forEach((row) => { const words = boxes(row).map(wordsOf).filter(Boolean).join(" · "); if (words) $("[data-words]", row).textContent = words; });
    tally();
    const key = location.pathname.match(/record\/([^/]+)\//)?.[1];
    if (key) turn(key, false);
    window.Offline.show();
  }
  document.addEventListener("outbox:shown", afterSending);
  document.addEventListener("page:opened", begin);
  begin();
})();
