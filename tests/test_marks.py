"""What is not in the README's test command, or needs a browser, is imported only behind the mark that skips it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted(ROOT.glob("tests/**/*.py"))}
BROWSER = ("playwright", "axe_playwright_python")


def imports(node: ast.AST) -> set[str]:
    """The top packages that are imported anywhere below a node."""
    found = set()
    for below in ast.walk(node):
        if isinstance(below, ast.Import):
            found |= {alias.name.split(".")[0] for alias in below.names}
            found |= {part for alias in below.names for part in alias.name.split(".") if part == "torch"}
        elif isinstance(below, ast.ImportFrom) and below.module:
            found |= {below.module.split(".")[0]} | {part for part in below.module.split(".") if part == "torch"}
    return found


def names(node: ast.AST) -> set[str]:
    """Every name and argument below a node: what it may call, or ask pytest for."""
    return {below.id for below in ast.walk(node) if isinstance(below, ast.Name)} | {
        below.arg for below in ast.walk(node) if isinstance(below, ast.arg)
    }


def marked(node: ast.FunctionDef | ast.Module, mark: str) -> bool:
    here = node.decorator_list if isinstance(node, ast.FunctionDef) else node.body
    lines = [ast.unparse(item) for item in here]
    if isinstance(node, ast.Module):
        lines = [line for line in lines if line.startswith("pytestmark")]
    return any(f"pytest.mark.{mark}" in line for line in lines)


def torch_without_mark(text: str) -> Iterator[str]:
    """Where a file reaches torch without its mark: "line n" at its top, or the name of the test."""
    module = ast.parse(text)
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    for node in module.body:
        if not isinstance(node, ast.FunctionDef) and "torch" in imports(node):
            yield f"line {node.lineno}"
    reaches = {name for name, node in functions.items() if "torch" in imports(node)}
    asks = {name: names(node) for name, node in functions.items()}
    while more := {name for name in functions if name not in reaches and asks[name] & reaches}:
        reaches |= more  # a helper's caller reaches what the helper reaches
    if not marked(module, "torch"):
        yield from (
            name for name in sorted(reaches) if name.startswith("test_") and not marked(functions[name], "torch")
        )


def test_torch_is_imported_only_behind_its_mark() -> None:
    asking = {name: text for name, text in FILES.items() if "torch" in text}
    assert {name: where for name, text in asking.items() if (where := list(torch_without_mark(text)))} == {}


def test_playwright_is_imported_only_below_the_browser_folder_whose_tests_are_all_marked() -> None:
    asking = [name for name, text in FILES.items() if imports(ast.parse(text)) & set(BROWSER)]
    assert asking
    assert [name for name in asking if not name.startswith("tests/browser/")] == []
    tests = [name for name in FILES if name.startswith("tests/browser/test_")]
    assert [name for name in tests if not marked(ast.parse(FILES[name]), "browser")] == []


def test_the_rule_finds_an_import_at_the_top_in_a_test_and_through_a_helper() -> None:
    text = """
import torch.nn
def helper():
    from safetensors.torch import save_file
def test_a():
    helper()
@pytest.mark.torch
def test_b():
    import torch
def test_c():
    import numpy
"""
    assert list(torch_without_mark(text)) == ["line 2", "test_a"]
