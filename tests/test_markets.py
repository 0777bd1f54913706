"""US imports in the two concepts, on made-up figures (synthetic)."""

import pandas as pd

from korus import markets
from korus.clean.structure import CENSUS_BASIS, WTO_BASIS
from korus.values import Values

ROWS = pd.DataFrame(
    [(2023, "USA", 90.0, WTO_BASIS, 1, "2025-01-01"), (2024, "USA", 100.0, WTO_BASIS, 3, "2025-01-01"),
     (2024, "USA", 101.0, WTO_BASIS, 1, "2025-06-01"), (2024, "USA", 95.0, CENSUS_BASIS, 1, "2025-03-01"),
     (2025, "USA", 99.0, CENSUS_BASIS, 1, "2026-03-01"), (2024, "WLD", 900.0, WTO_BASIS, 1, "2025-06-01")],
    columns=["year", "importer", "imports_usd", "basis", "tier", "vintage"]).assign(ref=lambda t: [
        f"world/x#L{number}" for number in range(len(t))])


def recorded(as_of: str, max_tier: int = 3) -> dict[str, tuple]:
    values = Values("35_markets", as_of)
    markets.record_concepts(values, ROWS, as_of, max_tier)
    return {id: (row["value"], row["period"]) for id, row in values.rows.items()}


def test_both_concepts_are_of_the_latest_year_that_has_both_and_of_the_best_tier():
    assert recorded("2026-12-31") == {"world.imports.USA.wto.latest": (101.0, "2024"),
                                      "world.imports.USA.census.latest": (95.0, "2024")}
    assert recorded("2025-04-01")["world.imports.USA.wto.latest"] == (100.0, "2024")


def test_without_a_year_in_both_concepts_nothing_is_recorded():
    assert recorded("2025-02-01") == {} == recorded("2025-04-01", max_tier=1)
