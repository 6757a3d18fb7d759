/* A reading list kept in this browser: buttons that keep a page, and the page that shows what is kept. */
(() => {
  const NAME = "reading-list", MOST = 50;
  const shown = document.querySelector("[data-reading-list]");

  const read = () => {
    try {
      const keys = JSON.parse(localStorage.getItem(NAME));
      return Array.isArray(keys) ? keys.filter(key => typeof key === "string") : [];
    } catch { return []; }
  };
  const write = keys => {
    try {
      localStorage.setItem(NAME, JSON.stringify(keys));
      return true;
    } catch { return false; }
  };

  const keysOf = button => button.dataset.keep.split(" ").filter(Boolean);
  const draw = () => {
    const kept = read();
    for (const button of document.querySelectorAll("[data-keep]")) {
      button.closest(".keep").hidden = false;
      button.setAttribute("aria-pressed", String(keysOf(button).every(key => kept.includes(key))));
    }
  };

  const toggle = button => {
    const kept = read(), keys = keysOf(button);
    const rest = kept.filter(key => !keys.includes(key));
    const isOn = button.getAttribute("aria-pressed") === "true";
    const wanted = isOn ? rest : [...kept, ...keys.filter(key => !kept.includes(key))];
    const said = button.closest(".keep").querySelector("[role=status]");
    if (wanted.length > MOST) said.textContent = said.dataset.full;
    else if (!write(wanted)) said.textContent = said.dataset.refused;
    else said.textContent = isOn ? said.dataset.removed : said.dataset.kept;
    draw();
  };

  const show = async event => {
    const body = new URLSearchParams(read().map(key => ["key", key]));
    const said = document.querySelector("[data-said]");
    try {
      const answer = await fetch(shown.dataset.readingList, { method: "POST", body });
      if (!answer.ok) throw new Error(answer.status);
      shown.innerHTML = await answer.text();
      said.textContent = event ? said.dataset[event] : "";
    } catch { said.textContent = said.dataset.failed; }
  };
  const change = (keys, event) => {
    write(keys);
    document.getElementById("what-is-kept").focus();
    show(event);
  };

  document.addEventListener("click", async event => {
    const button = event.target.closest("button");
    if (!button) return;
    const { keep, remove, empty, copy } = button.dataset;
    if (keep !== undefined) toggle(button);
    if (remove !== undefined) change(read().filter(key => key !== remove), "removed");
    if (empty !== undefined) change([], "emptied");
    if (copy !== undefined) {
      const said = document.querySelector("[data-said]");
      try {
        await navigator.clipboard.writeText(copy);
        said.textContent = said.dataset.copied;
      } catch { said.textContent = `${said.dataset.copyFrom} ${copy}`; }
    }
  });
  window.addEventListener("storage", () => { draw(); if (shown) show(""); });
  draw();
  if (shown) show("");
})();
