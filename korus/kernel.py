"""The Python kernel a notebook runs in: its surroundings, its start, its end.

The kernel is started before papermill is imported, so that both happen at the same time. It is
told where things are by environment variables, never by papermill parameters, which would write
this machine's paths into the notebook.
"""

import os
import re
import sys
from pathlib import Path
from time import monotonic

import psutil
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_async, run_sync

from korus.outputs import OutputError, Places

# A path to a Unix socket may not be longer than this on some systems.
SOCKET_PATH = 90
# The debugger takes a quarter of a kernel's start, and nobody steps through a build. Python looks for
# garbage after every 700 new objects; importing a library makes thousands, which all stay.
START = (
    "import gc, sys; gc.set_threshold(50_000); sys.modules['debugpy'] = None; "
    "from ipykernel.kernelapp import main; main()"
)
# What a shell or another tool may have set that would change what a notebook does.
UNSET = {"PYTHONPATH", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE",
         "PYTHONINSPECT", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "JUPYTER_DATA_DIR",
         "MPLBACKEND", "LANGUAGE", "KORUS_MAKE", "KORUS_FAILURES", "MAKEFLAGS", "MAKELEVEL",
         "MFLAGS"}
# Libraries choose their arithmetic by what the processor offers, and a sum of eight numbers at once is not the sum
# of four at once to the last digit. So all processors with AVX2 do as the oldest of them would.
COMMON_ARITHMETIC = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "ARROW_USER_SIMD_LEVEL": "AVX2",
}


class OneKernel(KernelSpecManager):
    """The only kernel there is: this very Python, whatever else is installed on the machine."""

    def get_kernel_spec(self, kernel_name):
        """A kernel of this interpreter, without the debugger."""
        argv = [sys.executable, "-c", START, "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class Client(AsyncKernelClient):
    """Jupyter's client, which waits 0.2 s less for a kernel (it listens for stray messages)."""

    async def wait_for_ready(self, timeout=None):
        """Return when the kernel answers on both channels; RuntimeError when it died or is late."""
        last = monotonic() + (timeout or 60)
        while monotonic() < last:
            self.kernel_info()
            try:
                reply = await ensure_async(self.shell_channel.get_msg(timeout=1))
                await ensure_async(self.iopub_channel.get_msg(timeout=0.2))
            except Exception as error:  # queue.Empty, of the library's choosing
                if type(error).__name__ != "Empty":
                    raise
            else:
                self._handle_kernel_info_reply(reply)
                return
            if not await ensure_async(self.is_alive()):
                raise RuntimeError("the kernel died before it was ready")
        raise RuntimeError("the kernel was not ready in time")


def arithmetic(described: Path = Path("/proc/cpuinfo")) -> dict[str, str]:
    """COMMON_ARITHMETIC where the processor has AVX2; elsewhere nothing, and its last digits are its own."""
    if described.exists() and re.search(r"^flags\b.*\bavx2\b", described.read_text(encoding="utf-8"), re.M):
        return COMMON_ARITHMETIC
    return {}


def environment(places: Places, inputs: list[str]) -> dict[str, str]:
    """What the kernel is told, and the settings that make its results repeatable.

    One thread each and one set of instructions: sums of floating point numbers depend on the order of addition.
    """
    private = str(places.running / "jupyter")
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return kept | arithmetic() | {
        "KORUS_PROFILE": places.profile,
        "KORUS_PROCESSED": str(places.processed),
        "KORUS_OUTPUT": str(places.output),
        "KORUS_INPUTS": os.pathsep.join(str(places.root / name) for name in inputs),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
        "JUPYTER_CONFIG_DIR": private,
        "JUPYTER_RUNTIME_DIR": private,
        "IPYTHONDIR": private,
    }


def start(places: Places, inputs: list[str]) -> AsyncKernelManager:
    """A kernel that is starting, in the project folder. This process must be there as well."""
    (places.running / "jupyter").mkdir()
    manager = AsyncKernelManager(
        connection_file=str(places.running / "kernel.json"),
        kernel_spec_manager=OneKernel(),
        client_class="korus.kernel.Client",
    )
    prefix = places.shown(places.running / "kernel")
    if len(prefix) < SOCKET_PATH:
        # Sockets in the run's own folder: two kernels starting at once never want one port.
        manager.transport, manager.ip = "ipc", prefix
    with (places.running / "kernel.log").open("wb") as log:
        run_sync(manager.start_kernel)(
            cwd=str(places.root), env=environment(places, inputs), stdout=log, stderr=log,
            extra_arguments=["--HistoryManager.enabled=False"],
        )
    return manager


def last_words(places: Places) -> str:
    """What the kernel's process printed at the end, for when it died."""
    log = places.running / "kernel.log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-5:])


def open_outputs(places: Places) -> list[str]:
    """Files below the output folder that a process of the notebook still holds open."""
    below = str(places.output) + os.sep
    found = set()
    for child in psutil.Process().children(recursive=True):
        try:
            found |= {handle.path for handle in child.open_files()}
        except psutil.Error:  # it has just ended
            continue
    return sorted(path.removeprefix(below) for path in found if path.startswith(below))


def refuse_open_outputs(places: Places) -> None:
    """Stop when an output is still open: its last lines may not have reached the disk."""
    still_open = open_outputs(places)
    if still_open:
        raise OutputError(
            f"{places.notebook} ended with {', '.join(still_open)} still open. Write it within "
            "`with open(…)`, or close it."
        )


def kill() -> None:
    """End every process this one started (the kernel, and what a notebook started)."""
    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.Error:
            continue
