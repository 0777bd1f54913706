"""Execute one notebook through papermill, in a kernel whose surroundings are always the same."""

import sys

from korus import kernel
from korus.outputs import Places, Refused

# Tags of the cells papermill adds: the parameters, and two that point at an error.
ADDED = {"injected-parameters", "papermill-error-cell-tag"}


class NotebookFailed(Refused):
    """A cell of the notebook raised; `cell` counts the source notebook's cells from 1."""

    def __init__(self, cell: int | None, line: str, message: str):
        super().__init__(message)
        self.cell, self.line, self.message = cell, line, message


def papermill():
    """Papermill and its parts, imported now: it takes longer than all the rest of the runner.

    Papermill can keep notebooks on Hadoop, through pyarrow if it is there; without it papermill
    does without, and 0.1 s sooner. The notebook itself runs in another process.
    """
    sys.modules.setdefault("pyarrow", None)
    import nbformat
    import papermill
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.log import logger

    class Engine(NBClientEngine):
        """Papermill's own engine; it only keeps hold of the notebook, for when the kernel dies."""

        running = None

        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, **settings):
            """Execute as papermill does."""
            cls.running = nb_man.nb
            return super().execute_managed_notebook(nb_man, kernel_name, **settings)

    logger.disabled = True  # what it has to say, the runner says
    papermill_engines.register("korus", Engine)
    return papermill, nbformat, Engine


def execute(places: Places, inputs: list[str], parameters: dict) -> tuple[dict, float | None]:
    """The executed notebook, and the seconds its first code cell (the imports) took.

    Raises NotebookFailed; the notebook as far as it came is then `executed.ipynb` in the folder
    of the run.
    """
    manager = kernel.start(places, inputs)
    try:
        library, nbformat, engine = papermill()
        executed = places.shown(places.running / "executed.ipynb")
        try:
            # Relative paths: papermill would take braces in a folder's name for parameters.
            notebook = library.execute_notebook(
                places.shown(places.source), executed, parameters=parameters, km=manager,
                engine_name="korus", kernel_name="python3", language="python",
                progress_bar=False, request_save_on_cell_execute=False, autosave_cell_every=0,
            )
        except library.PapermillExecutionError as error:
            cells = engine.running.cells
            cell = next(c for c in cells if c.source == error.source and _raised(c))
            raise _failure(cells, cell, f"{error.ename}: {error.evalue}") from None
        except RuntimeError as error:  # nbclient's DeadKernelError among them
            cells = engine.running.cells if engine.running else []
            cell = next((c for c in reversed(cells) if _status(c) != "pending"), None)
            if cells:
                nbformat.write(engine.running, executed)
            raise _failure(
                cells, cell, f"{type(error).__name__}: {error} (out of memory, killed, or a "
                f"crash inside a library)\n{kernel.last_words(places)}".rstrip()
            ) from None
        kernel.refuse_open_outputs(places)
    finally:
        kernel.kill()
    return notebook, _first_code_seconds(notebook)


def _status(cell) -> str:
    return cell.metadata.get("papermill", {}).get("status", "")


def _raised(cell) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def _failure(cells, cell, message: str) -> NotebookFailed:
    """The failing cell as the author numbers it (papermill adds cells), its first line, the error.

    `cells` are those executed, `cell` the failing one of them or None when no cell had begun.
    """
    if cell is None:
        return NotebookFailed(None, "", message)
    own = [c for c in cells if not ADDED & set(c.metadata.get("tags", []))]
    number = next(i for i, c in enumerate(own, start=1) if c is cell)
    line = next((line for line in cell.source.splitlines() if line.strip()), "")
    return NotebookFailed(number, line.strip(), message)


def _first_code_seconds(notebook) -> float | None:
    """Seconds of the first code cell that is no parameters cell, by papermill's clock."""
    for cell in notebook.cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and not tags & (ADDED | {"parameters"}):
            return cell.metadata.get("papermill", {}).get("duration")
    return None
