/* What fields have beyond the browser's own: a day reads in Chinese where the browser writes it otherwise, and a long list
   is narrowed by what is typed.  Pages work without it. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  /* mm/dd/yyyy is how an English browser shows and asks for a day, whatever the page's language is. */
  const readsOtherwise = document.documentElement.lang === "zh-CN" && !navigator.language.startsWith("zh");
  const inWords = new Intl.DateTimeFormat("zh-CN", { dateStyle: "long", timeZone: "UTC" });
  function read(input) {
    const label = input.labels[0];
    if (!label) return;
    let reading = label.querySelector(".reading");
    if (!reading) {
      reading = document.createElement("span");
      reading.className = "reading";
      reading.setAttribute("aria-hidden", "true");
      if (label.contains(input)) input.before(reading); else label.append(reading);
    }
    const day = new Date(`${input.value.slice(0, 10)}T00:00:00Z`);
    reading.textContent = Number.isNaN(day.getTime()) ? "" : `${inWords.format(day)}${input.value.slice(10).replace("T", " ")}`;
  }
  const days = part => part.querySelectorAll("input[type=date], input[type=datetime-local]").forEach(read);
  if (readsOtherwise) {
    days(document);
    document.addEventListener("input", event => { if (["date", "datetime-local"].includes(event.target.type)) read(event.target); });
    document.body.addEventListener("htmx:afterSettle", event => days(event.detail.elt.parentElement || document));
  }

  for (const filter of document.querySelectorAll("[data-filter-list]")) {
    filter.hidden = false;
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim();
      for (const chip of document.getElementById(filter.dataset.filterList).querySelectorAll(".chip"))
        chip.hidden = wanted !== "" && !chip.textContent.includes(wanted) && !chip.querySelector("input").checked;
    });
  }
});
