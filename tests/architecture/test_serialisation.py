"""JSON comes back as what was written; anything else is refused with what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.architecture.samples import WHOLE, architectures

import graftwork
from graftwork.architecture import Architecture, from_json, violations
from graftwork.errors import InputError, NotViableError


@given(architectures)
def test_round_trip(architecture: Architecture) -> None:
    again = Architecture.from_json(architecture.to_json())
    assert again == architecture
    assert hash(again) == hash(architecture)
    assert again.to_json() == architecture.to_json()


def test_the_document_says_what_it_is() -> None:
    document = json.loads(WHOLE.to_json())
    assert (document["schema"], document["version"]) == ("graftwork/architecture", 2)


def test_what_version_1_said_of_a_network_is_said_of_its_layers() -> None:
    document = json.loads(WHOLE.to_json())
    document["version"] = 1
    layers = [{"width": width, "activation": "tanh"} for width in (16, 16, 8, 8)]
    for network in document["networks"]:
        del network["shape"]
        network["residual"] = network["name"] == "n1"
        network["hidden"] = layers
    for connection in document["connections"]:
        del connection["reading"]
    for port in (*document["inputs"], *document["outputs"]):
        port.pop("categories", None)
        del port["shape"]
    old = from_json(json.dumps(document))
    assert [layer.residual for layer in old.network("n1").hidden] == [False, True, False, True]
    assert not any(layer.residual for layer in old.network("n0").hidden)
    assert from_json(old.to_json()) == old


def edited(edit: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(WHOLE.to_json())
    edit(document)
    return json.dumps(document)


def huge(document: dict[str, Any], field: str, count: int) -> None:
    document[field] = [document[field][0]] * count


REFUSED: dict[str, tuple[str, str]] = {
    "empty": ("", "not valid JSON"),
    "not JSON": ("Architecture(inputs=...)", "not valid JSON"),
    "cut short": (WHOLE.to_json()[:-20], "not valid JSON"),
    "half a character": ('{"schema": "\ud800"}', "not valid JSON"),
    "list": ("[]", "must be an object"),
    "deep": ("[" * 100_000, "not valid JSON"),
    "deep inside": (
        edited(lambda d: None)[:-1] + ', "x": ' + "[" * 5000 + "]" * 5000 + "}",
        "not valid JSON",
    ),
    "too large": (" " * 5_000_001, "5000001 bytes or more, expected at most 5000000"),
    "too large in bytes": ("\u20ac" * 2_000_000, "6000000 bytes or more, expected"),
    "other schema": (edited(lambda d: d.update(schema="other/thing")), "graftwork/architecture"),
    "no schema": (edited(lambda d: d.pop("schema")), "graftwork/architecture"),
    "newer": (edited(lambda d: d.update(version=3)), "version 3, this program reads up to 2; upgrade"),
    "newer, with more": (
        edited(lambda d: d.update(version=9, more=1)),
        "version 9, this program reads up to 2",
    ),
    "version zero": (edited(lambda d: d.update(version=0)), "version must be a whole number of at least 1"),
    "version true": (edited(lambda d: d.update(version=True)), "version must be a whole number"),
    "unknown field": (edited(lambda d: d.update(weights=[])), "weights: "),
    "unknown field inside": (edited(lambda d: d["networks"][1].update(bias=1)), "networks.1.bias: "),
    "missing field": (edited(lambda d: d.pop("connections")), "connections: "),
    "unknown kind": (edited(lambda d: d["networks"][0].update(kind="oracle")), "networks.0.kind: .*oracle"),
    "unknown role": (edited(lambda d: d["connections"][0].update(role="x")), "connections.0.role: "),
    "width as text": (edited(lambda d: d["networks"][0].update(width="20")), "networks.0.width: "),
    "width as true": (edited(lambda d: d["networks"][0].update(width=True)), "networks.0.width: "),
    "width not whole": (edited(lambda d: d["networks"][0].update(width=20.0)), "networks.0.width: "),
    "not a list": (edited(lambda d: d.update(networks={"a": 1})), "networks: "),
    "many networks": (edited(lambda d: huge(d, "networks", 1001)), "1001 networks, expected at most 1000"),
    "many connections": (edited(lambda d: huge(d, "connections", 10_001)), "10001 connections"),
    "many inputs": (edited(lambda d: huge(d, "inputs", 1001)), "1001 inputs"),
    "many layers": (
        edited(lambda d: d["networks"][0].update(hidden=[{"width": 4, "activation": "relu"}] * 1001)),
        "1001 hidden layers",
    ),
    "faults without end": (
        edited(lambda d: d["networks"][0].update(hidden=[{}] * 1_000_000)),
        "more than 100000 values in all",
    ),
    "endless width": (edited(lambda d: d["networks"][0].update(width=10**400)), "more than 100 digits"),
    "vast width": (edited(lambda d: d["networks"][0].update(width=10**99)), "units in one layer"),
}


@pytest.mark.parametrize("planted", REFUSED)
def test_refused_with_what_is_wrong(planted: str) -> None:
    text, message = REFUSED[planted]
    with pytest.raises(InputError, match=message) as caught:
        from_json(text)
    assert not isinstance(caught.value, NotViableError)
    assert len(str(caught.value)) < 5000


def test_a_million_networks_are_refused_by_the_size_of_the_text() -> None:
    network = json.dumps(json.loads(WHOLE.to_json())["networks"][0])
    with pytest.raises(InputError, match="bytes or more, expected at most"):
        from_json(f'{{"networks": [{",".join([network] * 1_000_000)}]}}')


def test_bytes_are_refused() -> None:
    with pytest.raises(InputError, match="string of JSON, got bytes"):
        from_json(WHOLE.to_json().encode())  # type: ignore[arg-type]


def test_not_viable_names_every_broken_rule() -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["connections"].append({"source": "n1", "target": "n0", "role": "input"})
        document["connections"].append({"source": "n7", "target": "n0", "role": "input"})
        document["networks"][0]["hidden"][0]["activation"] = "step"

    with pytest.raises(NotViableError) as caught:
        from_json(edited(spoil))
    assert len(caught.value.violations) == 3
    for part in ("n0, n1 form a cycle", "refers to 'n7'", "unknown activation 'step'"):
        assert part in str(caught.value)


@given(st.data())
def test_a_spoiled_document_is_refused_or_still_viable(data: st.DataObject) -> None:
    text = WHOLE.to_json()
    place = data.draw(st.integers(0, len(text) - 1))
    spoiled = text[:place] + data.draw(st.characters()) + text[place + 1 :]
    try:
        architecture = from_json(spoiled)
    except InputError:
        return
    assert violations(architecture) == []


def test_importing_the_package_loads_neither_pydantic_nor_torch() -> None:
    code = "import sys, graftwork.architecture; print([m for m in ('pydantic', 'torch') if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(Path(graftwork.__file__).parents[1])}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
