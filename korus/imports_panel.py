"""The panel of imports and collected duty rates by partner and month, balanced, with the rest of the world."""

import numpy as np
import pandas as pd

REST = "ROW"
WORLD = "WLD"
EMPTY = pd.DataFrame(columns=["partner"])


class DesignError(ValueError):
    """A design that can not be estimated; the message says why."""


def panel(rates: pd.DataFrame, first: str = "2017-01", without: tuple[str, ...] = ()) -> pd.DataFrame:
    """Balanced panel from `first` on: month, partner, value_usd, duty_usd, rate (a share), log_rate, tier, ref.

    `rates` comes from tariffs.rates. Partners held in every month are kept, the rest of the world (ROW) is the
    world less them, and `without` names partners that are taken out of the sample, not put into the rest. The rate
    is duty over value; log_rate is log(1 + rate). Raises DesignError when the world or the partners are not held.
    """
    own = rates[rates["month"] >= first]
    months = sorted(own.loc[own["partner"] == WORLD, "month"].unique())
    counts = own[own["month"].isin(months)].groupby("partner")["month"].nunique()
    complete = [p for p in counts[counts == len(months)].index if p != WORLD]
    if not months or len(complete) < 2:
        raise DesignError(f"from {first}: imports of all countries and of at least two partners must be held for "
                          "every month")
    columns = ["month", "partner", "consumption_usd", "duty_usd", "tier", "ref"]
    held = own[own["partner"].isin(complete) & own["month"].isin(months)][columns]
    world = own[own["partner"] == WORLD].set_index("month")
    sums = held.groupby("month")[["consumption_usd", "duty_usd"]].sum()
    rest = (world[["consumption_usd", "duty_usd"]] - sums).reset_index().assign(
        partner=REST, tier=world["tier"].to_numpy(), ref=world["ref"].to_numpy())
    frame = pd.concat([held, rest[columns]], ignore_index=True).rename(columns={"consumption_usd": "value_usd"})
    frame = frame[~frame["partner"].isin(without)]
    frame[["value_usd", "duty_usd"]] = frame[["value_usd", "duty_usd"]].astype(float)
    frame["rate"] = frame["duty_usd"] / frame["value_usd"]
    frame["log_rate"] = np.log1p(frame["rate"])
    return frame.sort_values(["partner", "month"]).reset_index(drop=True)


def panel_or_none(rates: pd.DataFrame) -> pd.DataFrame | None:
    """The panel since 2017, or None where no figures are held for it."""
    return panel(rates) if (rates["partner"] == WORLD).any() else None


def wide(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Values and log rates as arrays (partners × months), with the names of both. Raises DesignError if unbalanced."""
    tables = [frame.pivot(index="partner", columns="month", values=name) for name in ("value_usd", "log_rate")]
    if tables[0].isna().any(axis=None) or tables[1].isna().any(axis=None):
        raise DesignError("the panel is not balanced: every partner needs every month")
    return tables[0].to_numpy(), tables[1].to_numpy(), list(tables[0].index), list(tables[0].columns)
