// Draws every [data-chart] with ECharts in the colours of the page, again when the theme changes.
(function () {
  "use strict";
  const language = document.documentElement.lang || "en";
  const region = { en: "en-GB" }[language] || language;
  const charts = new Map();

  function token(name) {
    const probe = document.createElement("span"); // resolves light-dark() to the colour of the moment
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  }
  const palette = () => Object.fromEntries(
    ["accent", "accent-line", "accent-soft", "signal", "signal-bright", "ink", "ink-2", "ink-3", "line", "line-2", "surface", "raised", "band", "band-2"].map((name) => [name, token(name)]),
  );

  function format(unit, short) {
    const whole = { notation: short ? "compact" : "standard", maximumFractionDigits: 1 };
    if (unit === "%") return (value) => (value == null ? "–" : new Intl.NumberFormat(region, { style: "percent", maximumFractionDigits: 1 }).format(value));
    if (/^[A-Z]{3}$/.test(unit)) return (value) => (value == null ? "–" : new Intl.NumberFormat(region, { style: "currency", currency: unit, ...whole }).format(value));
    return (value) => (typeof value === "number" ? new Intl.NumberFormat(region, whole).format(value) + (unit && unit !== "count" ? ` ${unit}` : "") : value ?? "–");
  }
  const dates = new Intl.DateTimeFormat(region, { day: "numeric", month: "short" });

  function paint(value, colours) {
    if (Array.isArray(value)) return value.map((item) => paint(item, colours));
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, paint(item, colours)]));
    return typeof value === "string" && value.startsWith("$") ? colours[value.slice(1)] ?? value : value;
  }
  const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

  function dress(raw) {
    const c = palette();
    const font = { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, color: c["ink-2"] };
    const option = paint(raw, c);
    const axis = (item) => {
      const own = item.axisLabel || {};
      const time = item.type === "time" ? { formatter: (value) => dates.format(value) } : {};
      const unit = item.unit && item.type !== "time" ? { formatter: format(item.unit, true) } : {};
      return {
        ...item,
        nameTextStyle: { ...font, ...item.nameTextStyle },
        axisLabel: { ...font, hideOverlap: true, ...time, ...unit, ...own },
        axisLine: { show: item.type === "category" || item.type === "time", lineStyle: { color: c["line-2"] }, ...item.axisLine },
        axisTick: { show: false, ...item.axisTick },
        splitLine: { show: item.type === "value" || !item.type, lineStyle: { color: c.line }, ...item.splitLine },
      };
    };
    const series = list(option.series).map((item) => ({
      ...item,
      // With no colour of its own ECharts outlines a label in white, which is unreadable on a dark page.
      ...(item.label ? { label: { ...font, color: c.ink, ...item.label } } : {}),
      ...(item.markLine ? { markLine: { ...item.markLine, label: { ...font, ...item.markLine.label } } } : {}),
      ...(item.unit ? { tooltip: { valueFormatter: format(item.unit, false), ...item.tooltip } } : {}),
      ...(item.type === "line" ? { symbol: "circle", symbolSize: 5, showSymbol: (item.data || []).length < 40, lineStyle: { width: 2, ...item.lineStyle } } : {}),
      ...(item.type === "bar" ? { barMaxWidth: 28, itemStyle: { borderRadius: 3, ...item.itemStyle } } : {}),
    }));
    return {
      animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300,
      color: [c.accent, c["signal-bright"], c["ink-3"], c["accent-line"], c["band-2"]],
      textStyle: font,
      ...option,
      grid: { left: 4, right: 12, top: option.legend ? 34 : 14, bottom: 4, containLabel: true, ...option.grid },
      ...(option.legend ? { legend: { left: 0, top: 0, icon: "circle", itemWidth: 8, itemHeight: 8, textStyle: font, ...option.legend } } : {}),
      // HTML tooltips carry style attributes, which the content policy refuses.
      tooltip: { renderMode: "richText", confine: true, backgroundColor: c.raised, borderColor: c["line-2"], padding: [8, 12], textStyle: { ...font, color: c.ink }, ...option.tooltip },
      ...(option.xAxis ? { xAxis: list(option.xAxis).map(axis) } : {}),
      ...(option.yAxis ? { yAxis: list(option.yAxis).map(axis) } : {}),
      series,
    };
  }

  function draw(box) {
    const raw = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    let chart = charts.get(box);
    if (!chart) {
      chart = window.echarts.init(box, null, { renderer: "canvas" });
      charts.set(box, chart);
      new ResizeObserver(() => chart.resize()).observe(box);
    }
    chart.setOption(dress(raw), true);
  }
  window.drawCharts = (root) => {
    for (const [box, chart] of charts) if (!box.isConnected) { chart.dispose(); charts.delete(box); }
    for (const box of root.querySelectorAll("[data-chart]")) if (!charts.has(box)) draw(box);
  };
  const redraw = () => { for (const box of charts.keys()) if (box.isConnected) draw(box); };
  document.addEventListener("theme", redraw);
  addEventListener("beforeprint", redraw);
})();
