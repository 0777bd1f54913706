"""Schemas of the processed tables (pandera), the contract that other programs rely on."""

import pandas as pd
import pandera.pandas as pa

PERIOD = r"\d{4}(Q[1-4]|-\d{2})?(/\d{4}(Q[1-4]|-\d{2})?)?"
PLACE = r"[A-Z]{3}"
DAY = r"\d{4}-\d{2}-\d{2}"
MONTH = r"\d{4}-(0[1-9]|1[0-2])"
REF = r"([a-z0-9_]+/[a-z0-9_]+#L\d+)( [a-z0-9_]+/[a-z0-9_]+#L\d+)*"


def _text(pattern: str | None = None, nullable: bool = False, allowed: list | None = None) -> pa.Column:
    checks = []
    if pattern:
        checks.append(pa.Check.str_matches(rf"^(?:{pattern})$"))
    if allowed:
        checks.append(pa.Check.isin(allowed))
    return pa.Column(str, checks, nullable=nullable)


def _amount(minimum: float | None = 0, nullable: bool = True) -> pa.Column:
    checks = [] if minimum is None else [pa.Check.ge(minimum)]
    return pa.Column("Float64", checks, nullable=nullable, coerce=True)


def _rate() -> pa.Column:
    return pa.Column("float64", pa.Check.in_range(0, 1000), coerce=True)


def _tier() -> pa.Column:
    return pa.Column("int64", pa.Check.isin([1, 2, 3, 4]), coerce=True)


VINTAGE, ORIGIN_REF = _text(DAY), _text(REF)

SCHEMAS = {
    "investment": pa.DataFrameSchema({
        "source": _text(allowed=["bea", "kexim", "bok", "abn2018", "cim"]),
        "series": _text(r".+"),
        "investor": _text(f"{PLACE}|"), "destination": _text(f"{PLACE}|"),
        "mode": _text(allowed=["all", "greenfield", "acquisition", "established", "expanded"]),
        "measure": _text(allowed=["invested", "net", "reported", "first_year", "planned", "flow",
                                  "position", "announced"]),
        "frequency": _text(allowed=["A", "Q", "C"]),
        "period": _text(PERIOD),
        "industry": _text(), "state": _text(r"[A-Z]{2}|"),
        "value_musd": _amount(None),
        "vintage": VINTAGE,
        "maturity": _text(allowed=["preliminary", "revised", "final", "unknown"]),
        "tier": _tier(),
        "status": _text(allowed=["published", "suppressed", "derived"]),
        "ref": ORIGIN_REF,
        "region": _text(), "basis": _text(), "item": _text(), "prices": _text(r".+"),
        "rounding_musd": _amount(),
    }, checks=[
        pa.Check(lambda t: t["value_musd"].notna() | (t["status"] == "suppressed"),
                 error="a row without a value that is not suppressed"),
        pa.Check(lambda t: (t["investor"] != "") | (t["region"] != ""), error="no investor"),
        pa.Check(lambda t: (t["destination"] != "") | (t["region"] != ""), error="no destination"),
    ], strict=True, ordered=True),
    "trade_monthly": pa.DataFrameSchema({
        "month": _text(MONTH), "partner": _text(PLACE),
        "general_usd": _amount(), "consumption_usd": _amount(), "duty_usd": _amount(),
        "vintage": VINTAGE, "tier": _tier(), "ref": ORIGIN_REF,
    }, checks=pa.Check(lambda t: ~(t["duty_usd"] > t["consumption_usd"]).fillna(False),
                       error="duty above the value of the goods"),
        unique=["month", "partner", "vintage", "tier"], strict=True, ordered=True),
    "trade_products": pa.DataFrameSchema({
        "hs": _text(r"\d{2}|\d{4}|\d{6}"), "level": pa.Column("int64", pa.Check.isin([2, 4, 6]), coerce=True),
        "partner": _text(PLACE), "window": _text(rf"{MONTH}/{MONTH}"),
        "general_usd": _amount(), "consumption_usd": _amount(), "duty_usd": _amount(),
        "vintage": VINTAGE, "tier": _tier(), "ref": ORIGIN_REF,
    }, strict=True, ordered=True),
    "bilateral_trade": pa.DataFrameSchema({
        "period": _text(PERIOD), "frequency": _text(allowed=["A", "M", "YTD"]),
        "exports_usd": _amount(), "imports_usd": _amount(), "balance_usd": _amount(None),
        "vintage": VINTAGE, "tier": _tier(), "ref": ORIGIN_REF,
    }, unique=["period", "frequency", "vintage"], strict=True, ordered=True),
    "measures": pa.DataFrameSchema({
        "measure": _text(r"[a-z0-9.-]+"), "authority": _text(r".+"), "instrument": _text(r".+"),
        "scope": _text(r".+"), "effective": _text(DAY), "until": _text(DAY, nullable=True),
        "published": _text(DAY, nullable=True),
        "rate_pct": pa.Column("Float64", pa.Check.in_range(0, 1000), nullable=True, coerce=True),
        "basis": _text(allowed=["additive", "inclusive", "quota", "exempt"], nullable=True),
        "status": _text(allowed=["in force", "superseded", "expired", "struck down", "suspended",
                                 "announced", "scheduled"]),
        "ref": ORIGIN_REF, "citation": _text(), "rate_printed": _text(r".+"),
        "timeline_ref": ORIGIN_REF, "note": _text(),
    }, unique=["measure", "scope", "effective"], strict=True, ordered=True),
    "tariff_lines": pa.DataFrameSchema({
        "hs": _text(r"\d{8}"), "general_pct": _rate(), "korus_pct": _rate(),
        "specific": pa.Column(bool), "specific_general": pa.Column(bool),
        "sectors": _text(r"[a-z_]+( [a-z_]+)*"), "ref": ORIGIN_REF,
    }, unique=["hs"], strict=True, ordered=True),
    "tariff_groups": pa.DataFrameSchema({
        "group": _text(r"[a-z0-9-]+"), "code": _text(r"\d{4}(\d{2}){0,3}"), "whole": pa.Column(bool),
        "first": _text(DAY, nullable=True), "last": _text(DAY, nullable=True), "tier": _tier(),
        "ref": ORIGIN_REF,
    }, unique=["group", "code", "whole", "first", "last"], strict=True, ordered=True),
    "tariff_rules": pa.DataFrameSchema({
        "measure": _text(r"[a-z0-9.-]+"), "effective": _text(DAY), "group": _text(r"[a-z0-9-]+"),
        "role": _text(allowed=["covers", "exempts"]), "extent": _text(allowed=["whole", "part", "content"]),
        "layer": _text(allowed=["base", "general", "section 232", "on top"]),
        "order": pa.Column("int64", pa.Check.ge(0), coerce=True), "ref": ORIGIN_REF, "note": _text(),
    }, unique=["measure", "effective", "group", "role"], strict=True, ordered=True),
    "import_weights": pa.DataFrameSchema({
        "kind": _text(allowed=["sector", "product"]), "code": _text(r"[a-z_]+|\d{4}(\d{2}){0,3}"),
        "year": pa.Column("int64", coerce=True), "value_usd": _amount(nullable=False),
        "vintage": VINTAGE, "tier": _tier(), "ref": ORIGIN_REF,
    }, strict=True, ordered=True),
    "statutory": pa.DataFrameSchema({
        "day": _text(DAY), "authority": _text(r".+"), "goods": _text(allowed=["placed", "sectors"]),
        "metal": _text(allowed=["open", "none"]), "lower_pct": _rate(), "upper_pct": _rate(),
    }, checks=pa.Check(lambda t: t["lower_pct"] <= t["upper_pct"] + 1e-9, error="a lower bound above the upper"),
        unique=["day", "authority", "goods", "metal"], strict=True, ordered=True),
    "projects": pa.DataFrameSchema({
        "project": _text(r"[A-Z]+\d+"), "parent": _text(r"([A-Z]+\d+)?"),
        "kind": _text(allowed=["project", "update", "stake", "pledge"]), "announced": _text(DAY),
        "investor": _text(r".+"), "state": _text(), "sector": _text(), "mode": _text(r".+"),
        "amount_musd": _amount(), "korean_share_musd": _amount(), "jobs": _amount(),
        "status": _text(), "ref": ORIGIN_REF,
    }, unique=["project"], ordered=True),
    "io": pa.DataFrameSchema({
        "year": pa.Column("int64", coerce=True), "industry": _text(r".+"), "commodity": _text(r".+"),
        "use_musd": _amount(None), "imported_musd": _amount(None),
        "total_requirement": _amount(None), "domestic_requirement": _amount(None),
        "ref": ORIGIN_REF,
    }, unique=["year", "industry", "commodity"], ordered=True),
    "world_imports": pa.DataFrameSchema({
        "year": pa.Column("int64", pa.Check.in_range(1960, 2100), coerce=True),
        "importer": _text(PLACE), "imports_usd": _amount(nullable=False),
        "vintage": VINTAGE, "tier": _tier(), "ref": ORIGIN_REF, "basis": _text(r".+"),
    }, strict=True, ordered=True),
}


LISTED = 40


class SchemaFailure(ValueError):
    """A processed table breaks its contract; every failure is listed with its raw reference."""


def checked(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the column types of contract table `name`.

    Raises SchemaFailure listing all failures at once: column, check, value and the raw row it is from.
    """
    numbered = frame.reset_index(drop=True)
    try:
        return SCHEMAS[name].validate(numbered, lazy=True).set_axis(frame.index)
    except pa.errors.SchemaErrors as error:
        lines = _failures(error.failure_cases, numbered)
        more = f"\n  … and {len(lines) - LISTED} more" if len(lines) > LISTED else ""
        count = "1 failure" if len(lines) == 1 else f"{len(lines)} failures"
        raise SchemaFailure(f"{name}: {count}\n" + "\n".join(lines[:LISTED]) + more) from None


def _failures(cases: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """One line per failure in the order of the table; what only follows from another is left out.

    pandera repeats a failure of a row for each of its columns, says twice that a cell can not be
    converted, and adds the exceptions that later checks raise on such a cell.
    """
    refs = frame["ref"] if "ref" in frame else None
    found = {}
    for case in cases.sort_values("index", kind="stable").itertuples():
        text = str(case.failure_case)
        check = str(case.check).replace("multiple_fields_uniqueness", "stands twice")
        follows = text.startswith(("TypeError(", "KeyError(")) or check.startswith("dtype(")
        at = f" (data/raw/{refs[int(case.index)]})" if pd.notna(case.index) and refs is not None else ""
        if case.schema_context == "DataFrameSchema" and at:
            line = f"  row: {check}{at}"
        else:
            line = f"  {case.column if pd.notna(case.column) else 'table'}: {check}: {text!r}{at}"
        found.setdefault(line, follows)
    lines = [line for line, follows in found.items() if not follows]
    return lines or list(found)
