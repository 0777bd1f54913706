"""Charts that answer back where scripts run: their specifications with tooltips, series to hide and dates to choose.

Vega and the specifications are scripts, because a page opened from a folder may not fetch anything else. They are
written beside the rendered pages, which load them when a chart comes near the view (book/_static/charts.js).
"""

import copy
import json
from pathlib import Path

from korus.chart_theme import DARK, dark_rules

# The whole of Vega in a function of its own, so that none of its names meets one of the theme's.
SNIPPET = "window.korusVega = vegaEmbed;"
# Columns that say nothing beside the others, or how a mark is placed.
UNSAID = {"ref", "segment", "row", "column", "order", "rank", "mode_order", "drawn", "held", "dark", "place", "at", "x",
          "y", "end", "start", "middle", "begin", "label", "words", "text", "letter", "vintage", "figures", "shows",
          "elsewhere", "concept", "named", "series", "n"}
UNITS = {"billion_usd": "billion US$", "musd": "million US$", "usd": "US$", "pct": "%", "pp": "percentage points"}
SHOWN = 7
FEW_YEARS = 5
HOVERED = {"type": "point", "opacity": 0, "size": 160, "filled": True, "clip": True}


def bundle(cache: Path) -> str:
    """Vega, Vega-Lite and vega-embed as one script; made once for each version of vl-convert, kept in `cache`."""
    import vl_convert

    kept = cache / f"vega-{vl_convert.__version__}.js"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        new = kept.with_suffix(".new")
        new.write_text(f"(() => {{{vl_convert.javascript_bundle(SNIPPET)}}})();\n", encoding="utf-8")
        new.replace(kept)
    return kept.read_text(encoding="utf-8")


def styles() -> str:
    """Style rules that give the drawn charts their dark colours; the page's scheme is on its root element."""
    scopes = ("html[data-theme=dark] .korus-chart ", "html[data-theme=dark] .korus-swatch ")
    return f"@media screen {{\n{''.join(dark_rules(sorted(DARK), scope) for scope in scopes)}\n}}\n"


def index(controlled: list[str]) -> str:
    """The script that tells pages which charts have controls, so that their place is kept from the beginning."""
    return f"var korusControlled = {json.dumps(controlled)};\n"


def write(figures: Path, folder: Path, cache: Path) -> list[str]:
    """Write Vega and a script for each specification of `figures` into `folder`; names of charts that have controls."""
    folder.mkdir()
    (folder / "vega.js").write_text(bundle(cache), encoding="utf-8")
    controlled = []
    for path in sorted(figures.glob("*.vl.json")):
        name = path.name.removesuffix(".vl.json")
        chart = interactive(json.loads(path.read_text(encoding="utf-8")))
        text = json.dumps(chart, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (folder / f"{name}.js").write_text(f'korusChart("{name}",{text});\n', encoding="utf-8")
        if chart["series"] or chart["dates"] or chart["inputs"]:
            controlled.append(name)
    return controlled


def interactive(published: dict) -> dict:
    """A published specification as `spec`, with what its controls need: `series`, `dates`, `inputs`.

    series: field and values with their colours, or None. dates: the days or years to choose from, or None. inputs:
    the sliders that the chart itself declares. As long as nothing is chosen the chart shows what the picture shows.
    """
    spec = copy.deepcopy(published)
    rows = spec.get("datasets", {})
    units = list(_units(spec))
    params = spec.setdefault("params", [])
    inputs = [_slider(param) for param in params if "bind" in param]
    series, dates = (None, None) if inputs else (_series(units), _dates(spec, units, rows))
    if series:
        params.append({"name": "hidden", "value": []})
        for unit, data in units:
            if series["field"] in _columns(rows, data):
                _filter(unit, f"indexof(hidden, datum['{series['field']}']) < 0")
    if dates:
        params += [{"name": "dates_from", "value": None}, {"name": "dates_to", "value": None}]
        for unit, _ in units:
            _within_dates(unit)
    for unit, data in units:
        _universal_time(unit)
        _say(unit, _columns(rows, data), rows.get(data, []))
    # On a page its paper is the page's.
    spec.setdefault("config", {})["background"] = "transparent"
    return {"spec": spec, "series": series, "dates": dates, "inputs": inputs}


def _slider(param: dict) -> dict:
    """A bound parameter as the page draws it, and no longer as Vega would; its name ends in the unit."""
    bind = param.pop("bind")
    label, _, unit = bind["name"].rpartition(", ")
    return {"name": param["name"], "value": param["value"], "label": label or unit, "unit": unit if label else "",
            **{key: bind[key] for key in ("min", "max", "step")}}


def _units(part: dict, data: str | None = None):
    """Every part that draws marks, with the name of its data."""
    data = part.get("data", {}).get("name", data)
    if "mark" in part:
        yield part, data
    for inner in (*part.get("layer", []), *part.get("vconcat", []), *part.get("hconcat", [])):
        yield from _units(inner, data)
    if "spec" in part:
        yield from _units(part["spec"], data)


def _columns(rows: dict, data: str | None) -> list[str]:
    return list(rows[data][0]) if rows.get(data) else []


def _filter(unit: dict, test: str) -> None:
    unit["transform"] = [{"filter": test}, *unit.get("transform", [])]


def _series(units: list) -> dict | None:
    """The field that tells the series of a chart apart, where one may be hidden without moving the others."""
    for unit, _ in units:
        encoding = unit.get("encoding", {})
        if {"x2", "y2"} & set(encoding):
            return None
        for channel in ("color", "fill"):
            scale = encoding.get(channel, {}).get("scale") or {}
            if encoding.get(channel, {}).get("type") == "nominal" and len(scale.get("domain", [])) > 1:
                pairs = zip(scale["domain"], scale["range"], strict=False)
                return {"field": encoding[channel]["field"],
                        "values": [{"name": name, "colour": colour} for name, colour in pairs]}
    return None


def _time(unit: dict) -> dict | None:
    """The horizontal channel of a unit where it is a time: a date, or a year as a number."""
    x = unit.get("encoding", {}).get("x", {})
    return x if x.get("type") == "temporal" or (x.get("field") == "year" and x.get("type") == "quantitative") else None


def _dates(spec: dict, units: list, rows: dict) -> list | None:
    """The years, or the quarters of a short span, from which a reader may choose; as numbers of the scale."""
    if {"vconcat", "hconcat", "facet"} & set(spec):
        return None
    found = {(str(row[time["field"]]), time["type"]) for unit, data in units if (time := _time(unit))
             for row in rows.get(data, []) if row.get(time["field"]) is not None}
    if not found:
        return None
    kind = next(kind for _, kind in found)
    values = sorted(value for value, _ in found)
    years = list(range(int(values[0][:4]), int(values[-1][:4]) + 1))
    if kind == "quantitative":
        return [{"value": year, "label": str(year)} for year in years]
    import pandas as pd

    every = "YS" if len(years) > FEW_YEARS else "QS"
    starts = pd.date_range(pd.Timestamp(values[0]).to_period(every[0]).start_time, pd.Timestamp(values[-1]), freq=every)
    return [{"value": int(start.timestamp() * 1000), "label": f"{start:%Y}" if every == "YS" else f"{start:%B %Y}"}
            for start in starts]


def _within_dates(unit: dict) -> None:
    """Show only the dates that a reader chose; areas are cut, because their corners lie outside."""
    time = _time(unit)
    if time is None or "datum" in time:
        return
    scale = time.setdefault("scale", {})
    scale |= {"domainMin": {"expr": "dates_from"}, "domainMax": {"expr": "dates_to"}}
    mark = unit["mark"] if isinstance(unit["mark"], dict) else {"type": unit["mark"]}
    if mark["type"] == "area":
        unit["mark"] = mark | {"clip": True}
        return
    value = f"{'toNumber' if time['type'] == 'quantitative' else 'time'}(datum['{time['field']}'])"
    _filter(unit, f"(dates_from === null || {value} >= dates_from) && (dates_to === null || {value} <= dates_to)")


def _universal_time(unit: dict) -> None:
    """Dates without a time of day are read as universal time: show them so everywhere, or January is December."""
    for channel in unit.get("encoding", {}).values():
        if isinstance(channel, dict) and channel.get("type") == "temporal" and "field" in channel:
            channel.setdefault("scale", {})["type"] = "utc"
            if "timeUnit" in channel:
                channel["timeUnit"] = f"utc{channel['timeUnit'].removeprefix('utc')}"


def _say(unit: dict, columns: list[str], rows: list[dict]) -> None:
    """Give marks their row as a tooltip; a line, which is one mark for many rows, gets points to point at."""
    mark = unit["mark"] if isinstance(unit["mark"], dict) else {"type": unit["mark"]}
    encoding = unit.get("encoding", {})
    summed = any(isinstance(channel, dict) and ("aggregate" in channel) for channel in encoding.values())
    if mark["type"] in ("text", "area") or summed or not rows:
        return
    said = [_said(column, rows) for column in columns if column not in UNSAID and not (
        column == "date" and {"month", "period"} & set(columns)) and not (column == "partner" and "name" in columns)]
    said = [one for one in said if one][:SHOWN]
    if not said:
        return
    if mark["type"] != "line":
        encoding["tooltip"] = said
        return
    points = {key: copy.deepcopy(value) for key, value in unit.items() if key in ("data", "transform")}
    points |= {"mark": dict(HOVERED), "encoding": {
        **{key: copy.deepcopy(value) for key, value in encoding.items() if key in ("x", "y")}, "tooltip": said}}
    line = {key: unit.pop(key) for key in list(unit) if key in ("mark", "encoding", "transform", "data")}
    unit["layer"] = [line, points]


def _said(column: str, rows: list[dict]) -> dict | None:
    """How a column is told: its name in words with the unit, numbers with four figures that count."""
    values = [row[column] for row in rows if row.get(column) is not None]
    if not values or all(isinstance(value, bool) for value in values):
        return None
    words, unit = column, ""
    for ending, shown in UNITS.items():
        if column == ending or column.endswith(f"_{ending}"):
            words, unit = column.removesuffix(ending).strip("_") or "value", f" ({shown})"
            break
    field = {"field": column, "title": (words.replace("_", " ") + unit)}
    numbers = all(isinstance(value, int | float) for value in values) and column not in ("year", "hs", "tier")
    return field | ({"type": "quantitative", "format": ",.4~r"} if numbers else {"type": "nominal"})
