"""A processed table that breaks its contract is refused with every failure and its raw references."""

import pandas as pd
import pytest

from korus import rate_path, raw, schemas
from korus.clean import law, measures, projects, structure, trade


def test_every_real_table_meets_its_schema(investment, monthly, bilateral):
    sources = raw.sources()
    products = ("census/imports_hs6", "census/imports_cars_hs6", "census/imports_korea_hs4_ytd")
    coded = measures.coded(raw.read("policy/measures_coded"), raw.read("policy/tariff_timeline"))
    tables = {
        "investment": investment, "trade_monthly": monthly, "bilateral_trade": bilateral,
        "trade_products": trade.products({name: raw.read(name) for name in products}, sources),
        "measures": coded, **law.tables(coded),
        "projects": projects.announced(raw.read("projects/projects")),
        "io": structure.input_output(raw.read("io/use_2024"), raw.read("io/requirements_2024")),
        "world_imports": structure.world_imports(
            raw.read("world/merchandise_imports"), raw.read("world/import_shares"), sources),
    }
    known = rate_path.law_known(tables.__getitem__, "2026-11-22", 3)
    tables["statutory"] = rate_path.path(known)
    assert set(tables) == set(schemas.SCHEMAS)
    for name, table in tables.items():
        assert len(schemas.checked(name, table)) == len(table) > 0


def failures(name: str, table: pd.DataFrame) -> str:
    """What a bad table is refused with."""
    with pytest.raises(schemas.SchemaFailure) as failure:
        schemas.checked(name, table)
    return str(failure.value)


@pytest.fixture
def trade_rows(monthly) -> pd.DataFrame:
    """Some rows of trade_monthly that are in order."""
    return monthly[monthly["partner"] == "KOR"].head(6).copy()


def test_all_failures_of_a_table_are_reported_at_once_with_their_raw_references(trade_rows):
    rows = trade_rows.index
    trade_rows.loc[rows[0], "month"] = "2017-13"
    trade_rows.loc[rows[2], "partner"] = "Korea"
    trade_rows.loc[rows[3], "duty_usd"] = -1
    trade_rows.loc[rows[4], "tier"] = 5
    message = failures("trade_monthly", trade_rows)
    assert message.startswith("trade_monthly: 4 failures")
    for row, column, cell in ((0, "month", "2017-13"), (2, "partner", "Korea"), (3, "duty_usd", "-1"),
                              (4, "tier", "5")):
        ref = trade_rows["ref"].iloc[row]
        assert [line for line in message.splitlines()
                if column in line and cell in line and line.endswith(f"(data/raw/{ref})")], (column, message)


def test_a_failure_that_concerns_a_whole_row_names_its_raw_reference(trade_rows):
    trade_rows.loc[trade_rows.index[1], "duty_usd"] = 1e13
    message = failures("trade_monthly", trade_rows)
    assert message.splitlines() == [
        "trade_monthly: 1 failure",
        f"  row: duty above the value of the goods (data/raw/{trade_rows['ref'].iloc[1]})",
    ]


def test_a_figure_that_stands_twice_is_named_with_both_raw_references(trade_rows):
    twice = pd.concat([trade_rows, trade_rows.head(1)], ignore_index=True)
    twice.loc[6, "ref"] = "census/imports_monthly#L9999"
    assert failures("trade_monthly", twice).splitlines()[1:] == [
        f"  row: stands twice (data/raw/{ref})" for ref in (twice["ref"][0], twice["ref"][6])]


def test_a_column_too_many_or_too_few_is_named(trade_rows):
    assert "duty_usd" in failures("trade_monthly", trade_rows.drop(columns="duty_usd"))
    assert "extra" in failures("trade_monthly", trade_rows.assign(extra=1))


def test_text_where_a_number_belongs_is_named(trade_rows):
    lines = failures("trade_monthly", trade_rows.assign(duty_usd="much")).splitlines()
    assert lines[1:] == [f"  duty_usd: coerce_dtype('Float64'): 'much' (data/raw/{ref})"
                         for ref in trade_rows["ref"]]


def test_many_failures_are_cut_with_a_count(monthly):
    message = failures("trade_monthly", monthly.assign(partner=monthly["partner"] + "x"))
    assert message.splitlines()[-1] == f"  … and {len(monthly) - 40} more"
    assert len(message.splitlines()) == 42


@pytest.mark.parametrize(("change", "said"), [
    ({"value_musd": pd.NA}, "a row without a value that is not suppressed"),
    ({"investor": "", "region": ""}, "no investor"),
    ({"mode": "joint venture"}, "joint venture"),
    ({"period": "2024Q5"}, "2024Q5"),
    ({"ref": "somewhere"}, "somewhere"),
    ({"vintage": "2025-09"}, "2025-09"),
])
def test_a_row_of_investment_that_says_too_little_or_wrongly_is_refused(investment, change, said):
    rows = investment[(investment["source"] == "kexim") & (investment["industry"] == "")].head(3).copy()
    for column, value in change.items():
        rows.loc[rows.index[1], column] = value
    assert said in failures("investment", rows)


def test_a_suppressed_cell_has_no_value_and_is_no_failure(investment):
    suppressed = investment[investment["status"] == "suppressed"]
    assert len(suppressed) and suppressed["value_musd"].isna().all()
    assert schemas.checked("investment", suppressed)["value_musd"].isna().all()
