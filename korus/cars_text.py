"""Estimates and values of the chapter on cars."""

import pandas as pd

from korus import cars_effect
from korus.imports_panel import DesignError

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
    estimates.add("effects.cars.elasticity", method=METHOD, specification="five subheadings, all origins and the rest",
                  role="main", interval_method=INTERVAL, unit="elasticity", caveat=CAVEAT, **main)
    values.add("effects.cars.elasticity", main["estimate"], "elasticity", span, lower=main["lower"], upper=main["upper"],
               **origin)
    values.add("effects.cars.p", 100 * main["p_randomization"], "per cent", span, **origin)
    values.add("effects.cars.mde", main["mde"], "elasticity", span, **origin)
    weighted = cars_effect.estimate(frame, weighted=True)
    estimates.add("effects.cars.elasticity_weighted", method=METHOD, specification="weighted by imports before",
                  role="robustness", interval_method=INTERVAL, unit="elasticity", caveat=CAVEAT, **weighted)
    values.add("effects.cars.elasticity_weighted", weighted["estimate"], "elasticity", span, lower=weighted["lower"],
               upper=weighted["upper"], **origin)
    for column in ("origin", "hs"):
        for left_out in sorted(frame[column].unique()):
            try:
                found = cars_effect.estimate(frame[frame[column] != left_out])
            except DesignError:
                continue
            estimates.add(f"effects.cars.without.{left_out}", method=METHOD, specification=f"without {left_out}",
                          role="robustness", interval_method=INTERVAL, unit="elasticity", caveat=CAVEAT, **found)
