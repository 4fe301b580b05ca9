"""A file of the package is read in one sitting, a function on a screen or two."""

import ast
import io
import tokenize
from pathlib import Path

import pytest

import needs_analysis

PACKAGE = Path(needs_analysis.__file__).parent
FILE_MOST, FUNCTION_MOST = 400, 60
LAYOUT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
}  # fmt: skip
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_lines(text: str, tree: ast.Module) -> set[int]:
    """Return the lines that hold code: no docstrings, comments, blanks."""
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            held.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            held.difference_update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return held


def too_long(text: str) -> dict[str, int]:
    """Return the code lines of what is too long: "" the file, the others its functions' bodies."""
    tree = ast.parse(text)
    held = code_lines(text, tree)
    found = {"": len(held)} if len(held) > FILE_MOST else {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = held.intersection(range(node.body[0].lineno, node.end_lineno + 1))
            if len(body) > FUNCTION_MOST:
                found[node.name] = len(body)
    return found


@pytest.mark.slow
def test_no_file_and_no_function_is_too_long():
    over = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for function, count in too_long(path.read_text("utf-8")).items():
            over[f"{name}:{function}".rstrip(":")] = count
    assert over == {}, "part it by its subjects"


def test_only_code_counts():
    text = '"""Doc.\n\nMore."""\n\n# why\n\ndef f():\n    """Doc."""\n    # why\n    return """a\nb"""\n'
    assert code_lines(text, ast.parse(text)) == {7, 10, 11}
    assert too_long("x = 1\n" * 401) == {"": 401}
    assert too_long("def f():\n" + "    x = 1\n" * 61) == {"f": 61}
    assert too_long("def f():\n" + "    x = 1\n" * 60) == {}
