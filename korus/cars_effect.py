"""Passenger cars: change of imports by subheading and origin on the difference in rates, with product effects.

With five origins and the rest the only honest p-value is the exact one: the coefficient is compared with those of
every way of giving the origins each other's rates.
"""

import itertools

import numpy as np
import pandas as pd

from korus.imports_panel import REST, WORLD, DesignError
from korus.randomization import interval

BEFORE, AFTER = "2024-09/2025-08", "2025-09/2026-08"
HEADING = "8703"
# From the size a test just finds to the size it finds four times in five, as for a normal test at 5 per cent.
POWER = (1.959964 + 0.841621) / 1.959964


def panel(products: pd.DataFrame) -> pd.DataFrame:
    """Subheadings of 8703 held for every origin: hs, origin, before_usd, after_usd, rate, change, log_rate, tier, ref.

    `products` are selected rows of trade_products. The rest of the world is the world less the origins held; `change`
    is the log change of general imports, `rate` duty over value in the later span. Subheadings that lack an origin
    are left out, so that every origin's rates can be given to every other. Empty without product figures.
    """
    cars = products[(products["level"] == 6) & products["hs"].str.startswith(HEADING)]
    late = cars[cars["window"] == AFTER].set_index(["hs", "partner"])
    early = cars[cars["window"] == BEFORE].set_index(["hs", "partner"])["general_usd"]
    columns = ["hs", "origin", "before_usd", "after_usd", "rate", "change", "log_rate", "tier", "ref"]
    if late.empty or early.empty:
        return pd.DataFrame(columns=columns)
    rows = late[["general_usd", "consumption_usd", "duty_usd", "tier", "ref"]].join(
        early.rename("before_usd")).dropna().reset_index()
    named = rows[rows["partner"] != WORLD]
    sums = named.groupby("hs")[["general_usd", "consumption_usd", "duty_usd", "before_usd"]].sum()
    world = rows[rows["partner"] == WORLD].set_index("hs")
    rest = (world[sums.columns] - sums).reset_index().assign(
        partner=REST, tier=world["tier"].to_numpy(), ref=world["ref"].to_numpy())
    frame = pd.concat([named, rest], ignore_index=True)
    origins = frame["partner"].nunique()
    full = frame.groupby("hs")["partner"].transform("nunique") == origins
    amounts = ["general_usd", "consumption_usd", "duty_usd", "before_usd"]
    frame[amounts] = frame[amounts].astype(float)
    positive = (frame[["general_usd", "before_usd", "consumption_usd"]] > 0).all(axis=1)
    whole = frame[full].groupby("hs")["partner"].transform("size").index
    frame = frame.loc[whole][positive.loc[whole].groupby(frame.loc[whole, "hs"]).transform("all")]
    rate = frame["duty_usd"] / frame["consumption_usd"]
    return pd.DataFrame({
        "hs": frame["hs"], "origin": frame["partner"], "before_usd": frame["before_usd"],
        "after_usd": frame["general_usd"], "rate": rate, "change": np.log(frame["general_usd"] / frame["before_usd"]),
        "log_rate": np.log1p(rate), "tier": frame["tier"], "ref": frame["ref"],
    })[columns].sort_values(["hs", "origin"]).reset_index(drop=True)


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Changes, log rates and values before (subheadings × origins). Raises DesignError where there are too few."""
    tables = [frame.pivot(index="hs", columns="origin", values=name) for name in ("change", "log_rate", "before_usd")]
    if tables[0].isna().any(axis=None) or tables[0].shape[0] < 2 or tables[0].shape[1] < 3:
        raise DesignError("cars need at least two subheadings, each held for the same three or more origins")
    change, rate, size = (table.to_numpy() for table in tables)
    if np.ptp(rate, axis=1).max() < 1e-12:
        raise DesignError("the rate does not differ between origins in any subheading")
    return change, rate, size


def _centred(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Values less their weighted mean in each subheading, for one table or many (last two dimensions)."""
    return values - (values * weights).sum(axis=-1, keepdims=True) / weights.sum(axis=-1, keepdims=True)


def slope(change: np.ndarray, rate: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """(Weighted) least-squares coefficient with product effects; `rate` may be many tables of rates."""
    weights = np.ones_like(change) if weights is None else weights
    centred = _centred(rate, weights)
    return (weights * change * centred).sum(axis=(-2, -1)) / (weights * centred**2).sum(axis=(-2, -1))


def exact_p(
    change: np.ndarray, rate: np.ndarray, beta: float = 0.0, weights: np.ndarray | None = None
) -> tuple[float, int]:
    """Share of all orders of the origins with a coefficient at least as far from `beta`, and how many orders there are.

    An order gives each origin the rates of another, in every subheading alike.
    """
    orders = np.array(list(itertools.permutations(range(rate.shape[1]))))
    found = np.abs(slope(change - beta * rate, rate[:, orders].transpose(1, 0, 2), weights))
    return float((found >= found[0] - 1e-12).mean()), len(orders)


def estimate(frame: pd.DataFrame, weighted: bool = False) -> dict:
    """An estimate: a row for Estimates.add without texts. `weighted` by the value of imports before.

    The interval holds the coefficients that the exact test does not reject at 5 per cent.
    """
    change, rate, size = arrays(frame)
    weights = size / size.mean() if weighted else None
    found = float(slope(change, rate, weights))
    p, _ = exact_p(change, rate, 0.0, weights)
    low, high = interval(lambda beta: exact_p(change, rate, beta, weights)[0], found, 400.0, 0.01)
    # The least coefficient the test could call unusual, from the scatter left at the estimate.
    left = np.abs(slope(change - found * rate, rate[:, np.array(list(itertools.permutations(
        range(rate.shape[1]))))].transpose(1, 0, 2), weights))
    return {"estimate": found, "lower": low, "upper": high, "level": 95.0, "n": change.size,
            "clusters": change.shape[1], "p_randomization": p, "mde": float(np.quantile(left, 0.95)) * POWER}
