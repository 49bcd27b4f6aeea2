/* The outbox of a device: what was written and not yet sent, sealed with the key of the session.
   Loaded by pages and by the worker. One row is one POST with a key of its own, sent in order until the
   server has answered; the server does each key once. Where the browser offers no sealing (plain http),
   rows stay in memory and the page says so. */
const Outbox = (() => {
  "use strict";
  const NAME = "field", HOUR = 3600e3, HARD_HOURS = 72, TIMEOUT = 20000;
  const sealed = Boolean(self.isSecureContext && self.indexedDB && self.crypto && crypto.subtle && self.navigator.locks);
  const utf8 = new TextEncoder(), text = new TextDecoder();
  const news = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("outbox");
  const listeners = new Set();
  let memory = [], chain = Promise.resolve(), lastState = "";

  // ---------------------------------------------------------------- the shelf
  const open = () => new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("rows", { keyPath: "id" });
      request.result.createObjectStore("pages", { keyPath: "path" });
      request.result.createObjectStore("meta");
    };
    request.onsuccess = () => { request.result.onversionchange = () => request.result.close(); done(request.result); };
    request.onerror = () => fail(request.error);
  });
  async function shelf(store, mode, work) {
    const db = await open();
    try {
      return await new Promise((done, fail) => {
        const transaction = db.transaction(store, mode);
        const request = work(transaction.objectStore(store));
        transaction.oncomplete = () => done(request && request.result);
        transaction.onerror = transaction.onabort = () => fail(transaction.error);
      });
    } finally { db.close(); }
  }
  const meta = (name) => shelf("meta", "readonly", (s) => s.get(name));
  const setMeta = (facts) => shelf("meta", "readwrite", (s) => { for (const [name, value] of Object.entries(facts)) s.put(value, name); });
  const one = (work) => (sealed ? navigator.locks.request("outbox-rows", work) : (chain = chain.then(work, work)));

  // ---------------------------------------------------------------- the key: given by the session, never readable here
  async function key() {
    const { key: found, until } = (await meta("key")) || {};
    if (!found) return null;
    if (until > Date.now()) return found;
    const rows = await shelf("rows", "readonly", (s) => s.getAll());
    if (rows.some((row) => row.state !== "sent") && until + (HARD_HOURS - 24) * HOUR > Date.now()) return found;
    await emptyShelf();
    return null;
  }
  /** Make the device ready to seal for the person signed in; `user` is "" on the shell. Says whether it can. */
  async function ready(user) {
    if (!sealed) return false;
    try {
      const owner = await meta("user");
      if (user && owner && owner !== user) {
        if ((await counts()).unsent) return false;
        await wipe();
      }
      if (await key()) return true;
      const answer = await fetch("/offline/key/", { cache: "no-store", redirect: "manual", credentials: "same-origin" });
      if (!answer.ok) return false;
      const given = await answer.json();
      const raw = Uint8Array.from(atob(given.key), (c) => c.charCodeAt(0));
      const made = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
      raw.fill(0);
      // One value: a key seen without its end would look like an old one and be thrown away with all it sealed.
      await setMeta({ key: { key: made, until: Date.now() + given.hours * HOUR }, user: given.user });
      await one(async () => { for (const row of memory.slice()) await write(row); });
      navigator.storage?.persist?.();
      return true;
    } catch { return false; }
  }
  async function seal(name, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(name) }, await key(), utf8.encode(JSON.stringify(value)));
    return { iv, body };
  }
  async function unseal(name, row) {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv, additionalData: utf8.encode(name) }, await key(), row.body);
    return JSON.parse(text.decode(plain));
  }

  // ---------------------------------------------------------------- rows: {id, order, state, tried} outside, the rest sealed
  async function all() {
    if (!sealed || !(await key())) return memory.slice().sort((a, b) => a.order - b.order);
    const rows = await shelf("rows", "readonly", (s) => s.getAll());
    const opened = await Promise.all(rows.map(async (row) => {
      try { return { ...(await unseal(row.id, row)), id: row.id, order: row.order, state: row.state, tried: row.tried }; } catch { return null; }
    }));
    return opened.filter(Boolean).concat(memory).sort((a, b) => a.order - b.order);
  }
  async function write(row) {
    const { id, order, state, tried, ...inside } = row;
    if (!sealed || !(await key())) { memory = memory.filter((r) => r.id !== id).concat(row); return; }
    const whole = { id, order, state, tried, ...(await seal(id, inside)) };
    await shelf("rows", "readwrite", (s) => s.put(whole));
    memory = memory.filter((r) => r.id !== id);
  }
  async function remove(id) {
    memory = memory.filter((row) => row.id !== id);
    if (sealed) await shelf("rows", "readwrite", (s) => s.delete(id));
  }
  const same = (a, b) => a.field && a.visit === b.visit && a.part === b.part && a.field === b.field;
  function newKey() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const n = crypto.getRandomValues(new Uint8Array(16));
    n[6] = (n[6] & 15) | 64; n[8] = (n[8] & 63) | 128;
    const hex = [...n].map((b) => b.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }
  /** Keep one act. A field that waits already takes the newer value; what may have left already is not touched. */
  const put = (act) => underWay(one(async () => {
    const rows = await all();
    const before = rows.filter((row) => same(row, act));
    const last = before[before.length - 1];
    let row;
    if (last && last.state !== "sent" && (!last.tried || last.state === "trouble")) {
      row = { ...last, value: act.value, words: act.words, at: Date.now() };
    } else {
      row = { ...act, id: act.id || newKey(), at: Date.now(), state: "waiting", tried: false, order: (rows.length ? rows[rows.length - 1].order : 0) + 1 };
      if (last && last.state === "sent") row.base = Math.max(last.version, act.base || 0);
    }
    await write(row);
    tell();
    return row;
  }));
  /** Acts that are not on the shelf yet; a page waits for them before it is left. */
  const writing = new Set();
  function underWay(act) {
    writing.add(act);
    act.finally(() => writing.delete(act)).catch(() => {});
    return act;
  }
  const atRest = () => Promise.allSettled([...writing]);
  async function counts() {
    const rows = sealed ? await shelf("rows", "readonly", (s) => s.getAll()) : [];
    const every = rows.concat(memory);
    const trouble = every.filter((row) => row.state === "trouble").length;
    const unsent = every.filter((row) => row.state !== "sent").length;
    return { unsent, trouble, sealed: sealed && memory.length === 0 };
  }

  // ---------------------------------------------------------------- sending: in order, one sender at a time, until answered
  const flush = () => (sealed ? navigator.locks.request("outbox-send", send) : (chain = chain.then(send, send)));
  async function send() {
    let session = null;
    for (;;) {
      const row = (await all()).find((r) => r.state === "waiting");
      if (!row) return told("done");
      if (!session) {
        const outcome = await token();
        if (typeof outcome === "string") return told(outcome);
        session = outcome;
      }
      // What leaves is what stands there at this moment: it may have been written again while the token was fetched.
      const leaving = await one(async () => {
        const now = (await all()).find((r) => r.id === row.id && r.state === "waiting");
        if (now) await write({ ...now, tried: true });
        return now;
      });
      if (!leaving) continue;
      const outcome = await post(leaving, session.token);
      if (outcome === "offline" || outcome === "busy") return told(outcome);
      await one(() => settled(leaving, outcome));
      tell();
    }
  }
  async function token() {
    try {
      const answer = await fetch("/offline/token/", { cache: "no-store", redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT) });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return "signed-out";
      if (!answer.ok) return "busy";
      const given = await answer.json();
      const owner = sealed ? await meta("user") : given.user;
      return owner && owner !== given.user ? "signed-out" : given;
    } catch { return "offline"; }
  }
  async function post(row, csrf) {
    const headers = { "Accept": "application/json", "Idempotency-Key": row.id, "X-CSRFToken": csrf };
    let body;
    if (row.field) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify({ field: row.field, value: row.value, base_version: row.base || 0 });
    } else body = new URLSearchParams([...row.body, ["happened_at", new Date(row.at).toISOString()]]);
    try {
      const answer = await fetch(row.url, { method: "POST", headers, body, redirect: "manual", credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT) });
      if (answer.status >= 500 || answer.status === 429) return "busy";
      const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      return { ok: answer.ok, status: answer.status, told };
    } catch { return "offline"; }
  }
  async function settled(row, { ok, status, told: said }) {
    const rows = await all();
    const now = rows.find((r) => r.id === row.id) || row;
    if (!ok) {
      const message = said.message || (status === 403 ? "이 일을 할 권한이 없습니다. 맡은 분에게 알려 주세요." : status === 404 ? "찾을 수 없습니다. 방문의 담당이 바뀌었는지 확인해 주세요." : "받지 못했습니다. 화면을 새로 고친 뒤 다시 적어 주세요.");
      return write({ ...now, state: "trouble", message, clash: status === 409 && "theirs" in said ? said : null });
    }
    for (const old of rows) if (old.id !== row.id && old.state === "sent" && same(old, row)) await remove(old.id);
    for (const next of rows) if (next.id !== row.id && next.state === "waiting" && same(next, row)) await write({ ...next, base: said.version });
    if (!row.field) return remove(row.id);
    return write({ ...now, state: "sent", version: said.version, alarm: said.alarm });
  }
  /** A clash settled by a person: "mine" sends again over the newer version, "theirs" lets the stored value stand. */
  const settle = (id, choice) => one(async () => {
    const row = (await all()).find((r) => r.id === id);
    if (!row) return;
    if (choice === "mine") await write({ ...row, state: "waiting", tried: false, base: row.clash ? row.clash.version : row.base, clash: null });
    else await remove(id);
    tell();
  });

  // ---------------------------------------------------------------- the day pack: whole pages, sealed, a day long
  async function keepPages(pack) {
    const until = Date.parse(pack.made_at) + pack.hours * HOUR;
    const kept = [];
    for (const page of pack.pages) kept.push({ path: page.path, until, ...(await seal(page.path, page.html)) });
    await shelf("pages", "readwrite", (s) => { s.clear(); kept.forEach((page) => s.put(page)); });
    await setMeta({ packed: Date.now() });
    await one(async () => { for (const row of await all()) if (row.state === "sent" && row.at < Date.parse(pack.made_at)) await remove(row.id); });
  }
  async function page(path) {
    if (!sealed || !(await key())) return null;
    const kept = await shelf("pages", "readonly", (s) => s.get(path));
    if (!kept || kept.until < Date.now()) return null;
    return unseal(path, kept);
  }

  // ---------------------------------------------------------------- telling pages, and leaving nothing behind
  function tell() { listeners.forEach((listener) => listener()); news?.postMessage("changed"); }
  function told(state) { lastState = state; tell(); return state; }
  if (news) news.onmessage = () => listeners.forEach((listener) => listener());
  function wipe() {
    memory = [];
    return emptyShelf();
  }
  async function emptyShelf() {
    if (!sealed) return;
    await new Promise((done) => { const request = indexedDB.deleteDatabase(NAME); request.onsuccess = request.onerror = request.onblocked = done; });
    for (const name of await caches.keys()) await caches.delete(name);
  }
  return { sealed, ready, put, atRest, get isWriting() { return writing.size > 0; }, all, counts, flush, settle, remove, keepPages, page, meta, wipe, get state() { return lastState; }, onchange: (listener) => listeners.add(listener) };
})();
self.Outbox = Outbox;
