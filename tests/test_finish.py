"""Finished pages: a policy that lets only the report's own files in, pictures with sizes, nothing that is not used."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from korus import finish

HEAD = '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n{}</head>\n<body>{}</body>\n</html>\n'


def hash_of(text: str) -> str:
    """How a policy names a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def built(folder: Path, **files: str) -> Path:
    """A rendered book: `a__b_html` is the file a/b.html."""
    for name, text in files.items():
        path = folder / re.sub(r"_(html|css|js|svg|woff2)$", r".\1", name.replace("__", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_the_policy_stands_before_everything_that_it_is_about():
    text = finish.with_policy(HEAD.format('<link rel="stylesheet" href="a.css"><script src="a.js"></script>', ""))
    assert text.index("Content-Security-Policy") < text.index("<link") and text.count("Content-Security-Policy") == 1


def test_the_policy_names_the_scripts_that_stand_in_the_page_and_no_others():
    text = finish.with_policy(HEAD.format(
        "<script>\nlet a = 'é';\n</script><script src='b.js'></script>",
        '<script type="application/json">{"c": 1}</script>'))
    rule = re.search(r"script-src ([^;]*)", text)[1]
    assert rule == f"'self' {hash_of(chr(10) + 'let a = ' + chr(39) + 'é' + chr(39) + ';' + chr(10))}"


def test_nothing_but_the_files_of_the_report_may_be_loaded():
    rules = dict(part.partition(" ")[::2] for part in finish.policy([]).split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["object-src"] == "'none'"
    assert rules["script-src"] == rules["font-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert not re.search(r"https?:|\*|unsafe-eval", finish.policy(["x"]))


@pytest.mark.parametrize("markup", ['<button onclick="window.print()">a</button>', "<img src=a\nonerror = b>"])
def test_script_in_an_attribute_stops_the_book_with_the_page(tmp_path, markup):
    html = built(tmp_path / "html", chapters__a_html=HEAD.format("", markup))
    with pytest.raises(finish.Unsafe, match="chapters/a.html: script in an attribute"):
        finish.finish(html, tmp_path / "own")


def test_words_that_look_like_a_handler_are_no_handler():
    text = HEAD.format("", "<p>based on a = b &lt;i onclick=1&gt;</p><img alt='of all, one = 3'>")
    assert "Content-Security-Policy" in finish.with_policy(text)


def test_pictures_state_their_size_and_all_but_the_first_wait(tmp_path):
    (tmp_path / "a.svg").write_text('<svg xmlns="x" class="m" width="520.4" height="300" viewBox="0 0 1 1"/>')
    images = '<img alt="one two three" src="a.svg"/><img src="a.svg"/><img src="none.svg"/>'
    text = finish.with_sizes(images, tmp_path)
    assert text == ('<img width="520" height="300" alt="one two three" src="a.svg"/>'
                    '<img width="520" height="300" loading="lazy" src="a.svg"/><img src="none.svg"/>')
    assert finish.with_sizes(text, tmp_path) == text


def test_files_of_the_theme_that_no_page_reaches_are_removed(tmp_path):
    own = built(tmp_path / "own", chart_js="1")
    html = built(
        tmp_path / "html", index_html=HEAD.format('<link href="_static/a.css?v=1" rel="stylesheet">', ""),
        _static__a_css="@font-face { src: url(fonts/b.woff2?x#y) }", _static__fonts__b_woff2="1",
        _static__fonts__c_woff2="1", _static__locales__d__e_js="1", _static__chart_js="1", other_js="1",
        _static__template_html="<p>{{ not a page }}</p>")
    finish.finish(html, own)
    left = sorted(path.relative_to(html).as_posix() for path in html.rglob("*") if path.is_file())
    assert left == ["_static/a.css", "_static/chart.js", "_static/fonts/b.woff2", "index.html", "other.js"]
    assert not (html / "_static" / "locales").exists()


def test_korean_words_are_marked_where_they_stand_and_once():
    text = finish.with_korean_marked(
        "<head><title>보도자료</title></head><p>Source: ’25년 2분기 (최종) of <b>한국</b> and A&amp;B</p>"
        '<img alt="그림"><span lang="ko">“2025년”</span><script>let a = "가";</script>')
    assert text == (
        '<head><title>보도자료</title></head><p>Source: ’<span lang="ko">25년 2분기 (최종</span>) of '
        '<b><span lang="ko">한국</span></b> and A&amp;B</p>'
        '<img alt="그림"><span lang="ko">“2025년”</span><script>let a = "가";</script>')
    assert finish.with_korean_marked(text) == text


def test_only_a_page_with_contents_watches_them():
    body = '<body data-bs-spy="scroll" data-bs-target=".bd-toc-nav">'
    assert finish.without_idle_spy(body) == '<body data-bs-target=".bd-toc-nav">'
    assert "data-bs-spy" in finish.without_idle_spy(body + '<nav class="bd-toc-nav page-toc"></nav>')
