/* Charts that answer back. A picture stays until its chart is ready, and for good where anything fails. */
(() => {
  const folder = new URL("charts/", document.currentScript.src);
  const loading = new Map();
  const waiting = new Map();

  window.korusChart = (name, chart) => waiting.set(name, chart);

  const load = (file) => {
    if (!loading.has(file)) {
      loading.set(file, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = new URL(file, folder);
        script.onload = done;
        script.onerror = failed;
        document.head.append(script);
      }));
    }
    return loading.get(file);
  };

  const make = (tag, properties = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };

  const swatch = (colour) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const square = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const look = { x: 1, y: 1, width: 10, height: 10, fill: colour, stroke: "#8A8A8A" };
    for (const [key, value] of Object.entries(look)) square.setAttribute(key, value);
    svg.setAttribute("class", "korus-swatch");
    svg.setAttribute("aria-hidden", "true");
    svg.append(square);
    return svg;
  };

  const set = (view, name, value) => view.signal(name, value).runAsync();

  /* Boxes that hide a series. */
  const seriesControls = (view, name, series) => {
    const group = make("fieldset", {}, make("legend", { textContent: "Shown" }));
    const boxes = series.values.map((value, place) => {
      const box = make("input", { type: "checkbox", id: `${name}-series-${place}`, checked: true });
      group.append(make("span", {}, box, make("label", { htmlFor: box.id }, swatch(value.colour), value.name)));
      return box;
    });
    group.addEventListener("change", () =>
      set(view, "hidden", series.values.filter((_, place) => !boxes[place].checked).map((value) => value.name)));
    return { group, reset: () => { for (const box of boxes) box.checked = true; return set(view, "hidden", []); } };
  };

  /* Two lists that zoom on a span of dates. */
  const dateControls = (view, name, dates) => {
    const list = (word, first) => {
      const select = make("select", { id: `${name}-${word.toLowerCase()}` });
      for (const date of dates) select.append(make("option", { value: date.value, textContent: date.label }));
      select.selectedIndex = first ? 0 : dates.length - 1;
      return [select, make("span", {}, make("label", { htmlFor: select.id, textContent: word }), select)];
    };
    const [from, fromShown] = list("From", true);
    const [to, toShown] = list("To", false);
    const apply = (event) => {
      if (from.selectedIndex >= to.selectedIndex) {
        if (event.target === from) to.selectedIndex = Math.min(from.selectedIndex + 1, dates.length - 1);
        from.selectedIndex = Math.min(from.selectedIndex, to.selectedIndex - 1);
      }
      view.signal("dates_from", from.selectedIndex <= 0 ? null : Number(from.value));
      view.signal("dates_to", to.selectedIndex === dates.length - 1 ? null : Number(to.value));
      return view.runAsync();
    };
    const group = make("fieldset", {}, make("legend", { textContent: "Dates" }), fromShown, toShown);
    group.addEventListener("change", apply);
    const reset = () => {
      from.selectedIndex = 0;
      to.selectedIndex = dates.length - 1;
      return view.signal("dates_from", null).signal("dates_to", null).runAsync();
    };
    return { group, reset };
  };

  /* Sliders of a what-if, with the published value marked. */
  const inputControls = (view, name, inputs) => {
    const group = make("fieldset", {}, make("legend", { textContent: "What if" }));
    const shown = inputs.map((input) => {
      const id = `${name}-${input.name}`;
      const words = (value) => `${String(value).replace("-", "−")}${input.unit}`;
      const ticks = make("datalist", { id: `${id}-published` }, make("option", { value: input.value }));
      const { min, max, step, value } = input;
      const range = make("input", { type: "range", id, min, max, step, value });
      range.setAttribute("list", ticks.id);
      const output = make("output", { htmlFor: id });
      const tell = () => {
        output.textContent = Number(range.value) === input.value ? `${words(input.value)} (published)`
          : `${words(range.value)} (published: ${words(input.value)})`;
        range.setAttribute("aria-valuetext", output.textContent);
      };
      range.addEventListener("input", () => { tell(); set(view, input.name, Number(range.value)); });
      tell();
      group.append(make("span", { className: "korus-slider" },
        make("label", { htmlFor: id, textContent: input.label }), output, range, ticks));
      return { range, tell, input };
    });
    const reset = () => {
      for (const { range, tell, input } of shown) {
        range.value = input.value;
        tell();
        view.signal(input.name, input.value);
      }
      return view.runAsync();
    };
    return { group, reset };
  };

  const fill = (controls, view, name, chart) => {
    const parts = [];
    if (chart.inputs.length) parts.push(inputControls(view, name, chart.inputs));
    if (chart.series) parts.push(seriesControls(view, name, chart.series));
    if (chart.dates) parts.push(dateControls(view, name, chart.dates));
    const reset = make("button", {
      type: "button", textContent: chart.inputs.length ? "Published values" : "Show all",
      onclick: () => { for (const part of parts) part.reset(); },
    });
    controls.append(...parts.map((part) => part.group), reset);
  };

  const draw = async (figure, picture, name) => {
    await Promise.all([load("vega.js"), load(`${name}.js`)]);
    const chart = waiting.get(name);
    /* To those who listen it is one picture, as before; its parts would be read out one by one. */
    const canvas = make("div", { ariaHidden: "true" });
    const drawn = make("div", { className: "korus-chart", role: "img", ariaLabel: picture.alt }, canvas);
    const result = await window.korusVega(canvas, chart.spec, {
      actions: false, ast: true, renderer: "svg", tooltip: { theme: "korus", disableDefaultStyle: true },
    });
    picture.after(drawn);
    picture.hidden = true;
    const controls = figure.querySelector(".korus-explore");
    if (controls) fill(controls, result.view, name, chart);
    figure.dataset.interactive = "ready";
  };

  const begin = () => {
    const pictures = [...document.querySelectorAll('figure img[src*="files/figures/"][src$=".svg"]')];
    const near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        const name = target.src.split("/").pop().replace(/\.svg$/, "");
        draw(target.closest("figure"), target, name).catch(() => { target.hidden = false; });
      }
    }, { rootMargin: "600px" });
    for (const picture of pictures) {
      const name = picture.getAttribute("src").split("/").pop().replace(/\.svg$/, "");
      /* Its place is kept from the beginning, so that nothing moves when the chart is ready. */
      if (window.korusControlled?.includes(name)) {
        const summary = make("summary", { textContent: "Explore the chart" });
        picture.after(make("details", { className: "korus-explore" }, summary));
      }
      near.observe(picture);
    }
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
