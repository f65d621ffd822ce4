/* A form of a record: what is not asked is out of sight, lines and people are at hand.  The form works without it. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form.filing");
  if (!form) return;
  const show = (element, shown) => {
    element.hidden = !shown;
    for (const each of element.querySelectorAll("input, select, textarea")) each.disabled = !shown;
  };
  const chosen = name => [...form.elements].filter(each => each.name === name && (each.tagName === "SELECT" || each.checked)).map(each => each.value);
  function settle() {
    for (const box of form.querySelectorAll("[data-with]")) show(document.getElementById(box.dataset.with), box.checked);
    for (const field of form.querySelectorAll("[data-when]")) {
      const deed = field.closest(".with-parts");
      if (deed && deed.hidden) continue;
      const codes = field.dataset.codes.split(" ");
      show(field, chosen(field.dataset.when).some(each => codes.includes(each)));
    }
    for (const people of form.querySelectorAll("[data-people]")) {
      const mode = chosen(`${people.dataset.people}.mode`)[0];
      people.querySelector(".people-some").hidden = mode === "all";
    }
  }
  form.addEventListener("change", settle);
  settle();

  /* Enter in a line of text sends nothing: the button does; in a search it searches. */
  form.addEventListener("keydown", event => {
    const input = event.target;
    if (event.key === "Enter" && input.tagName === "INPUT" && !["search", "checkbox", "radio", "file"].includes(input.type)) event.preventDefault();
  });

  /* Another line is a copy of the last one, empty. */
  for (const button of form.querySelectorAll("[data-more]")) button.addEventListener("click", event => {
    event.preventDefault();
    const field = button.closest("[data-lines]"), lines = field.querySelectorAll(".line"), last = lines[lines.length - 1];
    if (!last || lines.length >= Number(field.dataset.most)) return;
    const line = last.cloneNode(true), number = lines.length, start = `${field.dataset.lines}.`;
    line.setAttribute("aria-label", last.getAttribute("aria-label").replace(/\d+/, number + 1));
    const renamed = text => text.replace(`${start}${number - 1}.`, `${start}${number}.`);
    for (const input of line.querySelectorAll("input, select, textarea")) {
      input.name = renamed(input.name);
      input.id = renamed(input.id);
      input.value = "";
      input.classList.remove("is-invalid");
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
    for (const label of line.querySelectorAll("label")) label.htmlFor = renamed(label.htmlFor);
    for (const wrong of line.querySelectorAll(".invalid-feedback")) wrong.remove();
    last.after(line);
    line.querySelector("input, select").focus();
  });
});
