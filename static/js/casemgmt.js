/* Casework: folds away fields that do not apply, runs the meeting's clock from the server's time, keeps agencies
   to the chosen type. Everything works without this file: all fields show, the clock stands still, the server checks. */
(() => {
  "use strict";
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const valueOf = (form, name) => {
    const field = form.querySelector(`[name="${name}"]:checked`) || form.querySelector(`[name="${name}"]:not([type=radio], [type=checkbox])`);
    return field ? field.value : "";
  };

  // ---------------------------------------------------------------- fields that do not apply fold away
  function fold(form) {
    $$("[data-when]:not([data-always])", form).forEach((part) => {
      const [name, values] = part.dataset.when.split("=");
      part.hidden = !values.split(",").includes(valueOf(form, name));
    });
    const referral = form.querySelector("[data-referral]");
    if (referral) {
      const inside = referral.dataset.inside.split(",");
      const destination = valueOf(form, "destination");
      const isInside = destination === "service" || (destination === "agency" && inside.includes(valueOf(form, "agency")));
      const consent = referral.querySelector("[data-consent]");
      consent.hidden = isInside;
      const urgent = referral.querySelector("[data-when-urgent]");
      urgent.hidden = destination !== "agency" || isInside || !referral.dataset.urgent.split(",").includes(valueOf(form, "need"));
    }
    const reason = form.querySelector("[data-reason]");
    if (reason) {
      const type = valueOf(form, "type");
      const differs = Boolean(form.dataset.suggested) && type !== "" && type !== form.dataset.suggested;
      reason.hidden = !differs;
      const field = reason.querySelector("input");
      if (field) field.required = differs;
    }
    leads(form);
  }

  // ---------------------------------------------------------------- agencies that may lead the chosen type
  function leads(form) {
    const select = form.matches("[data-decide]") && form.querySelector("[name=lead_agency]");
    const type = valueOf(form, "type");
    if (!select || !type) return;
    $$("optgroup", select).forEach((group) => {
      const fits = group.querySelector("option")?.value.startsWith(`${type}:`);
      group.hidden = group.disabled = !fits;
    });
    const chosen = select.selectedOptions[0];
    if (!chosen || (chosen.value && !chosen.value.startsWith(`${type}:`)) || !chosen.value) {
      const first = $$(`option[value^="${type}:"]`, select).find((option) => !option.textContent.includes("가득 참"));
      select.value = first ? first.value : "";
    }
  }

  // ---------------------------------------------------------------- the clock, counting on from what the server said
  const words = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    const parts = [Math.floor(whole / 60), whole % 60];
    return parts.map((n) => String(n).padStart(2, "0")).join(":");
  };
  function tick() {
    $$("[data-timer]").forEach((timer) => {
      timer.loadedAt = timer.loadedAt || performance.now();
      const passed = (performance.now() - timer.loadedAt) / 1000;
      timer.querySelector("[data-whole-clock]").textContent = words(Number(timer.dataset.whole) + passed);
      if (!("running" in timer.dataset)) return;
      const spent = Number(timer.dataset.seconds) + passed;
      const percent = spent / (Number(timer.dataset.planned) * 60) * 100;
      const meter = timer.querySelector("[data-meter]");
      timer.querySelector("[data-clock]").textContent = words(spent);
      meter.classList.toggle("over", percent > 100);
      meter.firstElementChild.className = `w${Math.min(100, Math.round(percent))}`;
    });
  }

  function arrange(part = document) {
    $$("form", part).forEach((form) => { if (form.querySelector("[data-when], [data-referral], [data-reason]")) fold(form); });
    const saved = document.getElementById("draft-saved");
    const version = document.getElementById("draft-version");
    if (saved && version) version.value = saved.dataset.draftVersion;
  }
  document.addEventListener("change", (event) => { const form = event.target.closest("form"); if (form) fold(form); });
  document.addEventListener("htmx:afterSettle", (event) => arrange(event.detail.elt.parentNode || document));
  arrange();
  tick();
  setInterval(tick, 1000);
})();
