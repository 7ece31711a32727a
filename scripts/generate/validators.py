"""Schemas of client messages -> sidecar/wire/generated/validators.py, ahead of time: the daemon compiles nothing."""

from __future__ import annotations

import ast
from typing import Any

import fastjsonschema

from scripts.generate.contract import NOTICE, schemas

_HEAD = f'''"""Validators of the messages a client sends. {NOTICE}"""

import re
from collections.abc import Callable
from typing import Any

from sidecar.wire.violation import SchemaViolation

'''
_SAID_OF_A_RULE = {  # what `messages` needs to say what was expected; the rest would only swell the file
    *("type", "const", "enum", "required", "minimum", "maximum", "exclusiveMinimum"),
    *("minLength", "minItems", "maxItems", "pattern"),
}


def render() -> str:
    """Return the module's text."""
    functions: list[str] = []
    rows: list[str] = []
    for name, schema in schemas(direction="client->daemon").items():
        source = fastjsonschema.compile_to_code({**schema, "$id": name}, use_default=False, use_formats=False)
        tree = _Slim().visit(ast.parse(source))
        body = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.Assign) and not _is_version(node)]
        texts = [ast.unparse(ast.fix_missing_locations(node)) for node in body]
        functions += [text for text in texts if text not in functions]
        rows.append(f'    "{name}": validate_{name},\n')
    code = "\n\n\n".join(functions)
    head = _HEAD if "re." in code or "REGEX" in code else _HEAD.replace("import re\n", "")
    return f"{head}\n{code}\n\n\nVALIDATORS: dict[str, Callable[[dict[str, Any]], object]] = {{\n{''.join(rows)}}}\n"


class _Slim(ast.NodeTransformer):
    """Renames the exception to ours, cuts the quoted schemas down, and drops Decimal, which no decoder here makes."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "JsonSchemaValueException":
            node.id = "SchemaViolation"
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg == "definition":
            definition: dict[str, Any] = ast.literal_eval(node.value)
            said = {key: value for key, value in definition.items() if key in _SAID_OF_A_RULE}
            node.value = ast.parse(repr(said), mode="eval").body
            return node
        return self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        node.elts = [item for item in node.elts if not (isinstance(item, ast.Name) and item.id == "Decimal")]
        return self.generic_visit(node)


def _is_version(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERSION"
