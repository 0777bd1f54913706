"""An intended change of a raw file is shown, checked, and recorded; nothing else is touched."""

import json
import os
import subprocess

import pytest
from conftest import TRADE, csv_text

from korus import accept, raw, verify

FILE = "data/raw/census/trade.csv"


@pytest.fixture
def project(trade, monkeypatch):
    """The trade package, committed to git, with the project as working folder."""
    trade.root = trade.folder.parent.parent
    monkeypatch.chdir(trade.root)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(trade.root, "init", "--quiet")
    commit(trade.root)
    return trade


def git(root, *arguments: str) -> None:
    """Run git in a folder."""
    identity = ["-c", "user.name=A Tester", "-c", "user.email=tester@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def commit(root) -> None:
    """Commit everything."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "change")


def change(project, old: str, new: str) -> None:
    """Change the text of the table, not its record."""
    path = project.root / FILE
    path.write_text(path.read_text().replace(old, new, 1))


def refusal(project, file: str = FILE) -> str:
    """Why accepting is refused; the records must be as they were."""
    before = (project.folder / "datapackage.json").read_bytes()
    with pytest.raises(accept.Refused) as refused:
        accept.accept(file, project.folder)
    assert (project.folder / "datapackage.json").read_bytes() == before
    assert [path.name for path in project.folder.parent.iterdir()] == ["raw"]
    return str(refused.value)


def test_an_accepted_change_rewrites_bytes_and_hash_of_its_record_and_not_one_byte_more(project):
    before = (project.folder / "datapackage.json").read_text()
    old = raw.record("census/trade", project.folder)
    change(project, "12.5", "13.25")
    content = (project.root / FILE).read_bytes()
    said = accept.accept(FILE, project.folder)
    after = (project.folder / "datapackage.json").read_text()
    assert after == before.replace(old["hash"], raw.digest(content)).replace(
        f'"bytes": {old["bytes"]},', f'"bytes": {len(content)},')
    assert said.startswith(f"{FILE}: accepted, {old['bytes']} -> {len(content)} bytes")
    assert verify.problems(project.folder, None) == ([], 3)


def test_the_format_of_the_records_is_kept_however_they_are_written(project):
    package = json.loads((project.folder / "datapackage.json").read_text())
    package["title"] = 'says "resources": [ and "bytes": 1'
    text = json.dumps(package, indent="\t", ensure_ascii=True)
    (project.folder / "datapackage.json").write_text(text)
    change(project, "12.5", "13.5")
    accept.accept(FILE, project.folder)
    after = (project.folder / "datapackage.json").read_text()
    assert len(after) == len(text)
    assert sum(a != b for a, b in zip(after.splitlines(), text.splitlines(), strict=True)) == 1


def test_the_difference_from_the_accepted_content_is_shown_first(project, capsys):
    change(project, "12.5", "13.5")
    accept.accept(FILE, project.folder)
    shown = capsys.readouterr().out.splitlines()
    assert "-2025-06,KOR,c.i.f.,10,12.5,s1" in shown and "+2025-06,KOR,c.i.f.,10,13.5,s1" in shown
    assert shown[-1] == f"{FILE}: lines removed 1, added 1"


def test_the_accepted_content_is_found_among_older_commits(project, capsys):
    change(project, "12.5", "13.5")
    commit(project.root)
    change(project, "13.5", "14.5")
    accept.accept(FILE, project.folder)
    assert "-2025-06,KOR,c.i.f.,10,12.5,s1" in capsys.readouterr().out


def test_without_the_accepted_content_in_git_sizes_and_hashes_are_compared(project, capsys):
    change(project, "12.5", "13.5")
    accept.accept(FILE, project.folder)
    change(project, "13.5", "14.5")
    capsys.readouterr()
    accept.accept(FILE, project.folder)
    assert "not in git, so only sizes and hashes can be compared: 1" in capsys.readouterr().out


def test_a_long_difference_is_cut_with_a_count(project, capsys):
    rows = [[f"20{n:02d}-01", "JPN", "customs", "1", "", "s1"] for n in range(99)]
    (project.root / FILE).write_text(csv_text([*TRADE, *rows]))
    accept.accept(FILE, project.folder)
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == accept.LINES_SHOWN + 2
    assert shown[-2].startswith("… and ") and shown[-1] == f"{FILE}: lines removed 0, added 99"


@pytest.mark.parametrize(("old", "new", "said"), [
    ("12.5", "x", "line 2, column share_pct: x is not a number"),
    ("2025-06", "2025-07", "line 3, columns month, iso3: 2025-07, KOR is already in line 2"),
    ("s2\n", "s2", "line 4: the last line has no end"),
    ("\n", "\r\n", "CR"),
    ("month", "\ufeffmonth", "a byte order mark"),
])
def test_bad_content_is_refused_with_its_cells_and_the_record_stays(project, old, new, said):
    path = project.root / FILE
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode(), 1))
    message = refusal(project)
    assert said in message
    assert message.endswith("Its record is as it was.")


def test_a_change_that_breaks_the_keys_of_another_table_is_refused(project):
    path = project.folder / "sources.csv"
    path.write_text(path.read_text().replace("s2,Two\n", ""))
    assert "data/raw/census/trade.csv, line 4, column source: s2 is not in data/raw/sources.csv" in (
        refusal(project, "data/raw/sources.csv"))


def test_an_unchanged_file_says_so(project, capsys):
    before = (project.folder / "datapackage.json").stat().st_mtime_ns
    assert "nothing to accept" in accept.accept(FILE, project.folder)
    assert capsys.readouterr().out == ""
    assert (project.folder / "datapackage.json").stat().st_mtime_ns == before


def test_a_file_without_a_record_gets_a_complete_one_to_fill_in(project):
    new = project.folder / "bea/new.csv"
    new.parent.mkdir()
    new.write_text(csv_text([["year", "iso3", "value", "source"], ["2024", "KOR", "1.5", "s1"]]))
    message = refusal(project, "data/raw/bea/new.csv")
    assert "no record in datapackage.json" in message
    record = json.loads(message[message.index("{\n"):])
    for field, meaning in verify.RECORD_FIELDS.items():
        if field not in ("bytes", "hash", "schema"):
            assert f"<fill in: {meaning}" in json.dumps(record[field], ensure_ascii=False)
    assert record["bytes"] == new.stat().st_size
    assert [field["type"] for field in record["schema"]["fields"]] == ["integer", "string", "number", "string"]
    assert [key["reference"]["resource"] for key in record["schema"]["foreignKeys"]] == [
        "sources", "reference.countries"]

    project.records.append(record)
    project.write_records()
    assert "still to be filled in" in refusal(project, "data/raw/bea/new.csv")
    filled = json.loads(json.dumps(record, ensure_ascii=False).replace("<fill in", "said"))
    project.records[-1] = filled
    project.write_records()
    assert "nothing to accept" in accept.accept("data/raw/bea/new.csv", project.folder)
    assert verify.problems(project.folder, None)[0] == []


@pytest.mark.parametrize(("file", "said"), [
    ("README.md", "not below data/raw"),
    ("/etc/hostname", "not below data/raw"),
    ("data/raw/../../README.md", "not below data/raw"),
    ("data/raw/census/none.csv", "no such file"),
    ("data/raw/census", "no such file"),
    ("data/raw/datapackage.json", "this file holds the records"),
    ("data/raw/census/notes.txt", "raw tables are .csv files"),
])
def test_what_is_no_raw_table_is_refused(project, file, said):
    (project.root / "README.md").write_text("x")
    (project.folder / "census/notes.txt").write_text("x")
    assert said in refusal(project, file)


@pytest.mark.parametrize("given", [FILE, "trade.csv", "absolute"])
def test_a_file_may_be_named_from_the_project_from_its_folder_or_in_full(project, monkeypatch, given):
    change(project, "12.5", "13.5")
    monkeypatch.chdir(project.folder / "census")
    path = str(project.root / FILE) if given == "absolute" else given
    assert f"{FILE}: accepted" in accept.accept(path, project.folder)


def test_the_command_refuses_with_status_one_and_explains_its_use_with_two(project, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["accept", "/etc/hostname"])
    assert accept.main() == 1
    monkeypatch.setattr("sys.argv", ["accept"])
    assert accept.main() == 2
    assert "usage: make accept FILE=" in capsys.readouterr().err


def test_the_record_of_a_new_table_of_claims_is_that_of_the_first_for_the_columns_it_has(package):
    key = [{"fields": [name], "reference": {"resource": "claims.documents", "fields": ["document"]}}
           for name in ("document", "source")]
    package.add("claims/documents", [["document"], ["d"]])
    package.add("claims/claims", [["claim", "document", "quotation", "source"], ["c", "d", "words", "d"]], {
        "fields": [{"name": name, "type": "string", "description": f"what {name} is"}
                   for name in ("claim", "document", "quotation", "source")],
        "primaryKey": ["claim"], "foreignKeys": key})
    (package.folder / "claims" / "mine.csv").write_text("claim,quotation,document\na,b,d\n")
    said = refusal(package, "data/raw/claims/mine.csv")
    record = json.loads(said[said.index("{"):])
    assert [field["name"] for field in record["schema"]["fields"]] == ["claim", "quotation", "document"]
    assert record["schema"]["foreignKeys"] == key[:1] and record["schema"]["primaryKey"] == ["claim"]
    assert (record["name"], record["path"]) == ("claims.mine", "claims/mine.csv")
    assert json.dumps(record).count("<fill in") == 2
    package.records.append(record | {"date_published": "2026-01-31", "date_accessed": "2026-02-01"})
    package.write_records()
    assert "nothing to accept" in accept.accept("data/raw/claims/mine.csv", package.folder)

    (package.folder / "claims" / "odd.csv").write_text("claim,mood\na,b\n")
    said = refusal(package, "data/raw/claims/odd.csv")
    assert "no table of claims has a column mood. Columns are claim, document" in said
