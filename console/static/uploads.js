/* Files of a form (macros/files.html): made smaller, sent by tus three at a time, resumed after a break or a reload; the
   form then bears their ids alone.  Without this script the form sends the files itself. */
"use strict";
window.qihangUploads ??= (() => {
  const ENDPOINT = `${location.origin}/s/participation/api/evidence/uploads`, DAY = 86400000;
  const AT_ONCE = 3, PART = 2 << 20, LONG_SIDE = 2560, QUALITY = 0.85, KEEP_PNG = 1500000;
  const LARGEST = 200 << 20, LARGEST_KEPT = 16 << 20, RETRIES = [0, 1000, 2000, 4000, 8000, 16000], AGAIN_MS = 15000;
  const SHRUNK = /^image\/(jpeg|png|webp|bmp|heic|heif)$/;
  const megabytes = bytes => (bytes / 1048576).toFixed(1);
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text || "" });

  /* A picture upright (as its EXIF says), its long side at most LONG_SIDE, without place and time; and its thumbnail. */
  function drawn(bitmap, longest, fit) {
    const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
    const canvas = make("canvas", "thumb");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = fit;
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
  async function shrink(file, originals) {
    if (!SHRUNK.test(file.type)) return { blob: file, name: file.name };
    let bitmap;
    try { bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }); }
    catch { return { blob: file, name: file.name }; }  // such as HEIC, which the server reads
    const thumb = drawn(bitmap, 192, "medium");
    const small = Math.max(bitmap.width, bitmap.height) <= LONG_SIDE && (file.type === "image/jpeg" || file.size < KEEP_PNG);
    const canvas = originals || small ? null : drawn(bitmap, LONG_SIDE, "high");
    bitmap.close();
    const blob = canvas && await new Promise(done => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.size >= file.size) return { blob: file, name: file.name, thumb };
    return { blob, name: `${file.name.replace(/\.[^.]*$/, "")}.jpg`, thumb };
  }

  /* What is kept over a reload, under its owner's key (qihang.js): the file until it is sent, its id after. */
  const sealing = data => window.qihang.key.then(async key => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, data) };
  });
  const unsealing = ({ iv, data }) => window.qihang.key.then(key => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data));
  async function transact(mode, act) {
    const all = (await window.qihang.files()).transaction("files", mode).objectStore("files");
    return new Promise((done, failed) => {
      const asked = act(all);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }
  const store = {
    get there() { return Boolean(window.qihang?.key); },
    async put(form, item) {
      if (!this.there) return;
      const { id, name, size, url, content, mediaType, chosen } = item;
      try {
        const about = await sealing(new TextEncoder().encode(JSON.stringify({ name, size, url, content, mediaType, chosen })));
        const kept = !content && item.blob && item.blob.size <= LARGEST_KEPT;
        const blob = kept ? item.sealed ??= await sealing(await item.blob.arrayBuffer()) : null;
        if (!item.gone) await transact("readwrite", all => all.put({ id, form, field: item.field, at: Date.now(), about, blob }));
      } catch { /* no room: it is sent all the same */ }
    },
    async drop(item) { if (this.there) try { await transact("readwrite", all => all.delete(item.id)); } catch { /* none */ } },
    async all(form, field) {
      if (!this.there) return [];
      const result = [];
      for (const each of await transact("readonly", all => all.index("form").getAll(form)).catch(() => [])) {
        if (each.field !== field) continue;
        try {
          const about = JSON.parse(new TextDecoder().decode(await unsealing(each.about)));
          if (Date.now() - each.at > (about.content ? 7 : 1) * DAY) throw new Error("old");
          const blob = each.blob && new Blob([await unsealing(each.blob)]);
          result.push({ id: each.id, at: each.at, ...about, blob });
        } catch { this.drop(each); }
      }
      return result.sort((a, b) => a.at - b.at);
    },
  };

  class Field {
    constructor(root) {
      this.root = root; this.form = root.closest("form"); this.name = root.dataset.files;
      this.words = JSON.parse(root.dataset.words); this.items = []; this.preparing = Promise.resolve();
      this.key = window.qihang?.user && this.form?.dataset.keep ? window.qihang.keyOf(this.form) : "";
      this.list = root.querySelector(".files-list"); this.input = root.querySelector("input[type=file]");
      this.build();
      for (const row of this.list.querySelectorAll(".file")) this.adopt(row);
      this.restore();
    }
    say(name, values) { return window.qihang.say(this.words[name], values || {}); }
    build() {
      const area = this.root.querySelector(".files-add"), buttons = make("div", "files-buttons");
      const choose = make("button", "btn btn-outline-primary files-choose", this.words.choose);
      const photo = make("button", "btn btn-outline-primary camera", this.words.photo);
      const camera = Object.assign(make("input", "visually-hidden"), { type: "file", accept: "image/*", tabIndex: -1 });
      camera.setAttribute("capture", "environment");
      camera.setAttribute("aria-label", this.words.photo);
      camera.hidden = true;
      choose.type = photo.type = "button";
      choose.setAttribute("aria-describedby", this.input.getAttribute("aria-describedby"));
      choose.addEventListener("click", () => this.input.click());
      photo.addEventListener("click", () => camera.click());
      this.input.removeAttribute("name");
      area.querySelector("label").hidden = this.input.hidden = true;
      if (!this.root.dataset.accept.includes("image")) photo.hidden = true;
      buttons.append(photo, choose, make("span", "form-text", this.words.drop), camera);
      area.append(buttons);
      this.sum = make("p", "files-sum"); this.message = make("p", "files-message");
      this.sum.setAttribute("role", "status"); this.message.setAttribute("role", "alert");
      this.list.after(this.sum); area.after(this.message);
      for (const each of [this.input, camera]) each.addEventListener("change", () => { this.add([...each.files]); each.value = ""; });
      const over = on => this.root.classList.toggle("files-over", on);
      this.root.addEventListener("dragover", event => { event.preventDefault(); over(true); });
      this.root.addEventListener("dragleave", () => over(false));
      this.root.addEventListener("drop", event => { event.preventDefault(); over(false); this.add([...event.dataTransfer.files]); });
      this.form?.addEventListener("submit", event => this.submit(event));
      addEventListener("online", () => this.again());
      setInterval(() => this.again(), AGAIN_MS);
    }
    adopt(row) {
      const item = { id: row.dataset.content, content: row.dataset.content, name: row.querySelector(".file-name").textContent,
        row, state: "done", size: 0, sent: 0 };
      row.querySelector(".file-remove")?.remove();
      row.append(this.remover(item));
      this.items.push(item);
    }
    remover(item) {
      const button = make("button", "btn btn-sm btn-outline-secondary file-remove", this.words.remove);
      button.type = "button";
      button.setAttribute("aria-label", `${this.words.remove} ${item.name}`);
      button.addEventListener("click", () => this.remove(item));
      return button;
    }
    async restore() {
      if (!this.key) return;
      await window.qihang.settled;
      for (const kept of await store.all(this.key, this.name)) {
        if (this.items.some(each => each.id === kept.id || (kept.content && each.content === kept.content))) continue;
        const item = { ...kept, field: this.name, sent: 0, state: kept.content ? "done" : kept.blob ? "waiting" : "pick" };
        this.show(item);
        if (kept.content && kept.mediaType.startsWith("image/")) this.picture(item);
        if (kept.content) this.settle(item);
      }
      this.pump();
    }
    refuse(name, values) { this.message.append(make("span", "", `${this.say(name, values)} `)); }
    add(files) {
      this.message.textContent = "";
      for (const file of files) {
        const chosen = `${file.name} ${file.size} ${file.lastModified}`, twin = this.items.find(each => each.chosen === chosen);
        if (twin?.state === "pick") { Object.assign(twin, { blob: file, state: "waiting" }); this.paint(twin); }
        else if (twin) this.refuse("twice", { name: file.name });
        else if (!this.takes(file)) this.refuse("wrong_type", { name: file.name });
        else if (file.size > LARGEST) this.refuse("too_large", { name: file.name, max: LARGEST >> 20 });
        else if (this.items.length >= Number(this.root.dataset.max)) { this.refuse("too_many", this.root.dataset); break; }
        else this.prepare(file, chosen);
      }
      this.pump();
    }
    takes(file) {
      const accept = this.root.dataset.accept.split(",").filter(Boolean), name = file.name.toLowerCase();
      return accept.some(each => each.endsWith("/*") ? file.type.startsWith(each.slice(0, -1)) : name.endsWith(each));
    }
    prepare(file, chosen) {
      const id = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
      const item = { id, field: this.name, name: file.name, chosen, size: file.size, sent: 0, state: "shrinking" };
      this.show(item);
      this.preparing = this.preparing.then(async () => {
        if (item.gone) return;
        const { blob, name, thumb } = await shrink(file, this.root.dataset.originals);
        Object.assign(item, { blob, name, size: blob.size, state: "waiting" });
        if (thumb) item.row.querySelector(".thumb").replaceWith(thumb);
        if (this.key) await store.put(this.key, item);
        this.paint(item);
        this.pump();
      });
    }
    show(item) {
      const row = make("li", "file");
      item.bar = make("progress"); item.about = make("span", "file-about");
      item.bar.max = 100; item.bar.value = 0; item.bar.setAttribute("aria-label", item.name);
      row.append(make("span", "thumb"), make("span", "file-name", item.name), item.bar, item.about, this.remover(item));
      item.row = row;
      this.items.push(item); this.list.append(row); this.paint(item);
    }
    picture(item) {
      const image = Object.assign(make("img", "thumb"), { alt: "", loading: "lazy", src: `/s/participation/api/evidence/${item.content}?form=thumb` });
      item.row.querySelector(".thumb").replaceWith(image);
    }
    paint(item) {
      if (item.bar) {
        item.bar.value = item.size ? 100 * item.sent / item.size : 0;
        item.bar.hidden = item.state === "done" || item.state === "refused";
        item.about.textContent = item.detail || this.words[item.state];
        item.row.classList.toggle("file-refused", item.state === "refused");
      }
      this.paintSum();
    }
    paintSum() {
      const mine = this.items.filter(each => each.bar && each.state !== "refused");
      const total = key => mine.reduce((sum, each) => sum + each[key], 0);
      const done = mine.filter(each => each.state === "done").length;
      const words = mine.length ? this.say("sum", { done, all: mine.length }) : "";
      if (this.sum.dataset.words !== words) { this.sum.dataset.words = words; this.sum.textContent = words; }
      if (!mine.length) return;
      const bytes = this.sum.querySelector("[aria-hidden]") || this.sum.appendChild(make("span", "file-about"));
      bytes.setAttribute("aria-hidden", "true");
      bytes.textContent = done < mine.length ? ` ${this.say("bytes", { sent: megabytes(total("sent")), size: megabytes(total("size")) })}` : "";
    }
    pump() {
      const sending = this.items.filter(each => each.state === "sending").length;
      for (const item of this.items.filter(each => each.state === "waiting").slice(0, AT_ONCE - sending)) this.send(item);
    }
    again() {
      for (const item of this.items.filter(each => each.state === "stopped")) item.state = "waiting";
      this.pump();
    }
    send(item) {
      const { unit, person, private: hidden, originals, csrf } = this.root.dataset;
      const metadata = { filename: item.name, ...(unit && { unit_id: unit }), ...(person && { person_id: person }), ...(hidden && { private: hidden }), ...(originals && { kind: originals }) };
      item.state = "sending"; item.detail = "";
      item.upload = new tus.Upload(item.blob, {
        endpoint: ENDPOINT, uploadUrl: item.url || null, chunkSize: PART, retryDelays: RETRIES, metadata,
        headers: { "X-CSRF-Token": csrf }, storeFingerprintForResuming: false,
        onUploadUrlAvailable: () => { item.url = item.upload.url; if (this.key) store.put(this.key, item); },
        onProgress: sent => { item.sent = sent; this.paint(item); },
        onError: error => this.failed(item, error.originalResponse?.getStatus() || 0, error.originalResponse?.getBody()),
        onSuccess: () => this.finish(item),
      });
      item.upload.start();
      this.paint(item);
    }
    async finish(item) {
      let answer, body = "";
      try {
        answer = await fetch(`${item.upload.url}/finish`, { method: "POST", headers: { "X-CSRF-Token": this.root.dataset.csrf } });
        body = await answer.text();
      } catch { return this.failed(item, 0, ""); }
      if (!answer.ok) return this.failed(item, answer.status, body);
      const kept = JSON.parse(body);
      if (item.gone) return null;
      if (this.items.some(each => each !== item && each.content === kept.content)) { this.refuse("twice", { name: item.name }); return this.remove(item); }
      Object.assign(item, { content: kept.content, mediaType: kept.media_type, sent: item.size });
      if (this.key) await store.put(this.key, item);
      if (item.gone) return null;
      Object.assign(item, { state: "done", blob: null, sealed: null, upload: null }); // not before it is in the form: who finishes meanwhile submits
      this.settle(item);
      this.paint(item); this.pump();
      if (this.waiting && !this.left().length) this.form.requestSubmit(this.waiting.submitter || undefined);
      return null;
    }
    settle(item) {
      const hidden = (name, value) => Object.assign(document.createElement("input"), { type: "hidden", name, value });
      item.row.dataset.content = item.content;
      item.row.prepend(hidden(this.name, item.content), hidden(`${this.name}-about`, `${item.content} ${item.mediaType} ${item.name}`));
      this.form?.dispatchEvent(new Event("input", { bubbles: true }));
    }
    failed(item, status, body) {
      if (item.gone) return;
      let problem = {};
      try { problem = JSON.parse(body) || {}; } catch { /* not of ours */ }
      const signedOut = status === 401 || problem.code === "csrf", gone = item.url && [404, 409, 410].includes(status);
      const passing = !status || status >= 500 || signedOut || gone || [408, 423, 429, 460].includes(status);
      if ([404, 410].includes(status)) item.url = "";
      item.state = passing ? "stopped" : "refused";
      item.detail = signedOut ? this.words.signed_out : passing ? (status >= 500 && problem.detail) || "" : problem.detail || this.words.failed;
      if (!passing) store.drop(item);
      this.paint(item); this.pump();
    }
    remove(item) {
      item.gone = true;
      if (item.upload) item.upload.abort(!item.content).catch(() => {});
      store.drop(item);
      this.items = this.items.filter(each => each !== item);
      item.row.remove();
      this.paintSum(); this.pump();
      this.root.querySelector(".files-choose").focus();
      this.form?.dispatchEvent(new Event("input", { bubbles: true }));
    }
    left() { return this.items.filter(each => !["done", "refused"].includes(each.state)); }
    submit(event) {
      const left = this.left().length, refused = this.items.find(each => each.state === "refused");
      this.waiting = left && !refused ? event : null;
      if (!left && !refused) return;
      event.preventDefault();
      this.message.textContent = refused ? this.words.first : this.say("later", { left });
      if (refused) refused.row.querySelector("button").focus();
    }
  }

  const fields = new Map();
  const begin = within => {
    for (const root of within.querySelectorAll("[data-files]")) if (!fields.has(root)) fields.set(root, new Field(root));
  };
  document.addEventListener("paste", event => {
    const [field] = [...fields.values()].filter(each => each.root.isConnected), pasted = [...event.clipboardData?.files || []];
    if (field && pasted.length) { event.preventDefault(); field.add(pasted); }
  });
  document.addEventListener("DOMContentLoaded", () => begin(document));
  document.addEventListener("htmx:load", event => begin(event.target.parentNode || document));
  return { begin };
})();
