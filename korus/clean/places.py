"""Countries and regions by the names agencies print, to ISO 3166-1 alpha-3."""

import pandas as pd

from korus.clean.origin import CleaningError

WORLD = "WLD"

# US Postal Service codes of the states and areas that BEA's tables name.
STATE_CODES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO",
    "Connecticut": "CT", "Delaware": "DE", "District of Columbia": "DC", "Florida": "FL", "Georgia": "GA",
    "Hawaii": "HI", "Idaho": "ID", "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS",
    "Kentucky": "KY", "Louisiana": "LA", "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI",
    "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO", "Montana": "MT", "Nebraska": "NE", "Nevada": "NV",
    "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY", "North Carolina": "NC",
    "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA", "Puerto Rico": "PR",
    "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX",
    "Utah": "UT", "Vermont": "VT", "Virginia": "VA", "Washington": "WA", "West Virginia": "WV", "Wisconsin": "WI",
    "Wyoming": "WY",
}


class Places:
    """Look-up of printed names; built from reference/countries.csv and reference/regions.csv."""

    def __init__(self, countries: pd.DataFrame, regions: pd.DataFrame):
        self.codes = set(countries["iso3"])
        self.names = dict(zip(countries["name"], countries["iso3"], strict=True))
        for printed, iso3 in zip(countries["also_printed_as"], countries["iso3"], strict=True):
            self.names.update({name.strip(): iso3 for name in printed.split(";") if name.strip()})
        self.regions = set(regions["region"])
        for printed in regions["printed_as"]:
            self.regions.update(name.strip() for name in printed.split(";") if name.strip())

    def country(self, printed: str, ref: str) -> str:
        """ISO3 of a printed name or code; "" for a region. An unknown name is an error."""
        if printed in self.codes:
            return printed
        if printed in self.names:
            return self.names[printed]
        if printed in self.regions:
            return ""
        raise CleaningError(
            f"data/raw/{ref}: unknown country {printed!r}. Add it to reference/countries.csv "
            "(also_printed_as) or reference/regions.csv."
        )

    def countries(self, frame: pd.DataFrame, column: str) -> pd.Series:
        """ISO3 codes of a column of printed names."""
        pairs = zip(frame[column], frame["ref"], strict=True)
        return pd.Series([self.country(name, ref) for name, ref in pairs], index=frame.index)


def state_code(name: str, ref: str) -> str:
    """Postal code of a US state named in a BEA breakdown."""
    try:
        return STATE_CODES[name]
    except KeyError:
        raise CleaningError(
            f"data/raw/{ref}: state {name!r} has no code. Add it to STATE_CODES in "
            "korus/clean/places.py."
        ) from None
