"""Incentive or penalty: what grant, investment credit and tariff each do for a plant that is dearer than its twin.

The cost of a unit in the twin abroad is 1. The US plant's is c = 1 + gap. A part k of it is capital. A grant g and a
credit t pay a part s of the capital, so the unit costs c (1 − k s). The twin's unit costs 1 + τ in the United States,
with a tariff τ that its buyers pay in full. All amounts are present values; freight, tax and time are left out.
"""

from dataclasses import dataclass

import pandas as pd

from korus.clean.origin import with_origin
from korus.selection import known_by

# Figures in the evidence of the ledger of claims: claim, words that must stand there, what it is, per cent.
ALTERNATIVES = (
    ("kiep-tsmc-50", "50% more expensive than in Taiwan", "cost gap", "chips, statement of April 2022", 50.0),
    ("kiep-tsmc-50", "costs would double", "cost gap", "chips, statement of March 2023", 100.0),
    ("kiep-chips-grant-10", "programme guidance 5-15%", "grant", "programme guidance, low end", 5.0),
    ("kiep-chips-grant-10", "SK hynix 458/3,870 = 11.8%", "grant", "SK hynix award", 11.8),
    ("kiep-chips-grant-10", "Samsung 4,745/37,000 = 12.8%", "grant", "Samsung award", 12.8),
    ("kiep-chips-grant-10", "programme guidance 5-15%", "grant", "programme guidance, high end", 15.0),
)

# The claims whose figures are the default parameters.
DEFAULTS = ("kiep-tsmc-50", "kiep-chips-grant-10", "kiep-itc-25", "kiep-itc-35")


class EvidenceChanged(ValueError):
    """The ledger of claims no longer says what an alternative figure was read from; the message names the row."""


@dataclass(frozen=True)
class Plant:
    """A scenario, in shares: gap (c − 1), capital (k, above 0 and at most 1). Raises ValueError for another one."""

    gap: float
    capital: float

    def __post_init__(self):
        if self.gap < 0 or not 0 < self.capital <= 1:
            raise ValueError(f"a plant with a cost gap of {self.gap} and {self.capital} capital: the gap must be at "
                             "least 0, the capital share above 0 and at most 1")

    @property
    def cost(self) -> float:
        """Cost of a US unit, the twin's being 1."""
        return 1 + self.gap


def support(grant: float, credit: float, on_what_is_left: bool = False) -> float:
    """Part of the capital cost that grant and credit pay; the credit on all of it, or on what the grant leaves.

    Raises ValueError when together they pay all of it or more, or one is negative.
    """
    paid = grant + credit * (1 - grant if on_what_is_left else 1)
    if min(grant, credit) < 0 or paid >= 1:
        raise ValueError(f"a grant of {grant} and a credit of {credit} of capital cost: together they must be from 0 "
                         "to below 1")
    return paid


def unit_cost(plant: Plant, paid: float) -> float:
    """What a US unit costs its maker after support."""
    return plant.cost * (1 - plant.capital * paid)


def equivalent_tariff(plant: Plant, paid: float) -> float:
    """The tariff that closes as much of the gap as the support does: c k s."""
    return plant.cost * plant.capital * paid


def remaining_tariff(plant: Plant, paid: float) -> float:
    """The tariff that makes both cost the same beside the support; below nothing where the US unit is cheaper."""
    return unit_cost(plant, paid) - 1


def support_needed(plant: Plant, tariff: float) -> float:
    """The part of capital cost that must be paid so that both cost the same under a tariff; above 1: impossible."""
    return (plant.cost - 1 - tariff) / (plant.cost * plant.capital)


def closing_capital_share(gap: float, paid: float) -> float:
    """The capital share at which the support closes the gap without a tariff; above 1: at none."""
    return gap / ((1 + gap) * paid) if paid > 0 else float("inf")


def costs(plant: Plant, paid: float, share_of_market: float) -> dict[str, float]:
    """Who pays for the same help, per dollar of the twin's unit and per unit sold in the market.

    `share_of_market` of the units comes from the US plant. taxpayers: the support. buyers: the equivalent tariff on
    every unit, since the US maker's price rises with it. treasury: what comes back as duty on imported units.
    """
    help_ = equivalent_tariff(plant, paid)
    return {"taxpayers": help_ * share_of_market, "buyers": help_, "treasury": help_ * (1 - share_of_market)}


def packages(plant: Plant, grant: float, credits: list[float]) -> pd.DataFrame:
    """One row per credit: credit, paid, paid_left (credit on what the grant leaves), tariff, tariff_most (all capital),
    remaining, closing (capital share). Shares, not per cent."""
    whole = Plant(plant.gap, 1.0)
    rows = []
    for credit in credits:
        paid = support(grant, credit)
        rows.append({
            "credit": credit, "paid": paid, "paid_left": support(grant, credit, on_what_is_left=True),
            "tariff": equivalent_tariff(plant, paid), "tariff_most": equivalent_tariff(whole, paid),
            "remaining": remaining_tariff(plant, paid), "closing": closing_capital_share(plant.gap, paid)})
    return pd.DataFrame(rows)


def lines(gap: float, grant: float, credits: list[float]) -> pd.DataFrame:
    """Equivalent tariff by capital share, per cent: capital_pct (0 to 100), package, tariff_pct, gap_pct."""
    rows = [(step, f"{100 * grant:g}% grant, {100 * credit:g}% credit",
             100 * (1 + gap) * step / 100 * support(grant, credit), 100 * gap)
            for credit in credits for step in (0, 25, 50, 75, 100)]
    return pd.DataFrame(rows, columns=["capital_pct", "package", "tariff_pct", "gap_pct"])


def alternatives(claims: pd.DataFrame, sources: pd.DataFrame, as_of: str, max_tier: int) -> pd.DataFrame:
    """Cost gaps and grants that the evidence of the ledger states: what, where, pct, tier, ref; as of a day.

    `claims` is the raw table. Raises EvidenceChanged when a row no longer has the words a figure was read from.
    """
    by = claims.set_index("claim")
    rows = []
    for claim, words, what, where, pct in ALTERNATIVES:
        if claim not in by.index or words not in by.at[claim, "evidence_value"]:
            raise EvidenceChanged(f"claims/claims: {claim}, evidence_value: no longer says {words!r}; read it again "
                                  "and mend ALTERNATIVES in korus/incentive.py")
        rows.append({"what": what, "where": where, "pct": pct, **by.loc[claim, ["source", "ref"]]})
    frame = pd.DataFrame(rows)
    return known_by(frame.join(with_origin(frame, sources, "source")), as_of, max_tier)[
        ["what", "where", "pct", "tier", "ref"]].reset_index(drop=True)


def origin_of_defaults(claims: pd.DataFrame, sources: pd.DataFrame) -> dict:
    """tier and refs of the claims whose figures are the default parameters: what a scenario's values rest on."""
    rows = claims[claims["claim"].isin(DEFAULTS)]
    return {"tier": int(with_origin(rows, sources, "source")["tier"].max()), "refs": " ".join(rows["ref"])}
