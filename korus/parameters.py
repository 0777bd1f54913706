"""The parameters of the report: what `params/<profile>.yml` may say, checked before any kernel.

To add a parameter, add one field to `Parameters` and a line to every file in params/. A notebook
declares those it uses in its cell tagged `parameters`, with the baseline's values as defaults, and
is given these and no others.
"""

import ast
import csv
import difflib
import re
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from korus.outputs import Refused

PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
# Names of folders beside the baseline's tables and pages: a profile so called would overwrite them.
RESERVED = {"results", "runs", "html", "scratch"}
SECRET_WORDS = {"key", "apikey", "token", "password", "passwd", "secret", "credential"}


class ParameterError(Refused):
    """A parameter or profile is not what it must be; the message says which file and what is."""


class Parameters(BaseModel):
    """Every parameter a notebook may take. Descriptions are shown when a value is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date = Field(description="a date, YYYY-MM-DD: nothing published after it is used")
    max_tier: int = Field(
        ge=1, le=4, strict=True,
        description="a whole number from 1 (official tables only) to 4 (any statement)",
    )
    rivals: list[str] = Field(
        min_length=1, description="a list of countries by ISO3 code, for example [JPN, CHN]"
    )

    # Scenarios: a profile written before they existed takes the values of the commentary under test.
    pass_through_pct: float = Field(
        default=100.0, ge=0, le=100,
        description="a number from 0 to 100: the part of a duty that US buyers pay, per cent",
    )
    structure_share_pct: float = Field(
        default=50.0, ge=0, le=100,
        description="a number from 0 to 100: buildings in the cost of a plant, per cent; the rest is equipment",
    )
    capital_share_pct: float = Field(
        default=50.0, gt=0, le=100,
        description="a number above 0, at most 100: capital in the cost of a unit of the product, per cent",
    )
    cost_gap_pct: float = Field(
        default=50.0, ge=0, le=300,
        description="a number from 0 to 300: by how much a plant costs more in the US than its twin, per cent",
    )
    grant_pct: float = Field(
        default=10.0, ge=0, lt=100, description="a number from 0 to below 100: grant, per cent of capital cost",
    )
    credits_pct: list[Annotated[float, Field(ge=0, lt=100)]] = Field(
        default=[25.0, 35.0], min_length=1,
        description="a list of numbers from 0 to below 100: investment credits, per cent of capital cost",
    )
    elasticity_grid: list[Annotated[float, Field(ge=-20, lt=0)]] = Field(
        default=[-0.5, -1.0, -2.0, -5.0], min_length=1,
        description="a list of numbers from -20 to below 0: import elasticities to show, not to believe",
    )

    @field_validator("as_of", mode="before")
    @classmethod
    def _day(cls, value):
        if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
            raise ValueError("not a day written YYYY-MM-DD")
        return date.fromisoformat(value)

    @field_validator("rivals")
    @classmethod
    def _countries(cls, value, info):
        known = (info.context or {}).get("countries")
        for code in value:
            if not re.fullmatch(r"[A-Z]{3}", code):
                raise ValueError(f"{code!r} is not three capital letters")
            if known and code not in known:
                near = nearest(code, known)
                raise ValueError(
                    f"{code} is no country of data/raw/reference/countries.csv" + near
                )
        if len(set(value)) < len(value):
            raise ValueError("a country stands twice")
        return value


class _PlainLoader(yaml.SafeLoader):
    """YAML without dates (an impossible one is reported as a value) and without repeated names."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node, deep=False):
        """A mapping, after checking that no name stands twice (YAML would keep the last)."""
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.YAMLError(f"{name!r} stands twice")
        return super().construct_mapping(node, deep)


def nearest(name: str, valid) -> str:
    """` (did you mean 'x'?)` for the closest valid name, or nothing when none is close."""
    close = difflib.get_close_matches(name, sorted(valid), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""


def profile_names(root: Path) -> list[str]:
    """Names of the profiles in params/."""
    return sorted(path.stem for path in (root / "params").glob("*.yml"))


def countries(root: Path) -> set[str] | None:
    """ISO3 codes the raw tables know, or None where the reference table is not there."""
    path = root / "data" / "raw" / "reference" / "countries.csv"
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["iso3"] for row in csv.DictReader(lines)} - {"WLD"}


def refuse_secret(name: str, where: str) -> None:
    """Stop when a name looks like a secret: parameters are written into published notebooks."""
    if SECRET_WORDS & set(re.split(r"[_\W]+", name.lower())):
        raise ParameterError(
            f"{where}: parameter {name!r} looks like a secret. Parameters are written into the "
            "executed notebooks; read secrets from the environment instead."
        )


def read_profile(profile: str, root: Path) -> Parameters:
    """The checked parameters of `params/<profile>.yml`.

    Raises ParameterError naming the parameter, the file, what it says and what is valid.
    """
    names = profile_names(root)
    if not PROFILE_NAME.fullmatch(profile) or profile in RESERVED:
        raise ParameterError(
            f"PROFILE={profile}: a profile is named in lower-case letters, digits, '.', '_' and "
            f"'-', and not {', '.join(sorted(RESERVED))}."
        )
    if profile not in names:
        raise ParameterError(
            f"PROFILE={profile}: there is no params/{profile}.yml{nearest(profile, names)}. "
            f"Profiles: {', '.join(names) or 'none'}."
        )
    where = f"params/{profile}.yml"
    try:
        given = yaml.load((root / where).read_text(encoding="utf-8"), Loader=_PlainLoader)
    except (yaml.YAMLError, UnicodeDecodeError, TypeError) as error:
        raise ParameterError(f"{where}: not readable as YAML: {error}") from None
    if not isinstance(given, dict):
        raise ParameterError(f"{where}: must hold lines `name: value`, one per parameter.")
    for name in given:
        refuse_secret(str(name), where)
    given = {str(name): value for name, value in given.items()}
    try:
        return Parameters.model_validate(given, context={"countries": countries(root)})
    except ValidationError as error:
        raise ParameterError(_complaints(error, where, given)) from None


def _complaints(error: ValidationError, where: str, given: dict) -> str:
    """All that is wrong with a parameter file, one line each."""
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0])
        if problem["type"] == "extra_forbidden":
            lines.append(
                f"{where}: unknown parameter {name!r}{nearest(name, Parameters.model_fields)}. "
                f"Valid: {', '.join(Parameters.model_fields)}."
            )
            continue
        valid = Parameters.model_fields[name].description
        if problem["type"] == "missing":
            lines.append(f"{where}: parameter {name!r} is missing. Write {valid}.")
            continue
        said = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{where}: parameter {name!r} is {given[name]!r}: {said}. Write {valid}.")
    return "\n".join(lines)


def declared(notebook: dict, where: str) -> dict:
    """Parameters a notebook declares in its cell tagged `parameters`, with their defaults.

    No such cell: none. Anything in it but plain `name = value` lines is refused, because what it
    would do to the injected values could not be seen.
    """
    cells = [c for c in notebook["cells"] if "parameters" in c.get("metadata", {}).get("tags", [])]
    if not cells:
        return {}
    if len(cells) > 1:
        raise ParameterError(f"{where}: {len(cells)} cells are tagged 'parameters'; keep one.")
    source = "".join(cells[0]["source"])
    found = {}
    try:
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.AnnAssign):
                target, value = statement.target, statement.value
            else:
                (target,), value = statement.targets, statement.value
            found[target.id] = ast.literal_eval(value)
    except (SyntaxError, AttributeError, ValueError, TypeError):
        raise ParameterError(
            f"{where}: the cell tagged 'parameters' may hold only lines `name = value` with plain "
            f"values (a date as text). It holds:\n{source}"
        ) from None
    for name in found:
        refuse_secret(name, where)
        if name not in Parameters.model_fields:
            raise ParameterError(
                f"{where}: declares the parameter {name!r}, which korus/parameters.py does not "
                f"know{nearest(name, Parameters.model_fields)}. "
                f"Valid: {', '.join(Parameters.model_fields)}."
            )
    return found


def values_for(names, parameters: Parameters) -> dict:
    """The named parameters as plain values, in the form a notebook receives (a date as text)."""
    plain = parameters.model_dump(mode="json")
    return {name: plain[name] for name in names}


def main() -> int:
    """`python -m korus.parameters PROFILE`: check the file before anything is built with it."""
    try:
        read_profile(sys.argv[1], Path.cwd())
    except ParameterError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
