"""Exported files answer as their models do, and are not there where they would not."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from tests.export.samples import alone, model_of, together
from tests.problem.interfaces import array_problem, frame, table_problem
from tests.variation.samples import small_problem

from graftwork.architecture import Architecture, SearchSpace
from graftwork.errors import InputError, MissingExtraError, RunError
from graftwork.export import Exported, export_model, feed
from graftwork.export._check import differences, random_rows
from graftwork.export._files import opened, write
from graftwork.export._graphs import _Undone, graphs
from graftwork.export._ports import input_port
from graftwork.model import HeterogeneousModel, needed_inputs, with_weights
from graftwork.problem import Classification, ImageFolder, Interface, Problem
from graftwork.problem.signed_log import SignedLog
from graftwork.problem.tables import as_frame, read_column
from graftwork.search import predictions

SMALL = SearchSpace.modern(max_networks=4, hidden_layers=(0, 1))
PRESETS = {
    "paper": SearchSpace.paper(max_networks=4, hidden_layers=(2, 3)),
    "modern": SearchSpace.modern(max_networks=5, hidden_layers=(0, 2)),
}
ARCHITECTURES = 6
# With this seed an architecture for `table_problem` reads all of its inputs, also to sample.
READS_ALL = 3


@pytest.mark.parametrize("preset", PRESETS)
def test_random_architectures_agree_in_onnx(preset: str, tmp_path: Path) -> None:
    problem = small_problem()
    models = [model_of(problem, PRESETS[preset], seed) for seed in range(ARCHITECTURES)]
    pairs = [(model, graph) for model in models for graph in graphs(model, problem.interface)]
    made = [graph for _, graph in pairs]
    assert len(made) == 2 * ARCHITECTURES
    assert len({len(graph.inputs) for graph in made if graph.latents}) > 1  # with conditions and without
    whole = together(made)
    write(whole, tmp_path / "all.onnx")
    answer = opened(tmp_path / "all.onnx", [port.name for port in whole.outputs])
    for place, (model, graph) in enumerate(pairs):
        found = differences(graph, alone(answer, made, place), model, problem.interface)
        assert max(found.values()) < 1e-4
        another = models[(models.index(model) + 1) % ARCHITECTURES]
        if graph.name == "model":
            assert (
                max(differences(graph, alone(answer, made, place), another, problem.interface).values())
                > 1e-4
            )


@pytest.fixture(scope="module")
def table_model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Exported]:
    model = model_of(table_problem(), SMALL, READS_ALL)
    return model, export_model(model, table_problem(), tmp_path_factory.mktemp("table") / "model")


def test_a_table_is_answered_as_by_the_model(table_model: tuple[Any, Exported]) -> None:
    model, exported = table_model
    outputs = table_problem().outputs
    assert needed_inputs(model.architecture, outputs) == ("numbers", "categories", "street")
    assert exported.greatest < 1e-4
    assert exported.differences.keys() == outputs.keys()
    columns = pd.DataFrame(frame())
    columns.loc[:3, "town"] = ["oak", "nowhere", None, "ash"]
    columns.loc[:2, "street"] = ["street 3", "unknown", None]
    expected = predictions(model, table_problem(), columns)
    table = table_problem().table
    assert table is not None
    read = {name: read_column(as_frame(columns), name, table.kinds[name]) for name in table.inputs}
    session = onnxruntime.InferenceSession(exported.folder / "model.onnx")
    feeds = {port.name: feed(table_problem().interface, port.name, read) for port in session.get_inputs()}
    found = dict(zip([port.name for port in session.get_outputs()], session.run(None, feeds), strict=True))
    assert np.allclose(found["sold"], expected[["sold=no", "sold=yes"]], atol=1e-5)
    assert np.allclose(found["extent"], expected[["width", "depth"]], rtol=1e-4)
    assert np.allclose(found["rent"][:, 0], expected["rent"], rtol=1e-4)


def test_the_folder_says_what_it_holds(table_model: tuple[Any, Exported]) -> None:
    exported = table_model[1]
    files = ("README.md", "interface.json", "model.onnx", "sampler.onnx", "signature.json")
    assert exported.files == files == tuple(sorted(os.listdir(exported.folder)))
    assert [path.name for path in exported.folder.parent.iterdir()] == ["model"]
    signature = json.loads((exported.folder / "signature.json").read_text())["graphs"]
    assert set(signature) == {"model.onnx", "sampler.onnx"}
    text = (exported.folder / "README.md").read_text()
    for name, ports in signature.items():
        session = onnxruntime.InferenceSession(exported.folder / name)
        assert [port.name for port in session.get_inputs()] == [port["name"] for port in ports["inputs"]]
        assert [port.name for port in session.get_outputs()] == [port["name"] for port in ports["outputs"]]
        for port, told in zip(session.get_inputs(), ports["inputs"], strict=True):
            assert port.shape[1:] == told["shape"]
            assert isinstance(port.shape[0], str)
        assert all(f"| `{port['name']}` |" in text for port in [*ports["inputs"], *ports["outputs"]])
    read = Interface.from_json((exported.folder / "interface.json").read_text())
    assert read.to_json() == table_problem().interface.to_json()


def test_the_table_of_random_rows_is_of_every_kind() -> None:
    rows = random_rows(table_problem().interface)
    assert np.isnan(rows["size"].values).any()  # type: ignore[union-attr]
    assert {0.0, 1.0} <= set(rows["lift"].values)  # type: ignore[union-attr, arg-type]
    towns = set(rows["town"].values)  # type: ignore[union-attr, arg-type]
    assert {"ash", "elm", "oak", "", "no category of the training rows"} <= towns


@pytest.mark.parametrize("name", ["images", "table"])
def test_programs_of_torch_agree_and_come_with_the_model(name: str, tmp_path: Path) -> None:
    problem = array_problem() if name == "images" else table_problem()
    model = model_of(problem, SMALL, READS_ALL)
    exported = export_model(model, problem, tmp_path / "model", format="torch")
    assert exported.greatest < 1e-4
    folder = exported.folder
    architecture = Architecture.from_json((folder / "architecture.json").read_text())
    again = with_weights(architecture, load_file(folder / "weights.safetensors"))
    assert all(torch.equal(value, model.state_dict()[key]) for key, value in again.state_dict().items())
    program = torch.export.load(folder / "sampler.pt2").module()  # type: ignore[attr-defined]
    ports = json.loads((folder / "signature.json").read_text())["graphs"]["sampler.pt2"]["inputs"]
    feeds = [torch.zeros((9, *port["shape"]), dtype=getattr(torch, port["dtype"])) for port in ports]
    (made,) = program(*feeds)
    generated = next(output for output in problem.outputs.values() if output.kind == "generation")
    assert made.shape == (9, *generated.shape)  # type: ignore[attr-defined]


def test_images_and_convolutions_agree_in_onnx(tmp_path: Path) -> None:
    problem = array_problem()
    space = SearchSpace.modern(max_networks=5, convolutions=(True,), hidden_layers=(1, 2))
    model = model_of(problem, space, 13)
    kinds = {network.kind for network in model.architecture.networks}
    assert {"convolutional_encoder", "convolutional_decoder", "embedding"} <= kinds
    assert any(layer.residual for network in model.architecture.networks for layer in network.hidden)
    exported = export_model(model, problem, tmp_path / "model")
    assert exported.greatest < 1e-4
    session = onnxruntime.InferenceSession(exported.folder / "sampler.onnx")
    signature = json.loads((exported.folder / "signature.json").read_text())["graphs"]["sampler.onnx"]
    assert {port["name"] for port in signature["inputs"]} >= {"picture", "site"}  # those of conditions
    rng = np.random.default_rng(0)
    feeds = {
        port["name"]: np.ones((3, *port["shape"]), port["dtype"])
        if port["name"] in problem.inputs
        else rng.normal(size=(3, *port["shape"])).astype(port["dtype"])
        for port in signature["inputs"]
    }
    (images,) = session.run(None, feeds)
    assert images.shape == (3, 3, 8, 8)
    assert not np.allclose(images[0], images[1], atol=1e-3)


def planted(*, model: HeterogeneousModel | None = None, interface: Interface | None = None) -> float:
    """What the check finds where the model, or what was fitted, is another than what was written."""
    written, fitted = model_of(table_problem(), SMALL, READS_ALL), table_problem().interface
    graph = graphs(written, fitted)[0]

    def answer(feeds: Any) -> list[Any]:
        with torch.no_grad():
            return [found.numpy() for found in graph.module(*map(torch.from_numpy, feeds.values()))]

    assert max(differences(graph, answer, written, fitted).values()) < 1e-6
    return max(differences(graph, answer, model or written, interface or fitted).values())


def test_another_model_is_noticed() -> None:
    model = model_of(table_problem(), SMALL, READS_ALL)
    with torch.no_grad():
        next(model.parameters()).add_(0.05)
    assert planted(model=model) > 1e-4


@pytest.mark.parametrize("path", ["inputs/0/standardiser/centre", "outputs/1/standardiser/centre"])
def test_other_preprocessing_is_noticed(path: str) -> None:
    document: Any = json.loads(table_problem().interface.to_json())
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    inner = document
    for step in way:
        inner = inner[step]
    inner[last] = [value + 0.1 for value in inner[last]]
    assert planted(interface=Interface.from_json(json.dumps(document))) > 1e-4


def test_what_differs_is_not_kept(tmp_path: Path) -> None:
    model = model_of(small_problem(), SMALL)
    with pytest.raises(RunError, match="the exported file answers otherwise than the model: output"):
        export_model(model, small_problem(), tmp_path / "new" / "model", format="torch", tolerance=-1.0)
    assert list((tmp_path / "new").iterdir()) == []
    with torch.no_grad():
        next(model.parameters()).fill_(torch.nan)
    with pytest.raises(RunError, match="the model answers with numbers that are not finite"):
        export_model(model, small_problem(), tmp_path / "new" / "model", format="torch")
    assert list((tmp_path / "new").iterdir()) == []


def test_what_cannot_be_exported_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(small_problem(), SMALL)
    with pytest.raises(InputError, match="exists already"):
        export_model(model, small_problem(), tmp_path, format="torch")
    with pytest.raises(InputError, match="format: expected one of onnx, torch, came 'pickle'"):
        export_model(model, small_problem(), tmp_path / "a", format="pickle")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the model answers another problem"):
        export_model(model, table_problem(), tmp_path / "a", format="torch")
    with pytest.raises(InputError, match="expected float32 on the CPU"):
        export_model(model.double(), small_problem(), tmp_path / "a", format="torch")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"graftwork\[onnx\]"):
        export_model(model.float(), small_problem(), tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("channels", "colours"), [(1, "grey"), (3, "red, green and blue")])
def test_images_of_a_table_say_how_pixels_are_measured(channels: int, colours: str) -> None:
    pixels = np.random.default_rng(0).random((20, channels, 4, 4))
    target = (Classification(), np.arange(20) % 2)
    problem = Problem.from_arrays("birds", inputs={"photo": pixels}, outputs={"kind": target})
    arrays = problem.interface
    assert input_port(arrays, "photo").meaning == "Numbers as they are."
    meaning = input_port(replace(arrays, images=ImageFolder("photo", "photos")), "photo").meaning
    assert colours in meaning
    assert "bytes divided by 255" in meaning


def test_what_undoes_a_signed_log_cuts_as_the_library_does() -> None:
    curve = SignedLog((2.0, None, 0.5), (3.0, 4.0, 5.0))
    rows = torch.tensor([[2.0, 9.0, -4.0], [50.0, -50.0, -50.0], [-3.1, 0.0, 5.1]], dtype=torch.float64)
    np.testing.assert_allclose(_Undone(curve)(rows).numpy(), curve.undo(rows.numpy()), rtol=1e-12)
