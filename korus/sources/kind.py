"""What a file is, by its bytes: a name can lie, and a server may send a page that says "error".

Files from elsewhere are also opened here, so that every limit on archives and XML stands in one place.
"""

import io
import json
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lxml import etree

from korus.sources.refusal import Refused

MIB = 2**20
LARGEST_FILE = 200 * MIB
# A ministry release holds 20 members and 2 MiB, its XML packed to a tenth.
MOST_MEMBERS = 2000
LARGEST_MEMBER = 100 * MIB
LARGEST_TOTAL = 300 * MIB
# Deflate packs at most 1032 to 1; documents reach 50. Small members may repeat themselves.
LARGEST_RATIO = 200
RATIO_FROM = 1 * MIB
CHUNK = 64 * 1024

HWPX_MIMETYPES = {"application/hwp+zip", "application/hwpx", "application/haansofthwpx"}
LISTED = b"PK\x01\x02"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True)
class Kind:
    """What a file is: `name` for programs (hwpx, hwp, xlsx, …), `words` for people."""

    name: str
    words: str


HWPX = Kind("hwpx", "a HWPX document")
HWP = Kind("hwp", "an old HWP document")
XLSX = Kind("xlsx", "an Excel workbook (xlsx)")
XLS = Kind("xls", "an OLE compound file: an old Office file such as xls, or an HWP document cut short")
ZIP = Kind("zip", "a zip archive that is neither HWPX nor xlsx")
GZIP = Kind("gzip", "a gzip archive")
PDF = Kind("pdf", "a PDF")
HTML = Kind("html", "a web page (HTML)")
XML = Kind("xml", "an XML file")
JSON = Kind("json", "a JSON text")
CSV_UTF8 = Kind("csv-utf8", "a text table in UTF-8")
CSV_CP949 = Kind("csv-cp949", "a text table in CP949 (Korean Windows)")
EMPTY = Kind("empty", "an empty file")
OTHER = Kind("other", "a file of an unknown kind")


def read_file(path: Path) -> bytes:
    """Bytes of a file named by a person; Refused when it is none, or larger than any release or export."""
    try:
        status = path.stat()
    except OSError as error:
        raise Refused(f"{path}: can not be opened ({error.strerror}). Name the file that arrived.") from None
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"{path}: not a file. Name the file that arrived.")
    if status.st_size > LARGEST_FILE:
        raise Refused(f"{path}: {status.st_size:,} bytes; files up to {LARGEST_FILE:,} are read. A release or "
                      "an export of this report's figures is far smaller: ask for fewer years or tables.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path}: can not be read ({error.strerror}).") from None


def kind_of(content: bytes) -> Kind:
    """What a file is. Never fails: what is not recognised is `other`."""
    if not content:
        return EMPTY
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(content)
    if content.startswith(OLE):
        # The name of the stream every HWP 5 document begins with, as the directory of the file spells it.
        return HWP if "FileHeader".encode("utf-16-le") in content else XLS
    if content.startswith(b"HWP Document File"):
        return HWP
    if content.startswith(b"\x1f\x8b"):
        return GZIP
    if content.startswith(b"%PDF-"):
        return PDF
    return _kind_of_text(content)


def _crowded(content: bytes) -> bool:
    """Whether an archive lists more members than any document: told before the list is read into memory."""
    return content.count(LISTED) > MOST_MEMBERS


def _kind_of_zip(content: bytes) -> Kind:
    if _crowded(content):
        return ZIP
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {info.filename: info for info in archive.infolist()}
            if "xl/workbook.xml" in names:
                return XLSX
            declared = names.get("mimetype")
            if declared and declared.file_size < 200 and not declared.flag_bits & 1:
                with archive.open(declared) as member:
                    mimetype = member.read(200).decode("ascii", "replace").strip()
                return HWPX if mimetype in HWPX_MIMETYPES else ZIP
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, zlib.error):
        pass
    return ZIP


def _kind_of_text(content: bytes) -> Kind:
    text, encoding = None, ""
    for encoding in ("utf-8", "cp949"):
        try:
            text = content.removeprefix(b"\xef\xbb\xbf").decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or "\x00" in text:
        return OTHER
    start = text.lstrip()[:2000].lower()
    if start.startswith(("<!doctype html", "<html")) or ("<html" in start and start.startswith("<")):
        return HTML
    if start.startswith("<"):
        return XML
    if start.startswith(("{", "[")):
        try:
            json.loads(text)
            return JSON
        except (ValueError, RecursionError):
            pass
    lines = text[:100_000].lstrip("\r\n").splitlines()[:60]
    # Lines of title may stand above a table; one line with a comma among them is prose.
    if lines and any(mark in lines[0] or sum(mark in line for line in lines) > 1 for mark in ",;\t"):
        return CSV_UTF8 if encoding == "utf-8" else CSV_CP949
    return OTHER


class SafeZip:
    """The members of a zip archive from elsewhere, checked before any is unpacked.

    Refused: broken or encrypted archives, names that lead out of the archive, a name given twice, too
    many members, members that are or claim to be too large, or packed too tightly to be a document.
    """

    def __init__(self, content: bytes, path: str):
        self.path = path
        if _crowded(content):
            raise Refused(f"{path}: more than {MOST_MEMBERS} members. Not a document.")
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
            raise Refused(f"{path}: a broken zip archive ({error}). Download it again.") from None
        members = self.archive.infolist()
        self.members: dict[str, zipfile.ZipInfo] = {}
        self.spellings: set[str] = set()
        for member in members:
            self._check(member)
            self.members[member.filename] = member
        self.left = LARGEST_TOTAL
        if (total := sum(member.file_size for member in members)) > LARGEST_TOTAL:
            raise Refused(f"{path}: {total:,} bytes when unpacked; up to {LARGEST_TOTAL:,} are read. A release "
                          "is about 2,000,000: this looks like a zip bomb.")

    def _check(self, member: zipfile.ZipInfo) -> None:
        name = member.filename
        where = f"{self.path}, member {_shown(name)}"
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not name or "\x00" in name or "\\" in name or re.match(r"[A-Za-z]:", name) or name.startswith("/"):
            raise Refused(f"{where}: an absolute or impossible name. Documents have none; get it again from "
                          "the ministry's page.")
        if ".." in parts:
            raise Refused(f"{where}: its name leads out of the archive. Documents have none such; get it "
                          "again from the ministry's page.")
        # Two members of one name, however it is spelt, let two programs read two different documents.
        spelling = "/".join(part for part in parts if part != ".").lower()
        if spelling in self.spellings:
            raise Refused(f"{where}: there are two of that name. Save the document anew and add that file.")
        self.spellings.add(spelling)
        if member.flag_bits & 0x1:
            raise Refused(f"{where}: encrypted. Save the document without a password and add that file.")
        if member.file_size > LARGEST_MEMBER:
            raise Refused(f"{where}: {member.file_size:,} bytes when unpacked; up to {LARGEST_MEMBER:,} are "
                          "read. This looks like a zip bomb.")
        if member.file_size > RATIO_FROM and member.file_size > LARGEST_RATIO * max(1, member.compress_size):
            raise Refused(f"{where}: packed {member.file_size // max(1, member.compress_size)} to 1, more than "
                          f"{LARGEST_RATIO} to 1. This looks like a zip bomb.")

    def read(self, name: str) -> bytes:
        """Bytes of a member. What its header claims is not believed: the limits are kept while unpacking."""
        member = self.members.get(name)
        where = f"{self.path}, member {_shown(name)}"
        if member is None:
            raise Refused(f"{where}: not there. The document is incomplete; download it again.")
        parts, size = [], 0
        try:
            with self.archive.open(member) as stream:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    self.left -= len(chunk)
                    if size > LARGEST_MEMBER or self.left < 0:
                        raise Refused(f"{where}: larger when unpacked than its header says. This looks like "
                                      "a zip bomb.")
                    parts.append(chunk)
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, RuntimeError,
                zlib.error) as error:
            raise Refused(f"{where}: can not be unpacked ({error}). Download it again.") from None
        return b"".join(parts)


def safe_xml(content: bytes, where: str):
    """Root element of an XML text from elsewhere, as lxml reads it.

    Refused: other encodings than UTF-8, a document type (the place of entities), nesting or texts beyond
    what lxml allows by default, and what is no XML at all. `where` names file and member in messages.
    """
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{where}: byte {error.start} is not UTF-8. Save the document anew.") from None
    if found := re.search(r"<!(DOCTYPE|ENTITY)", text, flags=re.IGNORECASE):
        raise Refused(f"{where}: holds a {found[0]}, by which an XML text can pull in other files or grow "
                      "without end. Documents have none; save it anew in the word processor.")
    declared = re.match(r"<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)", text)
    if declared and declared[1].lower() not in ("utf-8", "utf8"):
        raise Refused(f"{where}: says that it is {declared[1]}; UTF-8 is read. Save the document anew.")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(f"{where}: no well-formed XML ({error.msg}). Save or download the document anew.") from None


def _shown(name: str) -> str:
    """A member's name as a message shows it."""
    return repr(name if len(name) <= 80 else name[:77] + "…")
