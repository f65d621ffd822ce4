"""Every form that the posts come to, sent wrongly (empty; too long, with impossible days, numbers and files;
as one that somebody else changed meanwhile): what comes
back as a picture at a desk and on a phone, and in refused.txt what it says and what a program can see to be wrong."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

from docs.generate.page_pictures import WIDTHS, Photographer
from tests.support.chromium import Chromium, ChromiumFailed

WAYS = ("empty", "wrong", "between")
LEFT_ALONE = re.compile(r"^/(signout|language|account/(sessions?|second)|maintenance|todo)")
"""They end what the walk needs, or begin what takes long."""
FORMS = """[...document.querySelectorAll('main form')].map((form, index) => ({
    index, post: form.method === 'post', action: new URL(form.action).pathname,
    names: [...new Set([...form.elements].filter(each => each.name && !['hidden', 'submit'].includes(each.type))
        .map(each => each.name))], between: [...form.elements].some(each => /revision$|^content$/.test(each.name))
    })).filter(form => form.post && (form.names.length || form.between))"""
SPOIL = """((index, way) => {
  const form = document.querySelectorAll('main form')[index], sent = {};
  form.noValidate = true;
  for (const each of [...form.elements]) {
    if (way === 'between' && each.type === 'hidden') {
      if (/revision$/.test(each.name)) each.value = String(Number(each.value) + 7);
      if (each.name === 'content') each.value = '0'.repeat(64);
    }
    const type = each.type;
    if (!each.name || each.disabled || each.hidden) continue;
    if (['hidden', 'submit', 'button', 'fieldset'].includes(type)) continue;
    each.removeAttribute('maxlength');
    if (each.type === 'file') {
      const held = new DataTransfer();
      if (way === 'wrong') held.items.add(new File(['MZ not what is asked for'], '程序.exe'));
      each.files = held.files;
      continue;
    }
    if (each.type === 'checkbox' || each.type === 'radio') { each.checked = way !== 'empty'; continue; }
    if (each.tagName === 'SELECT') {
      const options = [...each.options].map(option => option.value);
      each.value = way === 'empty' && options.includes('') ? '' : options.find(value => value) ?? '';
    } else if (way === 'between') {
      const usual = each.type === 'date' ? '2023-11-14' : each.type === 'number' || each.inputMode ? '1' : '1 条';
      if (!each.value) each.value = usual;
    } else {
      const kind = type;
      if (['date', 'datetime-local', 'month', 'time', 'number', 'url', 'email'].includes(kind)) each.type = 'text';
      const words = {date: '2023-02-31', 'datetime-local': '2023-02-31T09:00', month: '2023-13', time: '25:00',
                     number: '十二', url: 'ftp://例子', email: '不是邮箱'};
      each.value = way === 'empty' ? '' : words[kind]
          ?? '写得太长的内容'.repeat(each.tagName === 'TEXTAREA' ? 430 : 80);
    }
    if (!/^order-/.test(each.name) && !/^2023-02-31/.test(each.value)) sent[each.name] = each.value;
  }
  const buttons = [...form.elements].filter(each => each.type === 'submit' && each.tabIndex >= 0);
  const button = buttons.find(each => each.classList.contains('btn-primary')) ?? buttons[0];
  window.setTimeout(() => form.requestSubmit(button ?? undefined), 0);
  return sent;
})"""
CAME_BACK = """(() => {
  const text = each => each.innerText.trim().replace(/\\s+/g, ' ');
  const shown = each => each.getClientRects().length > 0;
  const values = {};
  for (const each of document.querySelectorAll('main [name]')) (values[each.name] ??= []).push(each.value);
  const marked = [...document.querySelectorAll('main .invalid-feedback')];
  const active = document.activeElement;
  return {status: performance.getEntriesByType('navigation')[0].responseStatus, path: location.pathname, values,
    alerts: [...document.querySelectorAll('main .alert')].map(text), at_fields: marked.filter(shown).map(text),
    unseen: marked.filter(each => !shown(each)).map(text),
    aimless: [...document.querySelectorAll('main .alert a[href^="#"]')].map(each => each.getAttribute('href'))
        .filter(link => !document.getElementById(link.slice(1))),
    focus: active && active !== document.body && (active.closest('.alert') || active.classList.contains('is-invalid'))
        ? 'seen' : active?.tagName ?? ''};
})()"""
CODES = re.compile(r"\b[a-z]{3,}(?:_[a-z]+)*\b")
PLAIN = {"jpg", "png", "txt", "docx", "csv", "xlsx", "pdf", "https", "http", "mp.weixin.qq.com", "yaml", "mp4", "com",
         "ods", "xls", "weixin", "html", "webp", "heic", "zip", "exe", "tsv", "ftp"}  # fmt: skip


class RefusedForms(Photographer):
    """One browser before a running system: each form once, by the first post that comes to it."""

    def __init__(self, browser: Chromium, address: str, folder: Path) -> None:
        super().__init__(browser, address, folder)
        self.known: set[Any] = set()
        self.lines: list[str] = []

    def refuse(self, who: str, more: tuple[str, ...] = (), most: int = 120) -> None:
        """On each kind of page that the post comes to by links."""
        for path in self.opened(more, most):
            for form in self.browser.run(FORMS):
                key = form["action"], *sorted(re.sub(r"\d+", "", name) for name in form["names"])
                if key not in self.known and not LEFT_ALONE.search(form["action"]):
                    self.known.add(key)
                    for way in WAYS if form["between"] else WAYS[:2]:
                        if not self._send(who, path, form, way):
                            break

    def done(self) -> None:
        (self.folder / "refused.txt").write_text("".join(f"{each}\n" for each in self.lines), encoding="utf-8")

    def _send(self, who: str, path: str, form: dict[str, Any], way: str) -> bool:
        """The form as the page has it now, and what the console makes of it; whether it was there."""
        self.browser.open(f"{self.address}{path}")
        if form["action"] not in [each["action"] for each in self.browser.run(FORMS) if each["index"] == form["index"]]:
            return False
        self.browser.run("window.stillThere = true")
        try:
            sent = self.browser.run(f"{SPOIL}({form['index']}, {json.dumps(way)})")
            self._wait()
        except ChromiumFailed as failed:
            self.lines.append(f"{form['action']} {way} ({who} {path}): {str(failed)[:200]}")
            return True
        back = self.browser.run(CAME_BACK)
        name = re.sub(r"\W+", "-", f"{who}{form['action']}").strip("-")[:70] + f"-{way}"
        name += "" if not (self.folder / f"{name}-{WIDTHS[0]}.png").exists() else f"-{len(self.known)}"
        self.lines += [f"{form['action']} {way} ({who} {path}): {back['status']} {back['path']} {name}",
                       *(f"    {what}" for what in _remarks(form, sent, back, way))]  # fmt: skip
        if back["status"] >= 400:
            for width in WIDTHS:
                self.browser.width(width)
                self._picture(f"{name}-{width}", width)
            self.browser.width(WIDTHS[0])
        return True

    def _wait(self) -> None:
        for _ in range(200):
            with contextlib.suppress(ChromiumFailed):  # between two pages
                ready = "!window.stillThere && document.readyState === 'complete'"
                if self.browser.run(f"new Promise(done => setTimeout(() => done({ready}), 100))"):
                    return
        raise ChromiumFailed("no page came back")


def _remarks(form: dict[str, Any], sent: dict[str, str], back: dict[str, Any], way: str) -> list[str]:
    """What it says, and after `!` what is wrong with it."""
    result = [f"alert: {text[:300]}" for text in back["alerts"]]
    result += [f"field: {text[:200]}" for text in back["at_fields"]]
    if back["status"] < 400:
        return [*result, "! taken" if way == "wrong" else "taken"]
    text = " ".join((*back["alerts"], *back["at_fields"]))
    if lost := sorted(set(form["names"]) - set(back["values"])):
        result.append(f"! fields lost: {' '.join(lost)}")
    if changed := sorted(name for name, value in sent.items() if name in back["values"] and not any(
            value.strip()[:60] == kept.strip()[:60] for kept in back["values"][name])):  # fmt: skip
        result.append(f"! typed and gone: {' '.join(changed)}")
    if codes := sorted(set(CODES.findall(text)) - PLAIN):
        result.append(f"! codes: {' '.join(codes)}")
    if not back["at_fields"]:
        result.append("! nothing at a field")
    if back["unseen"]:
        result.append(f"! not shown: {back['unseen']}")
    if back["aimless"]:
        result.append(f"! leads nowhere: {back['aimless']}")
    if back["focus"] != "seen":
        result.append(f"! focus: {back['focus']}")
    return result
