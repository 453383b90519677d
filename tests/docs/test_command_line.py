"""docs/command-line.md describes the commands that there are, with their options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from graftwork.cli._main import BAD_INPUT, DONE, FAILED, INTERRUPTED
from graftwork.cli.app import app

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
COMMANDS = {
    name: {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("-")
    }
    for name, command in vars(typer.main.get_command(app))["commands"].items()
}


def sections() -> dict[str, str]:
    """Text under the heading of each command."""
    parts = re.split(r"^## graftwork ([\w-]+)$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_it_describes_every_command_and_no_other() -> None:
    assert sections().keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_it_names_every_option_of_a_command_and_no_other(command: str) -> None:
    named = set(re.findall(r"`(--?[a-z-]+)`", sections()[command]))
    assert named | {"--json", "--quiet", "-q"} == COMMANDS[command] | {"--json", "--quiet", "-q"}


@pytest.mark.parametrize("command", COMMANDS)
def test_it_says_what_a_command_prints_and_gives_an_example(command: str) -> None:
    section = sections()[command]
    assert re.search(r"^(Prints|Writes)", section, re.MULTILINE)
    examples = re.findall(r"^    graftwork (.+)$", section, re.MULTILINE)
    assert examples
    for example in examples:
        name, *arguments = shlex.split(example)
        assert name == command
        assert {word for word in arguments if word.startswith("-")} <= COMMANDS[command]


def test_it_lists_the_exit_codes() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert codes == {DONE, FAILED, BAD_INPUT, INTERRUPTED}
