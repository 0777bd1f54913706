"""Sentences that name competitors hold for whichever are compared."""

import pandas as pd

from korus import tariffs, tariffs_text
from korus.values import Values

DAY = "2026-11-22"


def rates(**partners: list[float]) -> pd.DataFrame:
    """Collected rates by month from January 2024; value 100 throughout."""
    rows = [{"partner": partner, "month": str(month), "consumption_usd": 100.0, "duty_usd": rate, "rate_pct": rate,
             "tier": 1, "ref": f"census/imports_monthly#{partner}{month}"}
            for partner, held in partners.items()
            for month, rate in zip(pd.period_range("2024-01", periods=len(held), freq="M"), held, strict=True)]
    return pd.DataFrame(rows)


def said(sentence: str, held: pd.DataFrame) -> str:
    """A sentence with the values of these rates in it."""
    values = Values("31_tariffs", DAY)
    for row in held.itertuples():
        values.add(f"tariffs.collected_rate.{row.partner}.{row.month}", row.rate_pct, "per cent", row.month, tier=1,
                   refs=row.ref)
    tariffs.record_rolling(values, tariffs.rolling(held, sorted(set(held["partner"]))))
    return values.told(sentence)


def test_the_year_names_the_competitors_compared_in_falling_order():
    held = rates(KOR=[5.0] * 12, WLD=[4.0] * 12, JPN=[6.0] * 12, GBR=[7.0] * 12, DEU=[3.0] * 12)
    sums = tariffs.rolling(held, ["KOR", "WLD", "JPN", "GBR", "DEU"])
    assert said(tariffs_text.of_year(sums, ["JPN", "GBR"]), held) == (
        "From January to December 2024 goods from Korea paid 5.0%, more than the 4.0% of all countries. The "
        "competitors, in falling order: the United Kingdom 7.0% and Japan 6.0%.")
    assert said(tariffs_text.of_year(sums, []), held).endswith("of all countries.")
    assert tariffs_text.of_year(sums[sums["partner"] != "WLD"], ["JPN"]) == ""
    assert tariffs_text.of_year(sums.iloc[:0], ["JPN"]) == ""


def test_the_year_says_no_more_than_where_korea_pays_as_much():
    held = rates(KOR=[4.0] * 12, WLD=[4.0] * 12)
    sentence = tariffs_text.of_year(tariffs.rolling(held, ["KOR", "WLD"]), [])
    assert "paid 4.0%, no more than the 4.0%" in said(sentence, held)


def test_a_month_tells_who_paid_more_and_who_as_much_or_less():
    held = rates(KOR=[5.0, 5.0], JPN=[6.0, 4.0], DEU=[5.0, 3.0], WLD=[9.0, 9.0])
    assert said(tariffs_text.beside(held, ["JPN", "DEU", "XXX"], ("2024-01", "2024-02", "2024-03")), held) == (
        "- In January 2024 goods from Korea paid 5.0%. Those from Japan (6.0%) paid more. Those from Germany (5.0%) "
        "did not pay more.\n"
        "- In February 2024 goods from Korea paid 5.0%. Those from Japan (4.0%) and Germany (3.0%) did not pay more.")
    assert tariffs_text.beside(held, [], ("2024-01",)) == ""
    assert tariffs_text.beside(held[held["partner"] != "KOR"], ["JPN"], ("2024-01",)) == ""


def test_the_end_of_an_advantage_is_told_in_every_case():
    fates = pd.DataFrame([
        ("CAN", 0.0, None, None, "2025-01", 1.0), ("JPN", -1.0, None, None, "2025-01", -1.0),
        ("TWN", -1.0, "2025-04", None, "2025-04", 2.0), ("DEU", -1.0, "2025-05", "2025-06", "2025-11", -1.0),
        ("GBR", -1.0, "2025-02", "2025-03", "2025-04", 3.0)],
        columns=["rival", "base_pp", "ended", "back", "since", "latest_pp"])
    assert tariffs_text.endings(fates).splitlines() == [
        "- Over Canada there was none in 2024.", "- Over Japan it never ended.",
        "- Over Taiwan it ended in April 2025 and has not come back.",
        "- Over Germany it ended in May 2025, was first back in June 2025, and has held since November 2025.",
        "- Over the United Kingdom it ended in February 2025, was first back in March 2025, and has been gone since "
        "April 2025."]
    assert tariffs_text.endings(fates.iloc[:0]) == ""


def test_a_list_of_words():
    assert [tariffs_text.listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c"]
