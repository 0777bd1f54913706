"""Where scripts run, charts answer back: they begin as their picture, and what they compute is what korus computes."""

import json
import re

import pytest
import vl_convert
from toy_project import PROJECT

from korus import chart_fonts, incentive, interactive, threshold
from korus.charts import building as building_charts
from korus.charts import incentive as incentive_charts
from korus.charts import threshold as threshold_charts
from korus.parameters import Parameters
from korus.values import formatted

FIGURES = PROJECT / "data" / "processed" / "results" / "figures"
SPECIFICATIONS = sorted(FIGURES.glob("*.vl.json"))
built = pytest.mark.skipif(not SPECIFICATIONS, reason="the chain has not run: make")


def specification(name: str) -> dict:
    return json.loads((FIGURES / f"{name}.vl.json").read_text(encoding="utf-8"))


def drawn(spec: dict, **chosen) -> str:
    """The picture of a specification with some of its parameters set."""
    known = {param["name"] for param in spec["params"]}
    assert set(chosen) <= known, f"{set(chosen) - known}: no parameter of the chart"
    chart_fonts.register()
    params = [param | ({"value": chosen[param["name"]]} if param["name"] in chosen else {}) for param in spec["params"]]
    return vl_convert.vegalite_to_svg(spec | {"params": params})


def rows_of(svg: str, mark: str) -> list[dict[str, str]]:
    """What the marks of a kind say of themselves: field → shown value."""
    labels = re.findall(rf'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="{mark}"', svg)
    return [dict(part.split(": ", 1) for part in label.split("; ") if ": " in part) for label in labels]


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "").rstrip("%"))


# ---- Every chart ---------------------------------------------------------------------------------


@built
@pytest.mark.parametrize("path", SPECIFICATIONS, ids=lambda path: path.name.partition(".")[0])
def test_a_chart_begins_with_the_marks_and_words_of_its_picture(path):
    published = json.loads(path.read_text(encoding="utf-8"))
    chart_fonts.register()

    def words(spec):
        return re.findall(r">([^<>]+)</t(?:ext|span)>", vl_convert.vegalite_to_svg(spec))

    chart = interactive.interactive(published)
    assert words(chart["spec"]) == words(published)
    assert published == json.loads(path.read_text(encoding="utf-8"))


@built
def test_series_can_be_hidden_and_dates_chosen():
    spec = interactive.interactive(specification("collected-rate"))["spec"]
    assert ">Korea</text>" in drawn(spec) and ">2018</text>" in drawn(spec)
    assert ">Korea</text>" not in drawn(spec, hidden=["Korea"])
    assert ">all countries</text>" in drawn(spec, hidden=["Korea"])
    since_2025 = drawn(spec, dates_from=1_735_689_600_000)
    assert ">2018</text>" not in since_2025 and ">2026</text>" in since_2025


@built
def test_a_mark_says_its_row_in_words_with_units():
    said = interactive.interactive(specification("duty-bill"))["spec"]["encoding"]["tooltip"]
    assert {"field": "duty_musd", "title": "duty (million US$)", "type": "quantitative", "format": ",.4~r"} in said


@built
def test_scripts_are_written_for_every_chart_and_are_the_same_again(tmp_path):
    first = interactive.write(FIGURES, tmp_path / "one", tmp_path / "cache")
    assert interactive.write(FIGURES, tmp_path / "two", tmp_path / "cache") == first
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    assert {path.stem for path in (tmp_path / "one").iterdir()} == {p.name[:-8] for p in SPECIFICATIONS} | {"vega"}
    assert {"collected-rate", "incentive-tariff"} <= set(first) and "us-industries" not in first
    script = (tmp_path / "one" / "duty-bill.js").read_text(encoding="utf-8")
    assert script.startswith('korusChart("duty-bill",{') and json.loads(script[23:-3])["spec"]["$schema"]


def test_vega_is_one_function_without_an_address_to_load_from(tmp_path):
    script = interactive.bundle(tmp_path)
    assert script.startswith("(() => {") and script.endswith("})();\n")
    assert not re.search(r"\bimport\s*\(|(?:cdn|unpkg|jsdelivr)", script)


# ---- What if -------------------------------------------------------------------------------------

SCENARIOS = [(50, 10, 25, 50), (0, 0, 0, 1), (120, 5, 40, 30), (300, 15, 60, 100)]


@built
@pytest.mark.parametrize("gap, grant, credit, capital", SCENARIOS)
def test_the_chart_of_incentives_computes_what_korus_computes(gap, grant, credit, capital):
    svg = drawn(specification("incentive-tariff"), cost_gap_pct=gap, grant_pct=grant, credit_1_pct=credit,
                capital_share_pct=capital)
    plant = incentive.Plant(gap / 100, capital / 100)
    expected = 100 * incentive.equivalent_tariff(plant, incentive.support(grant / 100, credit / 100))
    points = [row for row in rows_of(svg, "point") if row["credit"] == "1"]
    assert number(points[0]["tariff_pct"]) == pytest.approx(expected, abs=1e-9)
    assert number(points[0]["capital in the cost of a unit"]) == capital
    assert f">{grant}% grant, {credit}% credit</text>" in svg
    assert {number(row["gap_pct"]) for row in rows_of(svg, "rule mark") if "gap_pct" in row} == {gap}


@built
@pytest.mark.parametrize("gap, capital", [(50, 50), (50, 75), (40, 50), (30, 50)])
def test_the_chart_of_incentives_prints_a_number_as_the_sentences_do(gap, capital):
    svg = drawn(specification("incentive-tariff"), cost_gap_pct=gap, grant_pct=10, credit_1_pct=25,
                capital_share_pct=capital)
    tariff = 100 * incentive.equivalent_tariff(incentive.Plant(gap / 100, capital / 100), 0.35)
    assert f">{formatted(round(tariff, 6), 'per cent')}<" in svg


@built
def test_support_of_all_capital_cost_is_no_scenario_here_either():
    with pytest.raises(ValueError):
        incentive.support(0.5, 0.5)
    svg = drawn(specification("incentive-tariff"), grant_pct=50, credit_1_pct=50)
    assert [row["credit"] for row in rows_of(svg, "point")] == ["2"]


@built
@pytest.mark.parametrize("passed", [0, 25, 60, 100])
def test_the_chart_of_costs_passes_on_what_it_is_told(passed):
    import pandas as pd

    full = pd.read_csv(FIGURES / "build-cost.csv").set_index("industry")
    svg = drawn(specification("build-cost"), pass_through_pct=passed)
    bars = {row["industry"]: row for row in rows_of(svg, "bar")}
    assert set(bars) == set(full.index)
    for industry, row in bars.items():
        for shown, column in (("cents per dollar", "full_least"), ("most", "full_most")):
            assert number(row[shown]) == pytest.approx(full.at[industry, column] * passed / 100, abs=1e-9)


@built
@pytest.mark.parametrize("elasticity", [-20, -5, -1.3, -0.5, -0.05])
def test_the_chart_of_the_threshold_computes_what_korus_computes(elasticity):
    import pandas as pd

    values = pd.read_csv(FIGURES.parent / "values.csv").set_index("id")["value"].astype(float)
    fall = values["effects.threshold.import_fall_pct.latest"] / 100
    base = values["effects.threshold.base_rate"] / 100
    expected = 100 * threshold.duty_rate(fall, base, elasticity)
    svg = drawn(specification("threshold-duty"), elasticity=elasticity)
    assert f">duty of {expected:,.0f}%</text>" in svg
    points = rows_of(svg, "point")
    tried = [row for row in points if number(row["elasticity of imports"]) == elasticity]
    assert number(tried[0]["rate_pct"]) == pytest.approx(min(expected, threshold_charts.MOST), rel=1e-6)


@built
def test_the_picture_shows_the_published_elasticity_alone():
    spec = specification("threshold-duty")
    (param,) = [param for param in spec["params"] if param["name"] == "elasticity"]
    assert "duty of" not in drawn(spec)
    assert param["value"] == pytest.approx(pd_value("effects.imports.elasticity.main"), abs=0.005)


def pd_value(id: str) -> float:
    import pandas as pd

    return float(pd.read_csv(FIGURES.parent / "estimates.csv").set_index("id").at[id, "estimate"])


def limits(name: str) -> list[float]:
    """The least and the largest value that a parameter of the report may have; open ends as they are."""
    field = Parameters.model_fields[name]
    inner = getattr(field.annotation, "__args__", None)
    rules = inner[0].__metadata__[0].metadata if inner else field.metadata
    return [getattr(rule, word) for word in ("ge", "gt", "le", "lt") for rule in rules if hasattr(rule, word)]


@pytest.mark.parametrize("name, given, step", [
    ("pass_through_pct", building_charts.PASSED, 0), ("cost_gap_pct", incentive_charts.GAP, 0),
    ("grant_pct", incentive_charts.GRANT, 1), ("credits_pct", incentive_charts.CREDIT, 1),
    ("capital_share_pct", incentive_charts.CAPITAL, 1), ("elasticity_grid", threshold_charts.ELASTICITY, 0.05)])
def test_readers_may_try_what_the_parameters_allow(name, given, step):
    for least_or_most, own in zip(limits(name), given, strict=True):
        assert own == least_or_most or abs(own - least_or_most) == pytest.approx(step)
