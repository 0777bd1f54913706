"""A file is what its bytes say; archives and XML that could do harm are refused with a reason."""

import gzip
import io
import struct
import zipfile

import pytest
import toy_release as toy
from hypothesis import given
from hypothesis import strategies as st

from korus.sources import kind
from korus.sources.refusal import Refused

HEAD = "series,country,value\n"


def zipped(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def opened(content: bytes) -> kind.SafeZip:
    return kind.SafeZip(content, "x.hwpx")


def refusal(content: bytes) -> str:
    """Why an archive is refused: when it is opened, or when its members are read."""
    with pytest.raises(Refused) as refused:
        archive = opened(content)
        for name in archive.members:
            archive.read(name)
    assert str(refused.value).startswith("x.hwpx")
    return str(refused.value)


@pytest.mark.parametrize(("content", "name"), [
    (b"", "empty"), (toy.document(toy.paragraph("a")), "hwpx"),
    (zipped({"xl/workbook.xml": "<workbook/>"}), "xlsx"), (zipped({"a.txt": "b"}), "zip"),
    (zipped({"mimetype": "application/epub+zip"}), "zip"), (b"PK\x03\x04 and no archive", "zip"),
    (kind.OLE + b"\0" * 100 + "FileHeader".encode("utf-16-le"), "hwp"), (kind.OLE + b"\0" * 600, "xls"),
    (b"HWP Document File V3.00 \x1a", "hwp"), (gzip.compress(b"x"), "gzip"), (b"%PDF-1.7\n", "pdf"),
    (b"<!DOCTYPE html><html><body>error", "html"), (b"  \n<HTML>", "html"),
    (b"<?xml version='1.0'?><html xmlns='x'>", "html"), (b"<?xml version='1.0'?><a/>", "xml"),
    (b'{"error": "no key"}', "json"), (b"[1, 2]", "json"), (HEAD.encode(), "csv-utf8"),
    (b"\xef\xbb\xbf" + HEAD.encode(), "csv-utf8"), ("국가,연도,금액\n".encode("cp949"), "csv-cp949"),
    (b"\xff\xfe\x00\x01", "other"), (b"one word", "other"), (b"[" * 200_000, "other"), (b'{"broken": ', "other"),
])
def test_a_file_is_what_its_bytes_say(content, name):
    assert kind.kind_of(content).name == name


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_what_a_file_is_can_always_be_said(content):
    for start in (b"", b"PK\x03\x04", kind.OLE, b"<", b"{"):
        assert kind.kind_of(start + content).words


def test_a_file_that_is_none_or_too_large_is_refused(tmp_path, monkeypatch):
    for path in (tmp_path, tmp_path / "none.hwpx"):
        with pytest.raises(Refused, match="Name the file that arrived"):
            kind.read_file(path)
    large = tmp_path / "large"
    large.write_bytes(b"12345")
    monkeypatch.setattr(kind, "LARGEST_FILE", 4)
    with pytest.raises(Refused, match="5 bytes; files up to 4 are read"):
        kind.read_file(large)


def test_members_of_a_sound_archive_are_read():
    archive = opened(zipped({"a/b.xml": "<a/>", "c": b"\x00" * 100}))
    assert archive.read("a/b.xml") == b"<a/>" and archive.read("c") == b"\x00" * 100
    with pytest.raises(Refused, match="not there"):
        archive.read("d")


@given(st.lists(st.sampled_from(["..", "a", "b.xml", ".", "Contents"]), min_size=1, max_size=5),
       st.sampled_from(["", "/", "C:", "\\", "a\\..\\"]))
def test_names_that_lead_out_of_an_archive_are_refused(parts, start):
    name = start + "/".join(parts)
    if start or ".." in parts:
        assert "name" in refusal(zipped({"mimetype": "x", name: "y"}))
    else:
        opened(zipped({"mimetype": "x", name: "y"}))


def test_a_name_given_twice_is_refused_however_it_is_spelt():
    for twin in ("./A/b", "a/./b", "A/B"):
        assert "there are two of that name" in refusal(zipped({"a/b": "1", twin: "2"}))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("a", "1")
        archive.writestr("a", "2")
    assert "there are two of that name" in refusal(file.getvalue())


def test_an_encrypted_member_is_refused():
    content = bytearray(zipped({"a": "secret"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature) + place
        content[at:at + 2] = struct.pack("<H", struct.unpack("<H", content[at:at + 2])[0] | 1)
    assert "encrypted" in refusal(bytes(content))


def test_too_many_members_are_refused(monkeypatch):
    monkeypatch.setattr(kind, "MOST_MEMBERS", 3)
    content = zipped(dict.fromkeys("abcd", ""))
    assert "more than 3 members" in refusal(content)
    assert kind.kind_of(content) is kind.ZIP


def test_a_member_packed_too_tightly_is_refused():
    assert "This looks like a zip bomb" in refusal(zipped({"a": b"\0" * (4 * kind.MIB)}))


def test_members_too_large_alone_or_together_are_refused(monkeypatch):
    monkeypatch.setattr(kind, "LARGEST_MEMBER", 1000)
    assert "1,001 bytes when unpacked" in refusal(zipped({"a": b"x" * 1001}))
    monkeypatch.setattr(kind, "LARGEST_TOTAL", 1500)
    assert "2,000 bytes when unpacked" in refusal(zipped({"a": b"x" * 1000, "b": b"y" * 1000}))


@given(st.integers(1, 200))
def test_a_header_that_claims_less_than_it_unpacks_is_not_believed(claimed):
    content = bytearray(zipped({"a": b"x" * 5000}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(signature) + place
        content[at:at + 4] = struct.pack("<I", claimed)
    said = refusal(bytes(content))
    assert "larger when unpacked" in said or "can not be unpacked" in said


@given(st.data())
def test_a_damaged_archive_is_refused_or_read_but_never_ends_otherwise(data):
    content = bytearray(toy.document(toy.paragraph("a" * 500)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        archive = opened(content)
        for name in archive.members:
            archive.read(name)
    except Refused as refused:
        assert str(refused).startswith("x.hwpx")


def test_the_limits_hold_while_unpacking(monkeypatch):
    content = zipped({"a": b"x" * 5000, "b": b"y" * 5000})
    archive = opened(content)
    archive.left = 6000
    archive.read("a")
    with pytest.raises(Refused, match="larger when unpacked"):
        archive.read("b")


ENTITIES = (
    '<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>', "<!doctype a><a/>",
    '<?xml version="1.0"?><!-- x --><!DOCTYPE a [<!ENTITY % p "q">]><a/>',
)


@pytest.mark.parametrize("text", ENTITIES)
def test_xml_with_a_document_type_or_entities_is_refused(text):
    with pytest.raises(Refused, match="pull in other files or grow"):
        kind.safe_xml(text.encode(), "x.hwpx, a.xml")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp949"])
@pytest.mark.parametrize("text", [*ENTITIES, "<a>가</a>"])
def test_xml_in_another_encoding_is_refused(text, encoding):
    with pytest.raises(Refused):
        kind.safe_xml(text.replace("boom", "가나").encode(encoding), "x.hwpx, a.xml")
    with pytest.raises(Refused):
        kind.safe_xml(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode(), "x.hwpx, a.xml")


@given(st.text(max_size=300) | st.text("<>&;!?a/\"' =", max_size=100))
def test_xml_is_read_or_refused_but_never_ends_otherwise(text):
    try:
        kind.safe_xml(text.encode("utf-8", "surrogatepass"), "x.hwpx, a.xml")
    except Refused as refused:
        assert str(refused).startswith("x.hwpx, a.xml")


def test_xml_nested_without_end_is_refused():
    with pytest.raises(Refused, match="no well-formed XML"):
        kind.safe_xml(b"<a>" * 5000 + b"</a>" * 5000, "x.hwpx, a.xml")


