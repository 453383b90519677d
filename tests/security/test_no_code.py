"""Nothing in the package loads a format that can run code, or makes code of text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import graftwork

SOURCE = Path(graftwork.__file__).parent
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "yaml"}
SERVERS = {"socket", "socketserver", "http", "xmlrpc", "asyncio", "uvicorn", "flask"}
CALLS = {"eval", "exec", "compile", "__import__"}


def dangers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found = {alias.name.split(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found = {module.split(".")[0]}
            case _:
                found = set()
        yield from sorted(found & (MODULES | SERVERS))
        if isinstance(node, ast.Call):
            yield from called(node)


def called(call: ast.Call) -> Iterator[str]:
    said = ast.unparse(call.func)
    keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if said in CALLS or said in {"torch.load", "torch.jit.load"} or said.endswith("read_pickle"):
        yield said
    if said == "np.load" and keywords.get("allow_pickle") != "False":
        yield "np.load that may unpickle"
    if "shell" in keywords or said in {"os.system", "os.popen"}:
        yield "a shell"


def test_nothing_loads_what_can_run_or_serves() -> None:
    found = {
        str(path.relative_to(SOURCE)): list(dangers(ast.parse(path.read_text())))
        for path in SOURCE.rglob("*.py")
    }
    assert len(found) > 200
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from http.server import HTTPServer",
        "eval(text)",
        "torch.load(path)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "subprocess.run(text, shell=True)",
        "pd.read_pickle(path)",
    ],
)
def test_each_would_be_found(line: str) -> None:
    assert list(dangers(ast.parse(line)))
