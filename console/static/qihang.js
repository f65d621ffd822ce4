/* The console's own script: it says when a page is busy or cut off, and keeps what has been typed; menu and copy
   buttons.  Words come from the page (data-words of the body), which knows the language.  Every page works without it. */
"use strict";
document.documentElement.classList.add("script");
document.addEventListener("DOMContentLoaded", () => {
  const body = document.body, words = JSON.parse(body.dataset.words || "{}");
  const PROBE_MS = 10000, BUSY_MS = 10000;
  const clock = time => time.toTimeString().slice(0, 5);
  const say = (text, values) => (text || "").replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const region = document.createElement("div");
  region.className = "notices";
  region.setAttribute("role", "status");
  document.getElementById("main").prepend(region);

  function notice(kind, text, ...acts) {
    region.querySelector(`[data-kind="${kind}"]`)?.remove();
    const line = document.createElement("div");
    line.className = `alert alert-warning notice notice-${kind}`;
    line.dataset.kind = kind;
    line.append(Object.assign(document.createElement("span"), { textContent: text }));
    for (const [label, act] of acts) {
      const isLink = typeof act === "string";
      const control = document.createElement(isLink ? "a" : "button");
      control.className = "btn btn-sm btn-outline-primary";
      control.textContent = label;
      if (isLink) control.href = act;
      else { control.type = "button"; control.addEventListener("click", () => { line.remove(); act(); }); }
      line.append(control);
    }
    region.append(line);
  }

  /* Cut off: what is shown may be old, and says of when it is. */
  let current = new Date(), probing = 0;
  function connected() {
    current = new Date();
    clearInterval(probing);
    probing = 0;
    region.querySelector('[data-kind="away"]')?.remove();
  }
  function cutOff() {
    if (!region.querySelector('[data-kind="away"]')) notice("away", say(words.away, { time: clock(current) }));
    probing ||= setInterval(probe, PROBE_MS);
  }
  async function probe() {
    try { if ((await fetch("/livez", { cache: "no-store" })).ok) connected(); } catch { /* still away */ }
  }
  addEventListener("offline", cutOff);
  addEventListener("online", probe);
  if (navigator.onLine === false) cutOff();
  body.addEventListener("htmx:sendError", cutOff);
  body.addEventListener("htmx:timeout", cutOff);
  body.addEventListener("htmx:responseError", event => {
    const status = event.detail.xhr.status;
    if (status === 401) return;
    if (status >= 502) cutOff();
    else notice("failed", status === 403 ? words.refused : words.failed, [words.reload, () => location.reload()]);
  });
  body.addEventListener("htmx:afterRequest", event => { if (event.detail.successful) connected(); });

  /* Busy: a form is sent once. */
  const root = document.documentElement;
  const idle = () => {
    root.classList.remove("busy");
    for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
  };
  document.addEventListener("submit", event => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (navigator.onLine === false || form.hasAttribute("aria-busy")) {
      event.preventDefault();
      if (navigator.onLine === false) cutOff();
      return;
    }
    form.setAttribute("aria-busy", "true");
    root.classList.add("busy");
    setTimeout(idle, BUSY_MS);
  });
  addEventListener("pageshow", idle);
  body.addEventListener("htmx:beforeRequest", () => root.classList.add("busy"));
  body.addEventListener("htmx:afterRequest", idle);

  /* Kept input: of forms with data-keep, readable by its owner alone: the key comes with the owner's pages. */
  const PREFIX = "qihang.kept:", PENDING = "qihang.pending", LOST = "qihang.lost", DAYS = 7;
  const user = body.dataset.user || "", subtle = window.isSecureContext ? crypto.subtle : undefined;
  const box = subtle ? localStorage : sessionStorage;
  const bytes = text => Uint8Array.from(atob(text), each => each.charCodeAt(0));
  const text = array => btoa(Array.from(new Uint8Array(array), each => String.fromCharCode(each)).join(""));
  const keyOf = form => `${PREFIX}${user}:${form.dataset.keep}`;
  const here = location.pathname + location.search;
  const key = subtle && body.dataset.keptKey
    ? subtle.importKey("raw", bytes(body.dataset.keptKey), "AES-GCM", false, ["encrypt", "decrypt"]) : null;
  async function close(value) {
    if (!key) return value;
    const iv = crypto.getRandomValues(new Uint8Array(12)), plain = new TextEncoder().encode(value);
    return `${text(iv)}.${text(await subtle.encrypt({ name: "AES-GCM", iv }, await key, plain))}`;
  }
  async function open(value) {
    if (!key) return value;
    const [iv, sealed] = value.split(".").map(bytes);
    return new TextDecoder().decode(await subtle.decrypt({ name: "AES-GCM", iv }, await key, sealed));
  }
  const typed = form => [...form.elements].filter(
    each => each.name && !["hidden", "password", "file", "submit", "button"].includes(each.type) && each.tagName !== "FIELDSET");
  const valueOf = each => ["checkbox", "radio"].includes(each.type) ? each.checked : each.value;
  const read = form => JSON.stringify(typed(form).map(each => [each.name, valueOf(each)]));
  function fill(form, values) {
    const left = JSON.parse(values);
    for (const each of typed(form)) {
      const at = left.findIndex(([name]) => name === each.name);
      if (at < 0) continue;
      const [[, value]] = left.splice(at, 1);
      if (typeof value === "boolean") each.checked = value; else each.value = value;
      each.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  async function kept(name) {
    const item = JSON.parse(box.getItem(name) || "null");
    if (!item) return null;
    try { return { at: item.at, ...JSON.parse(await open(item.value)) }; } catch { box.removeItem(name); return null; }
  }
  async function keep(form) {
    const place = (await kept(keyOf(form)))?.place || here;  // a form that was refused stands at another address
    box.setItem(keyOf(form), JSON.stringify({ at: Date.now(), value: await close(JSON.stringify({ place, values: read(form) })) }));
  }
  function forgetOld() {
    for (const name of Object.keys(box).filter(each => each.startsWith(PREFIX))) {
      let at = 0;
      try { at = JSON.parse(box.getItem(name)).at; } catch { /* not ours */ }
      if (Date.now() - at > DAYS * 86400000) box.removeItem(name);
    }
  }
  async function offer(form) {
    const name = keyOf(form), item = await kept(name);
    if (!item || item.values === read(form)) return;
    notice("kept", say(words.kept, { time: clock(new Date(item.at)) }),
      [words.restore, () => { fill(form, item.values); form.querySelector("input:not([type=hidden]), textarea, select")?.focus(); }],
      [words.forget, () => box.removeItem(name)]);
  }
  async function settlePending() {
    const sent = sessionStorage.getItem(PENDING);
    sessionStorage.removeItem(PENDING);
    if (!user) {
      if (sent) sessionStorage.setItem(LOST, sent);
      if (sessionStorage.getItem(LOST)) notice("lost", words.lost);
      return;
    }
    if (sent && document.querySelector(".alert-success")) {
      box.removeItem(sent);
      await forgetFiles(sent);
    }
    const lost = sessionStorage.getItem(LOST);
    sessionStorage.removeItem(LOST);
    const item = lost && lost.startsWith(`${PREFIX}${user}:`) ? await kept(lost) : null;
    if (item && item.place !== here) notice("lost", words.unsent, [words.back, item.place]);
  }
  /* What uploads.js shares with this: the owner's key, the names of forms, and the files of one that was sent. */
  const DATABASE = "qihang.files";
  const files = () => new Promise((done, failed) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "id" }).createIndex("form", "form");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  async function forgetFiles(form) {
    if (!key) return;
    const all = (await files()).transaction("files", "readwrite").objectStore("files");
    await new Promise(done => {
      all.index("form").getAllKeys(form).onsuccess = event => event.target.result.forEach(id => all.delete(id));
      all.transaction.oncomplete = all.transaction.onerror = done;
    });
  }
  forgetOld();
  const settled = settlePending();
  window.qihang = { key, keyOf, files, say, settled, user };
  if (user) for (const form of document.querySelectorAll("form[data-keep]")) {
    let timer = 0, changed = false;
    form.addEventListener("input", () => { changed = true; clearTimeout(timer); timer = setTimeout(() => keep(form), 400); });
    form.addEventListener("submit", () => { if (changed || box.getItem(keyOf(form)) || form.querySelector("[data-files]")) sessionStorage.setItem(PENDING, keyOf(form)); });
    settled.then(() => offer(form));
  }

  /* The menu of a phone, and copy buttons. */
  const menu = document.getElementById("menu"), button = document.querySelector(".menu-button");
  if (menu && button) {
    const show = open => {
      document.body.classList.toggle("menu-open", open);
      button.setAttribute("aria-expanded", String(open));
      if (open) menu.querySelector("a").focus();
    };
    button.addEventListener("click", () => show(!document.body.classList.contains("menu-open")));
    document.addEventListener("keydown", event => {
      if (event.key === "Escape" && document.body.classList.contains("menu-open")) { show(false); button.focus(); }
    });
    document.getElementById("main").addEventListener("click", () => show(false));
  }
  /* A column of figures: Enter goes to the next one, and a column of a spreadsheet is pasted downwards. */
  for (const form of document.querySelectorAll("form[data-column]")) {
    const cells = [...form.querySelectorAll("input:not([type=hidden])")];
    form.addEventListener("keydown", event => {
      const next = cells[cells.indexOf(event.target) + 1];
      if (event.key !== "Enter" || !next) return;
      event.preventDefault();
      next.focus();
      next.select();
    });
    form.addEventListener("paste", event => {
      const at = cells.indexOf(event.target), lines = event.clipboardData.getData("text").replace(/\r?\n$/, "").split(/\r?\n/);
      if (at < 0 || lines.length < 2) return;
      event.preventDefault();
      lines.slice(0, cells.length - at).forEach((line, number) => { cells[at + number].value = line.split("\t")[0].trim(); });
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  /* A table that fits scrolls with the page and keeps its head in sight; a wider one scrolls in its own frame. */
  const fit = ({ target }) => {
    target.classList.remove("fits");
    target.classList.toggle("fits", target.scrollWidth <= target.clientWidth);
    if ("newest" in target.dataset && !target.scrollLeft) target.scrollLeft = target.scrollWidth;
  };
  /* In the next frame: what is resized while sizes are told is an error of the page. */
  const frames = new ResizeObserver(seen => requestAnimationFrame(() => seen.forEach(fit)));
  const frame = part => part.querySelectorAll(".scroll").forEach(each => frames.observe(each));
  frame(document);
  body.addEventListener("htmx:afterSettle", event => frame(event.detail.elt.parentElement || document));
  menu?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  /* Stands above the first sheet, and from here above each that follows (@page, qihang.css). */
  const head = document.querySelector(".printhead")?.textContent.trim();
  if (head) document.documentElement.style.setProperty("--printhead", JSON.stringify(head));
  for (const print of document.querySelectorAll("[data-print]")) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
  for (const copy of document.querySelectorAll("[data-copy]")) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      const text = document.getElementById(copy.dataset.copy);
      text.select();
      try { await navigator.clipboard.writeText(text.value); } catch { document.execCommand("copy"); }
      document.getElementById(copy.dataset.told).textContent = copy.dataset.done;
    });
  }
});
/* What takes longer than one request goes on by itself. */
addEventListener("load", () => document.querySelector("form[data-continue]")?.requestSubmit());
