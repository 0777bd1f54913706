"""The checks of the other files can fail: small pages that have what they look for."""

from browser.looks import barriers, missing_pictures, sticking_out

GOOD = '<!DOCTYPE html><html lang="en"><head><title>t</title></head><body><main><h1>A title</h1>{}</main></body></html>'


def shown(tab, serve, folder, body: str):
    """A page with some content, watched."""
    (folder / "page.html").write_text(GOOD.format(body), encoding="utf-8")
    (folder / "picture.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8")
    home = serve(folder)
    watched = tab(home)
    watched.open(f"{home}/page.html")
    return watched


def problems(watched) -> list[str]:
    # The browser asks every server for an icon.
    return [said for said in watched.problems if "favicon" not in said and "404 (File not found)" not in said]


def test_a_good_page_has_nothing(tab, serve, tmp_path):
    watched = shown(tab, serve, tmp_path, '<img src="picture.svg" alt="nothing">')
    assert sticking_out(watched.page) + missing_pictures(watched.page) + barriers(watched.page) + problems(watched) == []


def test_a_wide_element_is_named_with_the_width(tab, serve, tmp_path):
    watched = shown(tab, serve, tmp_path, '<div style="width: 900px">wide</div>')
    found = sticking_out(watched.page)
    assert [line.split(":")[0] for line in found] == ["at 360 pixels", "at 768 pixels"] and "wide" in found[0]


def test_what_scrolls_in_its_own_box_is_no_overflow(tab, serve, tmp_path):
    watched = shown(tab, serve, tmp_path, '<div style="overflow-x: auto"><div style="width: 900px">wide</div></div>')
    assert sticking_out(watched.page) == []


def test_a_picture_that_is_not_there_is_named(tab, serve, tmp_path):
    watched = shown(tab, serve, tmp_path, '<img src="gone.svg" alt="nothing">')
    assert "gone.svg" in missing_pictures(watched.page)[0]
    assert any("404" in said and "gone.svg" in said for said in watched.problems)


def test_a_request_elsewhere_is_cut_off_and_named(tab, serve, tmp_path):
    watched = shown(tab, serve, tmp_path, '<img src="https://example.org/a.png" alt="nothing">')
    assert "asks https://example.org/a.png" in watched.problems


def test_an_error_of_a_script_is_named(tab, serve, tmp_path):
    watched = shown(tab, serve, tmp_path, "<script>throw new Error('broken')</script>")
    assert "script: broken" in watched.problems


def test_a_picture_without_words_and_pale_text_are_barriers(tab, serve, tmp_path):
    watched = shown(tab, serve, tmp_path, '<img src="picture.svg"><p style="color: #aaa">pale</p>')
    assert {line.split()[0] for line in barriers(watched.page)} == {"image-alt", "color-contrast"}
