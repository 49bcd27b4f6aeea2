/* The worker: an empty shell and static files, nothing with a name in it. Version {{ version }}. */
"use strict";
importScripts("{{ outbox }}");
const VERSION = "shell-{{ version }}";
const SHELL = "{{ shell }}";
const FILES = [{% for file in files %}"{{ file }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const FIELD = /^\/(today|visits)\//;
const PATIENCE = 6000;

self.addEventListener("install", (event) => event.waitUntil(
  caches.open(VERSION).then((cache) => cache.addAll([SHELL, ...FILES])).then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fromShelf(request));
  else if (request.mode === "navigate" && FIELD.test(url.pathname)) event.respondWith(fromServer(request));
});

async function fromShelf(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") (await caches.open(VERSION)).put(request, answer.clone());
  return answer;
}

async function fromServer(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return (await caches.match(SHELL)) || Response.error();
  }
}

self.addEventListener("sync", (event) => { if (event.tag === "outbox") event.waitUntil(Outbox.flush()); });
