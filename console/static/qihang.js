/* The console's own script.  Every page works without it. */
"use strict";
document.documentElement.classList.add("script");
document.addEventListener("DOMContentLoaded", () => {
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
