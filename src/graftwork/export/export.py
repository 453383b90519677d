"""A model into a folder: written, checked, and there only if it answers as the model does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from graftwork.errors import InputError, RunError
from graftwork.export._check import CHECKED_ROWS, differences
from graftwork.export._files import ENDINGS, Format, named_format, opened, write
from graftwork.export._graphs import Graph, graphs
from graftwork.export._readme import readme
from graftwork.model import HeterogeneousModel, check_answers, common_dtype
from graftwork.problem import Interface, Problem
from graftwork.store import save_tensors

TOLERANCE = 1e-4
_SIGNATURE = "graftwork/signature"


@dataclass(frozen=True)
class Exported:
    """What was written and how it was checked.

    Attributes:
        folder: Where it is.
        files: Names of its files.
        rows: Random rows that file and model were both asked.
        differences: Greatest difference between the two by output: of probabilities as they are, of numbers
            in units of the deviation of the training rows, or of the answer where that is larger.
        tolerance: The greatest that is let pass.
    """

    folder: Path
    files: tuple[str, ...]
    rows: int
    differences: Mapping[str, float]
    tolerance: float

    @property
    def greatest(self) -> float:
        """The greatest of all outputs."""
        return max(self.differences.values())


def export_model(
    model: HeterogeneousModel,
    problem: Problem | Interface,
    folder: str | Path,
    *,
    format: Format = "onnx",
    tolerance: float = TOLERANCE,
) -> Exported:
    """Write a model, its preprocessing inside, as files that others run without Graftwork.

    `model.onnx` or `model.pt2` answers, and `sampler.onnx` or `sampler.pt2` makes rows up of standard normal
    draws, each where the problem has such outputs. They take any number of rows. `signature.json` and
    `README.md` say what goes in and comes out, `interface.json` is all that was fitted. In `torch`,
    `architecture.json` and `weights.safetensors` are there too, of which Graftwork builds the model again.

    After writing, the files are run on random rows and held against the model.

    Args:
        model: The model, in float32.
        problem: The problem that it answers, or its interface, such as a run keeps.
        folder: Where to; it must not exist yet.
        format: `onnx`, or `torch` for programs of `torch.export`.
        tolerance: Greatest difference to the model that is let pass.

    Raises:
        InputError: The folder exists, the format is unknown, or the model answers another problem.
        MissingExtraError: The format is `onnx`, and the extra of that name is not installed.
        RunError: A file answers otherwise than the model; nothing is left behind.

    Example:
        >>> import tempfile
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> small = gw.SearchSpace.modern(max_networks=4)
        >>> model = gw.build(gw.random_architecture(problem, small, seed=0), seed=0)
        >>> exported = export_model(model, problem, tempfile.mkdtemp() + "/model", format="torch")
        >>> exported.files[:3], exported.greatest < 1e-4
        (('README.md', 'architecture.json', 'interface.json'), True)
    """
    named_format(format)
    out = Path(folder)
    interface = problem.interface if isinstance(problem, Problem) else problem
    # Neither folders of this machine nor training rows are anybody else's business.
    interface = replace(
        interface, images=interface.images and replace(interface.images, folder="."), conditions={}
    )
    _check_model(model, interface)
    partial = _begun(out)
    try:
        found = _written(model, interface, partial, format, tolerance)
        files = tuple(sorted(path.name for path in partial.iterdir()))
        partial.replace(out)
    except OSError as error:
        raise InputError(f"cannot write '{out}': {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Exported(out, files, CHECKED_ROWS, found, tolerance)


def _written(
    model: HeterogeneousModel, interface: Interface, folder: Path, format: Format, tolerance: float
) -> dict[str, float]:
    """Write all files; differences by output."""
    found: dict[str, float] = {}
    made = graphs(model, interface)
    for graph in made:
        path = folder / (graph.name + ENDINGS[format])
        write(graph, path)
        answer = opened(path, [port.name for port in graph.outputs])
        found |= differences(graph, answer, model, interface)
    worst = max(found, key=lambda name: found[name])
    if not found[worst] <= tolerance:
        raise RunError(
            f"the exported file answers otherwise than the model: output {worst!r} differs by "
            f"{found[worst]:.2g}, at most {tolerance:g} is let pass; nothing was kept"
        )
    (folder / "interface.json").write_text(interface.to_json(), encoding="utf-8")
    (folder / "signature.json").write_text(_signature(made, format), encoding="utf-8")
    (folder / "README.md").write_text(readme(interface, made, format), encoding="utf-8")
    if format == "torch":
        (folder / "architecture.json").write_text(model.architecture.to_json(), encoding="utf-8")
        (folder / "weights.safetensors").write_bytes(save_tensors(model.state_dict()))
    return found


def _signature(made: list[Graph], format: Format) -> str:
    told = {
        graph.name + ENDINGS[format]: {
            "inputs": [asdict(port) for port in graph.inputs],
            "outputs": [asdict(port) for port in graph.outputs],
        }
        for graph in made
    }
    return json.dumps({"format": _SIGNATURE, "version": 1, "graphs": told}, indent=1)


def _check_model(model: HeterogeneousModel, interface: Interface) -> None:
    check_answers(model, interface)
    if str(common_dtype(model)) != "torch.float32" or model.device.type != "cpu":
        raise InputError("model: expected float32 on the CPU; `model.float().cpu()` makes it so")


def _begun(out: Path) -> Path:
    """An empty folder beside the one that is wanted, which must not be there."""
    if out.exists() or out.is_symlink():
        raise InputError(f"'{out}' exists already and is not overwritten; name another folder")
    partial = out.with_name(f".{out.name}.part")
    try:
        if partial.is_symlink() or partial.is_file():
            partial.unlink()
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"cannot write '{out}': {error.strerror or error}") from error
    return partial
