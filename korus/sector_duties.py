"""What a sector's goods pay on entering the United States: measures in force, the law, the till, the inputs.

The law comes from the calculator (korus.statutory), what was collected and what inputs eat from the values of the
chapters on products and on building. Rates in per cent of customs value.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from korus.building import INDUSTRIES, PLANT_PRODUCTS
from korus.clean.measures import IDLE, known_by
from korus.rate_path import Law
from korus.sectors import SECTORS
from korus.statutory import WHOLE, Scopes
from korus.tariff_products import CAR_NAMES, WINDOW
from korus.values import period_in_words


@dataclass(frozen=True)
class Goods:
    """Goods of a sector: word in ids, name, first digits of their codes; the words their values have elsewhere.

    `rate` is their word in tariffs.product_rate, `bill` in tariffs.group_duty_share, `protection` in
    effects.protection; empty where no such value exists.
    """

    sector: str
    word: str
    name: str
    codes: tuple[str, ...]
    rate: str = ""
    bill: str = ""
    protection: str = ""


GOODS = (
    Goods("shipbuilding", "ships", "ships", ("8901", "8902", "8904", "8905", "8906")),
    Goods("nuclear", "reactors", "nuclear reactors and their parts", ("8401",)),
    Goods("pharmaceuticals", "blood-products", "blood products and vaccines", ("3002",), "3002"),
    Goods("pharmaceuticals", "medicines", "medicines", ("3003", "3004")),
    Goods("ai-infrastructure", "computer-parts", "computer parts", ("8473",), "8473"),
    Goods("ai-infrastructure", "storage", "solid-state and other storage", ("8523",), "8523", "",
          "electronics.storage"),
    Goods("chips", "integrated-circuits", "integrated circuits", ("8542",), "8542", "", "electronics.chips"),
    Goods("batteries", "lithium-ion", "lithium-ion batteries", ("850760",), "850760", "", "electrical.batteries"),
    Goods("vehicles", "cars", "passenger cars", tuple(CAR_NAMES), "cars", "", "vehicles.cars"),
    Goods("vehicles", "trucks", "trucks", ("8704",)),
    Goods("vehicles", "car-parts", "car parts", ("8708",), "", "car-parts", "vehicles.car-parts"),
)
# Measures that fall on goods of a sector, by name: those whose product lists reach a line of its GOODS and do not
# exempt them all. tests/test_sectors.py holds this against the lists on every day since 2025.
GENERAL = ("ieepa.reciprocal", "s122.surcharge", "s301.forced-labour")
MEASURES = {
    "shipbuilding": GENERAL,
    "nuclear": (*GENERAL, "s232.derivatives", "s232.metals-machinery"),
    "pharmaceuticals": (*GENERAL, "s232.pharmaceuticals", "s232.derivatives"),
    "ai-infrastructure": (*GENERAL, "s232.chips", "s232.aluminium"),
    "chips": ("s301.forced-labour",),
    "batteries": ("ieepa.reciprocal", "s301.forced-labour", "s232.car-parts"),
    "vehicles": (*GENERAL, "korus.light-trucks", "s232.cars", "s232.car-parts", "s232.trucks", "s232.aluminium",
                 "s232.derivatives", "s232.metals-derivatives", "s232.metals-machinery"),
}
# Industry of the input–output tables whose purchases stand for the sector's.
INDUSTRY = {
    "shipbuilding": "other-transport", "nuclear": "fabricated-metal", "pharmaceuticals": "chemicals",
    "ai-infrastructure": "electronics", "chips": "electronics", "batteries": "electrical", "vehicles": "vehicles",
}
INDUSTRY_NAMES = dict(INDUSTRIES.values())
# What a plant sells of which the protection is held: not always all of the goods above.
PROTECTED = {f"{INDUSTRIES[industry][0]}.{word}": name.lower() for industry, word, name, _ in PLANT_PRODUCTS}
# How a sentence on what was collected begins, and the next one on the same months.
OVER = f"Over {period_in_words(WINDOW)}"
AGAIN = (OVER, "In the same months")


def measures_of(measures: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Measures in force on the day as known then, one row per sector and measure.

    group, measure, authority, scope, rate_pct, basis, effective, until, status, note, ref.
    """
    known = known_by(measures, as_of)
    now = known[(known["effective"] <= str(as_of)) & (known["until"].isna() | (known["until"] >= str(as_of)))
                & ~known["status"].isin(IDLE)]
    columns = ["measure", "authority", "scope", "rate_pct", "basis", "effective", "until", "status", "note", "ref"]
    parts = [now.loc[now["measure"].isin(names), columns].assign(group=group) for group, names in MEASURES.items()]
    return pd.concat(parts, ignore_index=True)[["group", *columns]]


def reached(law: Law, goods: Goods, day: str) -> set[str]:
    """Measures whose product lists reach a line of the goods on a day, and do not exempt them all for certain."""
    codes = law.lines["hs"].to_numpy(dtype=str)
    own = np.array([code.startswith(goods.codes) for code in codes])
    scopes = Scopes(codes[own], law.groups)
    now = law.rules[(law.rules["effective"] <= day) & (day <= law.rules["until"])]
    free = {rule.measure: scopes.on(rule.group, day) == WHOLE
            for rule in now.itertuples() if rule.role == "exempts" and rule.extent == "whole"}
    return {rule.measure for rule in now.itertuples() if rule.role == "covers"
            and ((scopes.on(rule.group, day) > 0) & ~free.get(rule.measure, np.zeros(own.sum(), dtype=bool))).any()}


def by_law(law: Law | None, as_of: str) -> pd.DataFrame:
    """Least and most the law charges on lines of each of GOODS on the day: group, word, name, lower_pct, upper_pct.

    No rows where the product lists are not admitted. A span can come from unlike lines, from a measure that covers
    a part of a line, or from an exemption whose list is not held.
    """
    found = []
    if law is not None:
        rates = law.rates["open"]
        row = rates.row(as_of)
        for goods in GOODS:
            own = np.array([code.startswith(goods.codes) for code in rates.codes])
            found.append([goods.sector, goods.word, goods.name, float(rates.lower[row, own].min()),
                          float(rates.upper[row, own].max())])
    return pd.DataFrame(found, columns=["group", "word", "name", "lower_pct", "upper_pct"])


def record(values, charged: pd.DataFrame, lawful: pd.DataFrame, law: Law | None, as_of: str) -> None:
    """Record the rate of each measure on a sector and what the law charges on each of GOODS, per cent.

    Nothing where the product lists are not admitted: without them no measure can be put to goods.
    """
    if law is None:
        return
    for row in charged.dropna(subset=["rate_pct"]).itertuples():
        values.add(f"sectors.rate.{row.group}.{row.measure.replace('.', '-')}", float(row.rate_pct), "per cent",
                   row.effective, tier=law.tier, refs=row.ref)
    codes = {goods.word: goods.codes for goods in GOODS}
    for row in lawful.itertuples():
        refs = [*charged.loc[charged["group"] == row.group, "ref"],
                *law.lines.loc[law.lines["hs"].str.startswith(codes[row.word]), "ref"]]
        values.add_interval(f"sectors.law.{row.group}.{row.word}", row.lower_pct, row.upper_pct, "per cent", str(as_of),
                            tier=law.tier, refs=" ".join(refs))


def words(values, group: str) -> str:
    """What a sector's goods pay and what inputs eat, in sentences for `values.say`; what is not held is named so."""
    own = [goods for goods in GOODS if goods.sector == group]
    collected = list(filter(None, (_collected_words(values, goods) for goods in own)))
    collected[1:] = [text.replace(*AGAIN) for text in collected[1:]]
    parts = [_law_words(values, own), *collected, _inputs_words(values, own)]
    silent = [goods.name for goods in own if not any(_held(values, id) for id in _collected_ids(goods))]
    if silent:
        parts.insert(-1, f"What was collected on {_joined(silent)} is not held.")
    return " ".join(filter(None, parts))


def _held(values, id: str) -> bool:
    return id in values.rows or id in values.borrowed


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _collected_ids(goods: Goods) -> list[str]:
    ids = [f"tariffs.product_rate.KOR.{goods.rate}.{WINDOW}"] if goods.rate else []
    return ids + ([f"tariffs.group_duty_share.KOR.{goods.bill}.{WINDOW}"] if goods.bill else [])


def _law_words(values, own: list[Goods]) -> str:
    """`By law ships from Korea pay …`, each good with its rate or the two ends of it."""
    parts = []
    for goods in own:
        id = f"sectors.law.{goods.sector}.{goods.word}"
        if not _held(values, id):
            return "What the law charges can not be stated from the sources admitted."
        nothing = values.row(id)["lower"] == 0 and values.row(id)["upper"] > 0
        parts.append(f"{goods.name} from Korea pay " + (f"from nothing to {{{id}:upper}}" if nothing else f"{{{id}}}"))
    return f"By law {_joined(parts)}."


def _collected_words(values, goods: Goods) -> str:
    """What was collected over the twelve months: Korea's rate, that of all countries, and the part of the bill."""
    rate, share = (f"tariffs.product_{what}.KOR.{goods.rate}.{WINDOW}" for what in ("rate", "duty_share"))
    if goods.rate and _held(values, rate) and _held(values, share):
        world, imports = rate.replace("KOR", "WLD"), share.replace("tariffs.product_duty", "trade.product_import")
        return (f"{OVER} {goods.name} from Korea paid {{{rate}}}, those from all countries {{{world}}}. They were "
                f"{{{imports}}} of imports from Korea and {{{share}}} of the duty on them.")
    bill = f"tariffs.group_duty_share.KOR.{goods.bill}.{WINDOW}"
    if goods.bill and _held(values, bill):
        return f"The {goods.name} held by product were {{{bill}}} of the duty on Korean goods or more."
    return ""


def _inputs_words(values, own: list[Goods]) -> str:
    """What the duty on inputs eats of the protection, or the break-even duty of the industry where no good is held."""
    eaten = [(PROTECTED[goods.protection], f"effects.protection_eaten.{goods.protection}.{WINDOW}")
             for goods in own if goods.protection]
    parts = [f"{{{id}}} of the duty on {name}" for name, id in eaten if _held(values, id)]
    if parts:
        return f"Duty on what US makers buy eats {_joined(parts)}."
    industry = INDUSTRY[own[0].sector]
    even = f"effects.break_even_duty.{industry}.{WINDOW}"
    if not _held(values, even):
        return "What duty on inputs eats of the protection can not be stated as of this day."
    return (f"What inputs eat is not held for these goods. A duty of {{{even}}} on the product would cover the duty on "
            f"the inputs of their whole industry, {INDUSTRY_NAMES[industry].lower()}.")


def measures_table(charged: pd.DataFrame) -> pd.DataFrame:
    """Measures by sector for display."""
    return pd.DataFrame({
        "sector": charged["group"].map(SECTORS), "measure": charged["scope"], "authority": charged["authority"],
        "rate for Korea, %": charged["rate_pct"].astype("Float64"), "basis": charged["basis"],
        "since": charged["effective"], "status": charged["status"], "note": charged["note"]})


def goods_table(values) -> pd.DataFrame:
    """GOODS for display: what the law charges, what was collected and what inputs eat, per cent."""
    def cell(id: str, what: str) -> float:
        row = values.borrowed.get(id) or values.rows.get(id)
        return float(row[what]) if row else float("nan")

    found = []
    for goods in GOODS:
        law = f"sectors.law.{goods.sector}.{goods.word}"
        rate = f"tariffs.product_rate.KOR.{goods.rate}.{WINDOW}"
        eaten = f"effects.protection_eaten.{goods.protection}.{WINDOW}"
        share = f"tariffs.product_duty_share.KOR.{goods.rate}.{WINDOW}"
        found.append([SECTORS[goods.sector], goods.name, cell(law, "lower"), cell(law, "upper"), cell(rate, "value"),
                      cell(rate.replace("KOR", "WLD"), "value"), cell(share, "value"), cell(eaten, "lower"),
                      cell(eaten, "upper")])
    return pd.DataFrame(found, columns=[
        "sector", "goods", "law, least", "law, most", "collected, Korea", "collected, all countries",
        "share of Korea's duty", "eaten by inputs, least", "eaten, most"])
