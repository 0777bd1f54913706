"""Old HWP documents (HWP 5, an OLE compound file), by conversion to HWPX; nothing is read from them directly."""

import warnings

from korus.sources.refusal import Refused

REMEDY = "Open it in Hangul or in the free viewer, save it as HWPX (*.hwpx), and add that file."


def as_hwpx(content: bytes, path: str) -> bytes:
    """A HWPX document with the content of an HWP document. `path` is the file as messages show it.

    Raises Refused for protected, broken or older documents, and for content that the conversion can not
    carry over: a figure must not get lost on the way.
    """
    from hwpx import Hwp5ConversionWarning, HwpxDocument

    try:
        with warnings.catch_warnings():
            # What could not be converted is refused below, by name.
            warnings.simplefilter("ignore", Hwp5ConversionWarning)
            document = HwpxDocument.open(content)
            lost = dict(document.conversion_report.unconverted) if document.conversion_report else {}
            converted = document.to_bytes()
    # The converter names its own errors; what a broken document does beyond them is not known.
    except Exception as error:
        raise Refused(f"{path}: the HWP document can not be converted ({type(error).__name__}: {error}). "
                      f"{REMEDY}") from error
    if lost:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(lost.items()))
        raise Refused(f"{path}: the conversion from HWP would lose content ({kinds}). {REMEDY}")
    return converted
