// Runs before the first paint: the chosen theme, else the system's.
(function () {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = () => {
    const theme = chosen() || (dark.matches ? "dark" : "light");
    if (root.dataset.bsTheme === theme) return;
    root.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("theme"));
  };
  root.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("theme:switch", () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* private window: lasts for this page */ }
    root.dataset.bsTheme = next;
    document.dispatchEvent(new CustomEvent("theme"));
  });
})();
