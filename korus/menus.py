"""Adds to the pages, as Sphinx writes them, what leads to the files of the report (korus/downloads.py).

Below each figure a menu of its files; below each table that has a title the table as CSV; under the title of
each chapter its notebook, its values and where they come from. All of it has the class `korus-files`, which paper
leaves out.
"""

from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from korus import downloads, provenance


class FileRole(SphinxRole):
    """{published-file}`values.csv`: a link to `files/values.csv` with its size."""

    def run(self):
        folder = Path(self.env.srcdir) / downloads.FOLDER
        up = _up(self.env.docname)
        if not (folder / self.text).exists():
            message = self.inliner.reporter.error(f"no file {self.text!r} below files/", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        size = downloads.size_words((folder / self.text).stat().st_size)
        words = f"{PurePosixPath(self.text).name} ({size})"
        return [nodes.reference("", words, refuri=f"{up}files/{self.text}", internal=True)], []


def _up(docname: str) -> str:
    """From a page to the folder of the first pages."""
    return "../" * docname.count("/")


def _put_after(node: nodes.Node, markup: str) -> None:
    node.parent.insert(node.parent.index(node) + 1, nodes.raw("", markup, format="html"))


def figure_menus(doctree: nodes.document, folder: Path, up: str) -> None:
    """Below each figure of the chain the menu of its files; the page shows the very SVG that it offers."""
    for figure in list(doctree.findall(nodes.figure)):
        image = next(iter(figure.findall(nodes.image)), None)
        path = PurePosixPath(image["uri"]) if image is not None else None
        if path is None or path.parent.name != "figures":
            continue
        image["uri"] = f"{up}files/figures/{path.name}"
        image["candidates"] = {"?": image["uri"]}  # Sphinx leaves it alone: no second copy in _images
        entries = downloads.figure_entries(path.stem, folder)
        _put_after(figure, downloads.menu(f"figure {path.stem}", entries, folder, up))


def rows_of(table: nodes.table) -> list[list[str]]:
    """The cells of a table as text, its head first."""
    return [[" ".join(entry.astext().split()) for entry in row.findall(nodes.entry)]
            for row in table.findall(nodes.row)]


def table_menus(doctree: nodes.document, page: str, folder: Path, up: str) -> None:
    """Below each table with a title its rows as CSV.

    A table without one is part of a text: the hashes on the page of the build's status, which are in the
    records that it links.
    """
    for table in list(doctree.findall(nodes.table)):
        title = next(iter(table.findall(nodes.title)), None)
        if title is None:
            continue
        content = downloads.csv_text(table.get("korus_rows") or rows_of(table))
        name = downloads.put_table(folder, page, title.astext(), content)
        _put_after(table, downloads.menu(f"table: {title.astext()}", [(downloads.TABLE_FILE, name)], folder, up))


def result_menus(doctree: nodes.document, docname: str, folder: Path, up: str) -> None:
    """Below the table of claims, and that of the other values of a notebook, the file of results it is made of."""
    page = PurePosixPath(docname).name
    name = "claims.csv" if docname == "ledger" else f"values/{page}.csv"
    if docname != "ledger" and not docname.startswith(f"{provenance.PAGE}/"):
        return
    for markup in list(doctree.findall(nodes.raw)):
        if '<table class="korus' in markup.astext():
            _put_after(markup, downloads.menu(name, [(downloads.TABLE_FILE, name)], folder, up))


def chapter_line(doctree: nodes.document, name: str, folder: Path, up: str) -> None:
    """Under the title of a chapter: its notebook, its values, where these come from, and all data."""
    title = next(iter(doctree.findall(nodes.title)))
    links = [downloads.link("Notebook (.ipynb)", f"notebooks/{name}.ipynb", folder, up)]
    if (folder / "values" / f"{name}.csv").exists():
        links += [downloads.link("values (CSV)", f"values/{name}.csv", folder, up),
                  f'<a href="{up}{provenance.page_of(name)}.html">where its numbers come from</a>']
    else:
        links.append(f'<a href="{up}{provenance.PAGE}.html">where the numbers come from</a>')
    links.append(downloads.link("all data (zip)", "korus-data.zip", folder, up))
    items = "".join(f"<li>{link}</li>" for link in links)
    _put_after(title, '<nav class="korus-files korus-chapter" aria-label="Files of this chapter">'
                      f"<ul>{items}</ul></nav>")


def add_menus(app, doctree: nodes.document, docname: str) -> None:
    """All of it, for one page of the HTML."""
    folder, up = Path(app.srcdir) / downloads.FOLDER, _up(docname)
    page = PurePosixPath(docname).name
    figure_menus(doctree, folder, up)
    table_menus(doctree, page, folder, up)
    result_menus(doctree, docname, folder, up)
    if docname.startswith("chapters/"):
        chapter_line(doctree, page, folder, up)


def without_inline_scripts(app, pagename, templatename, context, doctree) -> None:
    """Drop the lines of script that the theme adds for features this book does not have."""
    if "script_files" in context:
        context["script_files"] = [script for script in context["script_files"] if script.filename]


def setup(app) -> None:
    """Register with Sphinx."""
    app.add_role("published-file", FileRole())
    app.connect("doctree-resolved", add_menus)
    app.connect("html-page-context", without_inline_scripts, priority=1000)
