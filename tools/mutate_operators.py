"""The changes a mutant is made of: comparison, arithmetic, boolean, number, negation and answer.

A change is named by its kind and the how-manieth node of the file it touches, so that it can be made again from the text.
"""
import ast
from typing import NamedTuple

COMPARE = {ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
           ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
           ast.IsNot: (ast.Is,)}
ARITHMETIC = {ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
              ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.Mult,), ast.BitOr: (ast.BitAnd,), ast.BitAnd: (ast.BitOr,)}
OPPOSITE = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Change(NamedTuple):
    """One change: which node of the file (in the order of the tree), which of its variants, and how it reads."""

    node: int
    variant: int
    line: int
    column: int
    text: str


def _code_nodes(tree):
    """All nodes that are run: annotations and doc strings are only read."""
    skipped = set()
    for node in ast.walk(tree):
        for note in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if note is not None:
                skipped |= {id(part) for part in ast.walk(note)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
    return [node for node in ast.walk(tree) if id(node) not in skipped]


def _compared(node):
    swaps = COMPARE.get(type(node.ops[0]), ())
    return [ast.Compare(node.left, [swap(), *node.ops[1:]], node.comparators) for swap in swaps]


def _calculated(node):
    return [ast.BinOp(node.left, swap(), node.right) for swap in ARITHMETIC.get(type(node.op), ())]


def _joined(node):
    return [ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)]


def _signed(node):
    return [node.operand] if isinstance(node.op, (ast.Not, ast.USub)) else []


def _number(node):
    value = node.value
    if isinstance(value, bool):
        return [ast.Constant(not value)]
    return [ast.Constant(value + 1)] if isinstance(value, int) else []


def _called(node):
    name = getattr(node.func, "id", None)
    return [ast.Call(ast.Name(OPPOSITE[name], ast.Load()), node.args, node.keywords)] if name in OPPOSITE else []


def _branch(node):
    return [_with(node, test=ast.UnaryOp(ast.Not(), node.test))]


def _answer(node):
    empty = node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    return [] if empty else [ast.Return(ast.Constant(None))]


def _with(node, **parts):
    return type(node)(**{**{name: getattr(node, name) for name in node._fields}, **parts})


KINDS = {ast.Compare: _compared, ast.BinOp: _calculated, ast.BoolOp: _joined, ast.UnaryOp: _signed, ast.Constant: _number,
         ast.Call: _called, ast.If: _branch, ast.IfExp: _branch, ast.Return: _answer}


def variants(node):
    """The changed forms of a node."""
    make = KINDS.get(type(node))
    return make(node) if make else []


def _reads(node):
    """A node as one short line; of a branch only its condition."""
    shown = node.test if isinstance(node, (ast.If, ast.IfExp)) else node
    text = ast.unparse(ast.fix_missing_locations(shown)).replace("\n", " ")
    return text if len(text) <= 90 else f"{text[:87]}..."


def changes(source):
    """Every change that can be made to a file."""
    found = []
    for index, node in enumerate(_code_nodes(ast.parse(source))):
        for variant, other in enumerate(variants(node)):
            found.append(Change(index, variant, node.lineno, node.col_offset, f"{_reads(node)}  ->  {_reads(other)}"))
    return found


class _Swap(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def mutated(source, change):
    """The compiled code of a file with one change made."""
    tree = ast.parse(source)
    node = _code_nodes(tree)[change.node]
    new = ast.copy_location(variants(node)[change.variant], node)
    return compile(ast.fix_missing_locations(_Swap(node, new).visit(tree)), "<mutant>", "exec")
