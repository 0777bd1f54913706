"""`make add`, from the file to data/raw, with synthetic releases in a copy of the report's own tables."""

import datetime as dt
import io

import pytest
import toy_arrival
import toy_release as toy
from conftest import contents
from toy_project import PROJECT, make
from toy_release import VINTAGES, held

from korus import raw, verify
from korus.clean import investment
from korus.paths import RAW
from korus.sources import add, difference, kind

DAY = "2025-12-12"
TODAY = dt.date(2026, 1, 5)
RELEASES = "kexim/releases.csv"


@pytest.fixture
def folder(tmp_path):
    """A copy of data/raw."""
    return toy_arrival.raw_copy(tmp_path)


def synthetic(changes: dict[tuple[str, str], str] | None = None) -> bytes:
    """A synthetic release of a later day: North America, the US and the world grew by 1.0 in 2025Q2."""
    rows = []
    for row in held("2025-09-19"):
        row = row | {"vintage": DAY, "source": f"kexim.moef-{DAY}"}
        grown = row["country"] in ("WLD", "USA") and not row["industry"] or row["region"] == "북미"
        if grown and row["year"] == "2025" and row["quarter"] in ("2", "1-2"):
            row["value"] = f"{float(row['value']) + 1:.1f}"
        period = row["measure"] + row["year"] + row["quarter"]
        row["value"] = (changes or {}).get((row["region"], period), row["value"])
        rows.append(row)
    return toy.release(rows, toy.Layout(rates="none"), title="‘25년 3분기 해외직접투자 (시험용 합성 자료)")


def added(folder, content: bytes, name: str = "release.hwpx", **options) -> tuple[bool, str]:
    """(whether data/raw was written, what was said), on the day of these tests."""
    return toy_arrival.added(folder, content, name, **({"today": TODAY} | options))


def refusal(folder, content: bytes, name: str = "release.hwpx", **options) -> str:
    """Why a file is refused on that day."""
    return toy_arrival.refusal(folder, content, name, **({"today": TODAY} | options))


def test_a_synthetic_release_gets_into_a_copy_of_data_raw_and_the_report_reads_it(folder):
    before = (folder / RELEASES).read_bytes()
    written, said = added(folder, synthetic(), address="https://example.org/release")
    assert written
    assert "0 new" not in said and "revised" in said and "published 2025-12-12, 576 figures" in said
    assert "control totals:" in said and "kexim.invested.USA.Q: " in said and "usually" in said
    content = (folder / RELEASES).read_bytes()
    assert content.startswith(before) and len(difference.rows_of(content)) == len(difference.rows_of(before)) + 576
    assert verify.problems(folder)[0] == []
    record = raw.record("kexim/releases", folder)
    assert (record["date_published"], record["date_accessed"]) == ("2024-06-21 to 2025-12-12", "2026-01-05")
    source = raw.sources(folder).loc[f"kexim.moef-{DAY}"]
    assert source["url"] == "https://example.org/release" and source["date"] == DAY
    assert source["title"] == "기획재정부 보도자료: '25년 3분기 해외직접투자 (시험용 합성 자료)"
    residuals, withdrawn = investment.totals(folder)
    rows, _ = investment.assemble(withdrawn, folder)
    usa = rows[(rows["vintage"] == DAY) & (rows["destination"] == "USA") & (rows["period"] == "2025Q2")]
    assert len(usa) == 2 and (usa["tier"] == 2).all() and (residuals["vintage"] == DAY).any()


def test_the_same_release_twice_is_nothing_new(folder):
    added(folder, synthetic())
    before = contents(folder)
    written, said = added(folder, synthetic(), today=TODAY + dt.timedelta(30))
    assert not written and "Nothing new" in said and contents(folder) == before


@pytest.mark.parametrize("vintage", VINTAGES)
def test_a_release_that_is_held_is_nothing_new(folder, vintage):
    written, said = added(folder, toy.release(held(vintage)))
    assert not written and "Nothing new" in said


def without(folder, vintage: str, ledger: bool = True) -> None:
    """Take a vintage out of a copy of data/raw, and the corrections ledger's entry as well."""
    package = (folder / "datapackage.json").read_text(encoding="utf-8")
    for path, keep in ((RELEASES, lambda line: f",{vintage},kexim.moef-" not in line),
                       ("corrections.csv", lambda line: ledger or f"vintage={vintage}" not in line)):
        lines = (folder / path).read_text(encoding="utf-8").splitlines(keepends=True)
        content = "".join(filter(keep, lines)).encode()
        (folder / path).write_bytes(content)
        package = add.arrival.accept.with_record(
            package, path, {"bytes": len(content), "hash": raw.digest(content)}
            if content != (RAW / path).read_bytes() else {})
    (folder / "datapackage.json").write_text(package, encoding="utf-8")


def test_the_misprinted_release_is_added_as_it_is_held_where_the_ledger_knows_it(folder):
    without(folder, "2024-09-13")
    written, said = added(folder, toy.release(held("2024-09-13")))
    assert written and "MISPRINT, known to data/raw/corrections.csv: 42 figures" in said
    found = difference.rows_of((folder / RELEASES).read_bytes())
    assert [row for row in found if row["vintage"] == "2024-09-13"] == held("2024-09-13")


def test_a_misprint_that_is_not_known_is_for_a_person_and_goes_into_the_ledger_with_the_figures(folder):
    without(folder, "2024-09-13", ledger=False)
    assert "for a person to judge" in refusal(folder, toy.release(held("2024-09-13")))
    written, said = added(folder, toy.release(held("2024-09-13")), yes=False, ask=lambda _: True)
    assert written and "DOUBT: MISPRINT in table" in said
    [entry] = difference.rows_of((folder / "corrections.csv").read_bytes())
    assert entry["correction"] == "moef-2024-09-13-net-region-year"
    assert entry["rows"] == "vintage=2024-09-13;series=region;measure=net;quarter=A|1-2"
    found = difference.rows_of((folder / RELEASES).read_bytes())
    assert [row for row in found if row["vintage"] == "2024-09-13"] == held("2024-09-13")
    assert verify.problems(folder)[0] == []
    residuals, withdrawn = investment.totals(folder)
    assert len(withdrawn) == 42 and (residuals["explained_by"] == entry["correction"]).any()


def test_a_figure_that_does_not_add_up_is_refused(folder):
    message = refusal(folder, synthetic({("유럽", "net2025" + "2"): "55.5"}))
    assert "regions against the world: net 2025Q2" in message


def test_a_release_from_the_future_is_refused(folder):
    assert "today is 2025-12-11 by this machine's clock" in refusal(
        folder, synthetic(), today=dt.date(2025, 12, 11))


@pytest.mark.parametrize(("content", "said"), [
    (b"<!DOCTYPE html><title>error</title>", "is a web page (HTML). The server sent a page"),
    (b"%PDF-1.4", "is a PDF"), (b"", "is an empty file"), (b'{"a": 1}', "make fetch"),
    (toy.container(toy.section(), mimetype="application/zip"), "a zip archive that is neither"),
    (b"a,b\n1,2\n", "no row of headings such as"),
    ("어느나라,얼마\n미국,1\n".encode("cp949"), "Above the first amounts stand '어느나라', '얼마', not known"),
    (b"\x1f\x8b", "is a gzip archive"), (kind.OLE + b"\0" * 600, "an OLE compound file"),
    (b"HWP Document File V3.00 \x1a", "save it as HWPX"), (b"\xff\x00", "Files that can be added"),
])
def test_what_is_no_release_is_refused_with_the_reason_and_the_remedy(folder, content, said):
    assert said in refusal(folder, content)


def test_a_workbook_without_sheets_is_refused(folder):
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "no sheet in it" in refusal(folder, file.getvalue())


def test_a_release_in_the_old_form_gives_the_same_rows(folder):
    from hwpx import HwpxDocument

    without(folder, "2025-06-20")
    document = HwpxDocument.new()
    for block in toy.table_texts(toy.release(held("2025-06-20"))):
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        made = document.add_table(len(block), len(block[0]))
        for number, row in enumerate(block):
            for column, text in enumerate(row):
                made.set_cell_text(number, column, text)
    written, _ = added(folder, document.to_bytes(format="hwp"), name="release.hwp")
    assert written
    found = difference.rows_of((folder / RELEASES).read_bytes())
    assert [row for row in found if row["vintage"] == "2025-06-20"] == held("2025-06-20")


def test_the_command_says_why_and_ends_with_one(tmp_path, capsys):
    file = tmp_path / "page.hwpx"
    file.write_bytes(b"<html>")
    assert add.main([str(file)]) == 1
    assert "page.hwpx: is a web page" in capsys.readouterr().err
    assert add.main([str(tmp_path / "none")]) == 1


def test_an_interruption_ends_with_130(tmp_path, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(add, "add", interrupted)
    assert add.main([str(tmp_path)]) == 130
    assert "data/raw is as it was" in capsys.readouterr().err


def test_make_add_gives_its_words_to_the_command():
    done = make(PROJECT, "-s", "-n", "add", "FILE=a b.hwpx", "YES=1", "ADDRESS=https://example.org/x")
    assert '-m korus.sources.add --yes --address "https://example.org/x" -- "a b.hwpx"' in done.stdout
    assert "say which: make add FILE=release.hwpx" in done.stdout
    done = make(PROJECT, "-s", "-n", "add", "FILE=a.hwpx", "YES=no")
    assert '-m korus.sources.add   -- "a.hwpx"' in done.stdout
