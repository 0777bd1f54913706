"""Published figures add up within rounding, or the ledger says why not."""

import pandas as pd
import pytest

from korus import controls, corrections, raw, selection
from korus.clean import trade

ENTRY = "moef-2024q2-net-by-region"


def failing(residuals: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Control, item and vintage of the totals that fail."""
    bad = residuals[~residuals["agrees"].astype(bool)]
    return set(bad[["control", "item", "vintage"]].itertuples(index=False, name=None))


def broken(table: pd.DataFrame, column: str, by: float, **where: str) -> pd.DataFrame:
    """The table with one cell raised by an amount; `where` must name exactly one row."""
    chosen = pd.Series(True, index=table.index)
    for name, value in where.items():
        chosen &= table[name] == value
    assert chosen.sum() == 1, table[chosen]
    out = table.copy()
    out.loc[chosen, column] += by
    return out


def of_investment(table: pd.DataFrame) -> pd.DataFrame:
    """Every control total of the investment table."""
    return controls.together(
        controls.quarters_against_years(table),
        controls.regions_against_world(table),
        controls.types_against_totals(table),
    )


def test_every_total_of_the_investment_table_agrees_or_is_explained(
        investment_residuals, ledger, ledger_refs):
    explained = corrections.explained(investment_residuals, ledger, ledger_refs)
    assert set(explained.loc[~explained["agrees"], "explained_by"]) == {ENTRY}
    assert set(explained.loc[explained["agrees"], "explained_by"]) == {""}
    summary = corrections.summary(explained).set_index(["control", "vintage"])
    assert summary["totals checked"].groupby("control").sum().to_dict() == {
        "quarters against years": 541, "regions against the world": 192, "types against all": 15,
        "types against greenfield": 9}
    misprinted = summary[summary["explained by the ledger"] > 0]["explained by the ledger"].to_dict()
    assert misprinted == {("quarters against years", "2024-09-13"): 18,
                          ("regions against the world", "2024-09-13"): 6}
    assert (summary["agree within rounding"] + summary["explained by the ledger"]
            == summary["totals checked"]).all()


def test_without_the_ledger_the_misprint_stops_the_build_and_every_total_is_named(
        investment_residuals, ledger):
    with pytest.raises(corrections.ControlFailure) as failure:
        corrections.explained(investment_residuals, ledger.iloc[:0], {})
    lines = str(failure.value).splitlines()
    assert len(lines) == (~investment_residuals["agrees"]).sum() == 24
    assert all("(published 2024-09-13)" in line and "data/raw/corrections.csv" in line for line in lines)
    assert any(line.startswith("regions against the world: net 2023") for line in lines)


def test_without_the_withdrawn_rows_every_total_agrees(investment):
    assert failing(of_investment(investment)) == set()


@pytest.fixture
def mended(as_printed, ledger_refs) -> pd.DataFrame:
    """The investment table as if the ministry had printed each figure in its own row."""
    rows = as_printed["ref"].isin(ledger_refs[ENTRY])
    table = as_printed.copy()
    order = ["북미", "유럽", "아시아", "중남미", "아프리카", "중동"]
    for _, group in as_printed[rows].groupby(["frequency", "period"]):
        printed = group.set_index("region")["value_musd"]
        right = {here: printed[below] for here, below in zip(order, order[1:], strict=False)}
        right["중동"] = printed["북미"] - sum(right.values()) - printed["대양주"]
        for row in group[group["region"].isin(order)].itertuples():
            table.loc[row.Index, "value_musd"] = right[row.region]
    return table


def test_the_misprint_is_a_shift_by_one_row_as_the_ledger_says(mended):
    assert failing(of_investment(mended)) == set()


def test_a_source_that_was_mended_makes_its_entry_an_error(mended, ledger, ledger_refs):
    with pytest.raises(corrections.ControlFailure) as failure:
        corrections.explained(of_investment(mended), ledger, ledger_refs)
    assert str(failure.value) == (
        f"data/raw/corrections.csv, entry {ENTRY}: the source no longer shows this error (control "
        "'regions against the world' agrees). Delete the entry.")


def test_an_entry_whose_rows_are_gone_is_an_error(ledger):
    releases = raw.read("kexim/releases")
    gone = releases[releases["vintage"] != "2024-09-13"]
    with pytest.raises(corrections.ControlFailure, match="no row meets .* delete the entry"):
        corrections.refs_by_entry(ledger, {"kexim/releases": gone})


@pytest.mark.parametrize(("conditions", "said"), [
    ("vintage", "is not `column=value`"), ("day=2024", "with a column of the table"),
    ("vintage=1999-01-01", "no row meets"),
])
def test_a_condition_of_the_ledger_that_names_nothing_is_an_error(conditions, said):
    table = pd.DataFrame({"vintage": ["2024-09-13"]})
    with pytest.raises(corrections.ControlFailure, match=said):
        corrections.matching(table, conditions, "corrections#L2")


def test_the_entry_withdraws_the_42_cells_of_seven_regions_and_six_columns(ledger, ledger_refs):
    releases = raw.read("kexim/releases").set_index("ref")
    rows = releases.loc[sorted(corrections.withdrawn(ledger, ledger_refs))]
    assert len(rows) == 42
    assert rows["region"].nunique() == 7 and rows.groupby(["year", "quarter"]).ngroups == 6
    assert rows["note"].str.contains("misprinted").all()


def test_a_note_in_the_ledger_withdraws_nothing(ledger, ledger_refs):
    assert corrections.withdrawn(ledger.assign(action="note"), ledger_refs) == set()


def test_an_unknown_action_in_the_ledger_is_refused(package):
    columns = ["correction", "resource", "rows", "what", "why", "reported_to", "guard", "action", "note"]
    package.add("corrections", [columns, ["x", "a.b", "c=d", "", "", "", "", "remove", ""]])
    with pytest.raises(corrections.ControlFailure, match="column action: 'remove' is none of withdraw, note"):
        corrections.ledger(package.folder)


RELEASE = {"source": "kexim", "vintage": "2025-09-19", "measure": "invested", "mode": "all"}


@pytest.mark.parametrize(("where", "expected"), [
    (RELEASE | {"destination": "USA", "period": "2024Q2"},
     {("quarters against years", "USA invested 2024")}),
    (RELEASE | {"region": "유럽", "period": "2023"},
     {("quarters against years", "유럽 invested 2023"), ("regions against the world", "invested 2023")}),
    (RELEASE | {"region": "중동", "period": "2025Q1"},
     {("quarters against years", "중동 invested 2025Q1/2025Q2"),
      ("regions against the world", "invested 2025Q1")}),
])
def test_a_broken_cell_of_a_release_makes_exactly_its_own_totals_fail(investment, where, expected):
    changed = broken(investment, "value_musd", 500.0, **where)
    assert failing(of_investment(changed)) == {(*total, "2025-09-19") for total in expected}


def test_a_broken_cell_of_a_bea_release_makes_exactly_its_own_totals_fail(investment):
    row = investment[
        (investment["series"] == "new foreign direct investment (BE-13)")
        & (investment["mode"] == "established") & (investment["investor"] == "WLD")
        & (investment["measure"] == "first_year") & (investment["industry"] == "")
        & (investment["period"] == "2024")
    ].iloc[0]
    changed = broken(investment, "value_musd", 5000.0, ref=row["ref"])
    assert failing(of_investment(changed)) == {
        (f"types against {total}", "first_year 2024", row["vintage"]) for total in ("all", "greenfield")}


def test_a_difference_within_rounding_is_no_failure(investment):
    where = RELEASE | {"region": "유럽", "period": "2024"}
    assert failing(of_investment(broken(investment, "value_musd", 10.0, **where))) == set()


def test_a_figure_that_one_release_prints_twice_is_the_same_within_rounding(investment):
    printed = investment[investment["value_musd"].notna()]
    twice = printed.groupby([*selection.KEYS["investment"], "vintage", "tier"]).agg(
        count=("ref", "size"), least=("value_musd", "min"), most=("value_musd", "max"),
        rounding=("rounding_musd", "sum"))
    twice = twice[twice["count"] > 1]
    assert len(twice) and (twice["most"] - twice["least"] <= twice["rounding"]).all()


def test_the_trade_tables_add_up(bilateral, monthly):
    for residuals in (controls.bilateral_identities(bilateral),
                      controls.panel_against_bilateral(monthly, bilateral),
                      controls.partners_against_world(monthly)):
        assert len(residuals) and failing(residuals) == set()
    identities = controls.bilateral_identities(bilateral)
    assert identities["control"].value_counts().to_dict() == {
        "exports less imports against balance": 346, "months against years, exports": 26,
        "months against years, imports": 26}


@pytest.mark.parametrize(("column", "period", "expected"), [
    ("balance_usd", "2024", {("exports less imports against balance", "2024")}),
    ("exports_usd", "2019-05", {("exports less imports against balance", "2019-05"),
                                ("months against years, exports", "2019")}),
    ("imports_usd", "2024", {("exports less imports against balance", "2024"),
                             ("months against years, imports", "2024")}),
])
def test_a_broken_cell_of_the_bilateral_table_makes_exactly_its_own_totals_fail(
        bilateral, column, period, expected):
    changed = broken(bilateral, column, 1e6, period=period)
    failed = failing(controls.bilateral_identities(changed))
    assert {(control, item) for control, item, _ in failed} == expected


def test_a_month_that_differs_between_two_tables_is_named(bilateral, monthly):
    changed = broken(monthly, "general_usd", 1e6, month="2025-07", partner="KOR")
    failed = failing(controls.panel_against_bilateral(changed, bilateral))
    assert {item for _, item, _ in failed} == {"2025-07"}


def test_partners_that_exceed_the_world_are_named(monthly):
    changed = broken(monthly, "duty_usd", 1e11, month="2025-07", partner="DEU")
    failed = failing(controls.partners_against_world(changed))
    assert {(control, item) for control, item, _ in failed} == {("partners within the world, duty", "2025-07")}


@pytest.fixture(scope="module")
def headings():
    """Printed sums of subheadings, the subheadings, and the amounts in both."""
    return trade.heading_sums(raw.read("census/imports_hs4"), raw.read("census/imports_hs6"), raw.sources())


def test_sums_printed_for_headings_equal_their_subheadings_to_the_dollar(headings):
    residuals = controls.subheadings_against_headings(*headings)
    assert len(residuals) and failing(residuals) == set()


def test_a_broken_subheading_is_named_by_its_heading(headings):
    hs4, hs6, amounts = headings
    first = controls.subheadings_against_headings(*headings).iloc[0]
    code, iso3, column = first["item"].split()
    part = hs4.set_index(["hs4", "iso3"]).loc[(code, iso3), "hs6_list"].split(";")[0]
    changed = broken(hs6, column, 1.0, hs6=part, iso3=iso3)
    failed = failing(controls.subheadings_against_headings(hs4, changed, amounts))
    assert {item for _, item, _ in failed} == {first["item"]}


def test_a_month_in_two_vintages_counts_once(monthly, bilateral):
    last = monthly[(monthly["partner"] == "KOR") & (monthly["month"] == "2026-08")]
    later = last.assign(vintage="2026-12-05", consumption_usd=last["consumption_usd"] + 1, ref="census/imports_monthly#L9")
    both = pd.concat([monthly, later], ignore_index=True)
    before, after = controls.partners_against_world(monthly), controls.partners_against_world(both)
    assert len(after) == len(before) and after["agrees"].all()
    moved = after["parts"] - before["parts"]
    assert moved.sum() == 1 and (moved != 0).sum() == 1
    pd.testing.assert_frame_equal(controls.panel_against_bilateral(both, bilateral),
                                  controls.panel_against_bilateral(monthly, bilateral))


def test_modes_of_a_portal_export_that_exceed_their_total_are_named(investment):
    assert controls.modes_within_totals(investment).empty
    like = investment[investment["destination"] == "USA"].head(1).assign(
        source="kexim", measure="invested", frequency="A", period="2024", rounding_musd=0.0005, vintage="2026-11-20")
    rows = pd.concat([like.assign(mode=mode, value_musd=value, ref=f"kexim/portal#L{line}") for line, (mode, value) in
                      enumerate((("greenfield", 60.0), ("acquisition", 40.0), ("all", 100.0)), start=2)])
    assert controls.modes_within_totals(rows)["agrees"].tolist() == [True]
    assert controls.modes_within_totals(broken(rows, "value_musd", -1.0, mode="acquisition"))["agrees"].all()
    assert failing(controls.modes_within_totals(broken(rows, "value_musd", 0.01, mode="acquisition"))) == {
        ("modes within totals", "USA invested 2024", "2026-11-20")}
    # A figure printed anew takes the place of the one before.
    anew = broken(rows, "value_musd", 5.0, mode="all").query("mode == 'all'").assign(vintage="2027-03-20")
    assert controls.modes_within_totals(pd.concat([rows, anew]))["residual"].tolist() == [-5.0]
