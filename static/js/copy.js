/* A button beside a text that copies it; shown where scripts run and the browser lets them copy. */
(() => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy-of]")) {
    const place = button.closest(".copy"), said = place.querySelector("[role=status]");
    place.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copyOf).innerText.trim();
      try {
        await navigator.clipboard.writeText(text);
        said.textContent = said.dataset.copied;
      } catch { said.textContent = said.dataset.refused; }
    });
  }
})();
