// Makes pages quicker to use; every action also works without this file.
(function () {
  "use strict";
  const settings = document.currentScript.dataset;
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const loads = new Map();
  const load = (src) => {
    if (!loads.has(src)) {
      loads.set(src, new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject });
        document.head.append(script);
      }));
    }
    return loads.get(src);
  };

  // ---- messages -------------------------------------------------------------------------------
  const READING_TIME = 9000;
  function armToast(card) {
    if (card.dataset.armed) return;
    card.dataset.armed = "yes";
    const close = $(".toast-close", card);
    close.hidden = false;
    close.addEventListener("click", () => card.remove());
    if (card.matches(".toast-error, .toast-warning")) return; // stays until it is read
    let timer = setTimeout(() => card.remove(), READING_TIME);
    for (const stay of ["pointerenter", "focusin"]) card.addEventListener(stay, () => clearTimeout(timer));
    for (const leave of ["pointerleave", "focusout"]) card.addEventListener(leave, () => { timer = setTimeout(() => card.remove(), READING_TIME); });
  }
  function toast(text, kind = "error") {
    const card = $("#toast").content.firstElementChild.cloneNode(true);
    card.classList.add(`toast-${kind}`);
    $("p", card).textContent = text;
    $("#messages").append(card);
    armToast(card);
  }
  const phrase = (name) => $("#phrases").dataset[name];
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (/^text\/plain/.test(xhr.getResponseHeader("Content-Type"))) return toast(xhr.responseText); // our own refusal
    const names = { 401: "refused", 403: "refused", 404: "missing", 409: "conflict", 429: "busy" };
    const id = xhr.getResponseHeader("X-Request-Id") || "";
    toast(names[xhr.status] ? phrase(names[xhr.status]) : `${phrase("failed")} ${id}`);
  });
  for (const lost of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(lost, () => toast(phrase("offline")));

  // ---- theme, copy, forms ---------------------------------------------------------------------
  function copyText(box) {
    const button = $(".copy-button", box);
    const source = $(".copy-text", box);
    if (!navigator.clipboard) return getSelection().selectAllChildren(source); // plain http: ready for Ctrl-C
    navigator.clipboard.writeText(source.textContent).then(() => {
      const label = $("span", button);
      const before = label.textContent;
      label.textContent = button.dataset.done;
      setTimeout(() => { label.textContent = before; }, 2000);
    });
  }
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at("[data-theme-switch]")) document.dispatchEvent(new Event("theme:switch"));
    if (at("[data-help]")) $("#keys").showModal();
    if (at("[data-panel-close]")) closePanel();
    if (at(".copy-button")) copyText(at("[data-copy]"));
    for (const menu of $$("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
    if (event.target.matches("dialog.keys, dialog.palette")) event.target.close();
  });
  document.addEventListener("change", (event) => event.target.form?.matches("[data-autosubmit]") && event.target.form.requestSubmit());
  const DOUBLE_CLICK = 4000;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-delete], [method=dialog]")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => { delete form.dataset.sent; form.removeAttribute("aria-busy"); }, DOUBLE_CLICK);
  });

  // ---- explained words ------------------------------------------------------------------------
  function place(card) {
    const word = $(`[popovertarget="${card.id}"]`)?.getBoundingClientRect();
    if (!word) return;
    Object.assign(card.style, { margin: "0", inset: "auto" });
    const { width, height } = card.getBoundingClientRect();
    const below = word.bottom + 8 + height < innerHeight || word.top < height + 8;
    card.style.left = `${Math.max(12, Math.min(word.left, innerWidth - width - 12))}px`;
    card.style.top = `${below ? word.bottom + 8 : word.top - height - 8}px`;
  }
  document.addEventListener("toggle", (event) => {
    if (event.newState === "open" && event.target.matches?.(".term-card")) place(event.target);
  }, true);
  let hover;
  document.addEventListener("pointerover", (event) => {
    const word = event.pointerType === "mouse" && event.target.closest("[data-term]");
    const inside = event.target.closest(".term-card");
    clearTimeout(hover);
    if (word) hover = setTimeout(() => $(`#${word.getAttribute("popovertarget")}`)?.showPopover?.(), 350);
    else if (!inside) hover = setTimeout(() => { for (const card of $$(".term-card:popover-open")) if (!card.contains(document.activeElement)) card.hidePopover(); }, 300);
  });

  // ---- side panel -----------------------------------------------------------------------------
  const panel = $("#panel");
  let opener = null;
  function closePanel() {
    if (!panel || panel.hidden) return false;
    panel.hidden = true;
    $("#panel-body").replaceChildren();
    opener?.focus();
    return true;
  }
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id !== "panel-body") return;
    opener = event.detail.elt;
    panel.hidden = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "panel-body") { panel.scrollTop = 0; $("#panel-body").focus(); }
  });

  // ---- keys -----------------------------------------------------------------------------------
  const KEYS = "keys-off";
  const keysOff = () => { try { return localStorage.getItem(KEYS) === "yes"; } catch { return false; } };
  const rows = () => $$("[data-row]").filter((row) => row.offsetParent);
  const current = () => $("[data-row].is-current");
  function step(by) {
    const list = rows();
    if (!list.length) return;
    const next = list[Math.max(0, Math.min(list.length - 1, list.indexOf(current()) + by))];
    current()?.classList.remove("is-current");
    next.classList.add("is-current");
    next.scrollIntoView({ block: "nearest" });
    if (panel && !panel.hidden) open(next);
    else ($("[data-open], a", next) || next).focus({ preventScroll: true });
  }
  const open = (row) => $("[data-open], a", row)?.click();
  function press(key) {
    const scope = current() || document;
    const seen = (root) => $$(`[data-key="${CSS.escape(key)}"]`, root).find((one) => one.offsetParent);
    const target = seen(scope) || seen(panel && !panel.hidden ? panel : document);
    target?.click();
    return Boolean(target);
  }
  const boxOf = (row) => row && $("input[type=checkbox]:not([name=flags])", row);
  let ticked = null; // where a range begins
  function tick() {
    const box = boxOf(current());
    if (box) { box.click(); ticked = current(); }
  }
  function tickUpTo() {
    const list = rows();
    const [from, to] = [list.indexOf(ticked), list.indexOf(current())].sort((a, b) => a - b);
    if (from < 0) return tick();
    for (const row of list.slice(from, to + 1)) { const box = boxOf(row); if (box && !box.checked) box.click(); }
  }
  // A row that is swapped for its new self stays the current one.
  let held = "";
  document.addEventListener("htmx:beforeSwap", ({ detail }) => { held = detail.target?.matches?.("[data-row].is-current") ? detail.target.id : ""; });
  document.addEventListener("htmx:afterSettle", () => { if (held) document.getElementById(held)?.classList.add("is-current"); });
  const actions = {
    "/": () => { const box = $("[data-search]"); box?.focus(); box?.select(); return Boolean(box); },
    j: () => step(1), k: () => step(-1),
    x: () => tick(),
    X: () => tickUpTo(),
    ArrowDown: () => current() ? step(1) : false, ArrowUp: () => current() ? step(-1) : false,
    "?": () => $("#keys").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k" && palette) { event.preventDefault(); return openPalette(); }
    if (event.key === "Escape") {
      for (const menu of $$("details[data-menu][open]")) { menu.open = false; $("summary", menu).focus(); }
      if (!$(":popover-open") && !$("dialog[open]")) closePanel();
      return;
    }
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]") || keysOff()) return;
    const done = actions[event.key] ? actions[event.key]() : /^[a-z1-9]$/.test(event.key) && press(event.key);
    if (done !== false) event.preventDefault();
  });

  // ---- palette --------------------------------------------------------------------------------
  const palette = $("#palette");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  function sift() {
    const asked = $("input", palette).value.trim();
    for (const item of $$("li", palette)) {
      const link = $("a", item);
      if ("ask" in item.dataset) {
        link.href = link.dataset.base + encodeURIComponent(asked);
        $("strong", item).textContent = asked;
        item.hidden = !asked;
      } else item.hidden = !fold(link.textContent).includes(fold(asked));
      link.classList.remove("is-current");
    }
    $("li:not([hidden]) a", palette)?.classList.add("is-current");
  }
  function steer(event) {
    const links = $$("li:not([hidden]) a", palette);
    const at = links.findIndex((link) => link.classList.contains("is-current"));
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") { event.preventDefault(); links[at]?.click(); }
    if (!by || !links.length) return;
    event.preventDefault();
    links[at]?.classList.remove("is-current");
    links[(at + by + links.length) % links.length].classList.add("is-current");
  }
  palette?.addEventListener("input", sift);
  palette?.addEventListener("keydown", steer);
  function openPalette() {
    if (!palette || palette.open) return;
    palette.showModal();
    $("input", palette).value = "";
    sift();
  }

  // ---- what arrives in the page -----------------------------------------------------------------
  async function enrich(root) {
    for (const hidden of $$("[data-theme-switch], [data-help], .copy-button", root)) hidden.hidden = false;
    for (const card of $$("[data-toast]", root)) armToast(card);
    $("[data-focus]", root)?.focus();
    for (const box of $$(".table-wrap, .board", root)) box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1; // arrows scroll it
    const selects = $$("select[multiple]:not([data-plain], [data-rich])", root);
    if (selects.length) {
      for (const select of selects) select.dataset.rich = "yes"; // before waiting: fragments may arrive meanwhile
      await load(settings.tomSelect);
      for (const select of selects) {
        // tom-select takes the label over for its own input; the select, still in the page, keeps its name.
        select.setAttribute("aria-label", select.labels[0]?.textContent.trim() || select.name);
        new window.TomSelect(select, { plugins: { remove_button: { title: $("#phrases").dataset.remove } }, render: { no_results: () => `<div class="no-results">${phrase("nothing")}</div>` } });
      }
    }
    if ($("[data-chart]", root)) {
      await Promise.all([load(settings.echarts), load(settings.charts)]);
      window.drawCharts(root);
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    enrich(document);
    const off = $("#keys-off");
    off.checked = !keysOff();
    off.addEventListener("change", () => { try { localStorage.setItem(KEYS, off.checked ? "no" : "yes"); } catch { /* not kept */ } });
  });
  document.addEventListener("htmx:load", (event) => enrich(event.detail.elt.parentElement || event.detail.elt));
})();
