"""Estimates and values of the chapter on cars."""

import pandas as pd

from korus import cars_effect
from korus.charts.common import NAMES
from korus.imports_panel import REST, DesignError

METHOD = "long difference, least squares with product effects"
INTERVAL = "inverted exact permutation test over the orders of origins"
CAVEAT = ("The first span holds five months of the duty, the rate of the later span stands for the difference, and makers move "
          "models between plants.")


def record(estimates, values, frame: pd.DataFrame) -> None:
    """Record the main estimate, the weighted one, and each origin and subheading left out. Nothing without figures."""
    if frame.empty:
        return
    origin = {"tier": int(frame["tier"].max()), "refs": " ".join(sorted(set(frame["ref"])))}
    span = cars_effect.AFTER
    main = cars_effect.estimate(frame)
    estimates.add("effects.cars.elasticity", method=METHOD, role="main",
                  specification=f"{frame['hs'].nunique()} subheadings, all origins and the rest", interval_method=INTERVAL, unit="elasticity", caveat=CAVEAT, **main)
    values.add("effects.cars.elasticity", main["estimate"], "elasticity", span, lower=main["lower"], upper=main["upper"],
               **origin)
    values.add("effects.cars.p", 100 * main["p_randomization"], "per cent", span, **origin)
    values.add("effects.cars.mde", main["mde"], "elasticity", span, **origin)
    weighted = cars_effect.estimate(frame, weighted=True)
    estimates.add("effects.cars.elasticity_weighted", method=METHOD, specification="weighted by imports before",
                  role="robustness", interval_method=INTERVAL, unit="elasticity", caveat=CAVEAT, **weighted)
    values.add("effects.cars.elasticity_weighted", weighted["estimate"], "elasticity", span, lower=weighted["lower"],
               upper=weighted["upper"], **origin)
    record_spread(values, frame, origin)
    words = NAMES | {REST: "the rest of the world"} | {hs: f"HS {hs}" for hs in frame["hs"].unique()}
    for column in ("origin", "hs"):
        for left_out in sorted(frame[column].unique()):
            try:
                found = cars_effect.estimate(frame[frame[column] != left_out])
            except DesignError:
                continue
            estimates.add(f"effects.cars.without.{left_out}", method=METHOD, role="robustness",
                          specification=f"without {words.get(left_out, left_out)}", interval_method=INTERVAL, unit="elasticity", caveat=CAVEAT, **found)


def record_spread(values, frame: pd.DataFrame, origin: dict) -> None:
    """Record how far apart rates and changes lie: by kind of car and origin, and mean rates of the named origins."""
    named = frame[frame["origin"] != REST]
    duty = (named["rate"] * named["after_usd"]).groupby(named["origin"]).sum()
    ends = {"rate": 100 * frame["rate"], "change": 100 * (frame["after_usd"] / frame["before_usd"] - 1),
            "mean_rate": 100 * duty / named.groupby("origin")["after_usd"].sum()}
    for name, shares in ends.items():
        values.add(f"effects.cars.{name}.lowest", shares.min(), "per cent", cars_effect.AFTER, **origin)
        values.add(f"effects.cars.{name}.highest", shares.max(), "per cent", cars_effect.AFTER, **origin)
    values.add("effects.cars.origins", len(duty), "count", cars_effect.AFTER, **origin)
    values.add("effects.cars.kinds", frame["hs"].nunique(), "count", cars_effect.AFTER, **origin)
