/* Offers pages and words under a search box while somebody types; without it the box is a plain form.
   The pattern is the combobox of the ARIA Authoring Practices: the focus stays in the box. */
for (const form of document.querySelectorAll("form.site-search[data-suggest]")) {
  const box = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.id = `${box.id}-list`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.list);
  said.className = "out-of-sight";
  said.setAttribute("role", "status");
  form.append(list, said);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"],
    ["aria-controls", list.id]]) box.setAttribute(name, value);

  let chosen = -1, typed = "", timer, asking;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const choose = place => {
    const options = list.children;
    if (options[chosen]) options[chosen].setAttribute("aria-selected", "false");
    chosen = (place + options.length + 1) % (options.length + 1);
    if (chosen === options.length) {
      chosen = -1;
      box.removeAttribute("aria-activedescendant");
      return;
    }
    options[chosen].setAttribute("aria-selected", "true");
    options[chosen].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[chosen].id);
  };

  const go = option => {
    if (option.dataset.path) {
      window.location.assign(option.dataset.path);
    } else {
      box.value = option.dataset.text;
      form.submit();
    }
  };

  // As much of the list as there is room for, above a phone's keyboard too, without the box going out of sight.
  // The page may still be gliding to the box: only what stands still for a frame is measured.
  const bringInSight = before => {
    if (list.hidden) return;
    const { top } = box.getBoundingClientRect();
    if (top !== before) { requestAnimationFrame(() => bringInSight(top)); return; }
    const seen = window.visualViewport || { offsetTop: 0, height: window.innerHeight };
    const below = list.getBoundingClientRect().bottom - seen.offsetTop - seen.height;
    const above = top - seen.offsetTop - 8;
    if (Math.min(below, above) > 0) window.scrollBy({ top: Math.min(below, above), behavior: "instant" });
  };

  const show = rows => {
    list.replaceChildren(...rows.map((row, place) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.path = row.path;
      option.dataset.text = row.text;
      for (const [name, text] of [["name", row.text], ["kind", row.kind], ["also", row.also]]) {
        if (!text) continue;
        const part = document.createElement("span");
        part.className = `suggestion-${name}`;
        part.textContent = text;
        option.append(part, " ");
      }
      option.addEventListener("mousedown", event => { event.preventDefault(); go(option); });
      return option;
    }));
    close();
    list.hidden = rows.length === 0;
    if (rows.length) bringInSight();
    box.setAttribute("aria-expanded", String(rows.length > 0));
    said.textContent = rows.length ? `${rows.length} ${form.dataset.some}` : form.dataset.none;
  };

  const ask = async () => {
    if (asking) asking.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
      if (answer.ok) show((await answer.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  box.addEventListener("input", () => {
    typed = box.value.trim();
    clearTimeout(timer);
    if (typed.length < 2) { if (asking) asking.abort(); close(); } else timer = setTimeout(ask, 120);
  });
  box.addEventListener("keydown", event => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? list.children.length - 1 : chosen - 1); }
    if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); go(list.children[chosen]); }
  });
  box.addEventListener("blur", close);
}
