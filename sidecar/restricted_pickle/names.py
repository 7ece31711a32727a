"""The names a file may hold, and what each of them builds here. Nothing is imported, and no other is known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from sidecar.restricted_pickle.arrays import DtypeParts, PendingArray, scalar, shown
from sidecar.restricted_pickle.errors import PickleRefused


class Name(Enum):
    """A thing a file may name."""

    WRAPPER = auto()
    NDARRAY = auto()
    DTYPE = auto()
    SCALAR = auto()
    RECONSTRUCT = auto()
    ENCODE = auto()


ALLOWED: Mapping[tuple[str, str], Name] = MappingProxyType(
    {
        ("joblib.numpy_pickle", "NumpyArrayWrapper"): Name.WRAPPER,
        ("numpy", "ndarray"): Name.NDARRAY,
        ("numpy", "dtype"): Name.DTYPE,
        ("numpy.core.multiarray", "scalar"): Name.SCALAR,
        ("numpy._core.multiarray", "scalar"): Name.SCALAR,  # numpy 2
        ("numpy.core.multiarray", "_reconstruct"): Name.RECONSTRUCT,
        ("numpy._core.multiarray", "_reconstruct"): Name.RECONSTRUCT,
        ("_codecs", "encode"): Name.ENCODE,  # how protocol 2 spells bytes
    }
)


def look_up(module: object, name: object) -> Name:
    """The thing with this name.

    Raises:
        PickleRefused: it is not one of ALLOWED.
    """
    found = ALLOWED.get((module, name)) if isinstance(module, str) and isinstance(name, str) else None
    if found is None:
        raise PickleRefused("not_allowed", f"the file wants {shown(module)}.{shown(name)}, which is never run")
    return found


def build(name: object, arguments: object) -> object:
    """What `name(*arguments)` makes."""
    if not isinstance(name, Name) or not isinstance(arguments, tuple):
        raise PickleRefused("not_allowed", f"the file calls {shown(name)}, which is no constructor")
    if name is Name.DTYPE and len(arguments) == 3:
        return DtypeParts(arguments[0])
    if name is Name.SCALAR:
        return scalar(arguments)
    if name is Name.ENCODE:
        return _encode(arguments)
    if name is Name.RECONSTRUCT and len(arguments) == 3 and arguments[0] is Name.NDARRAY:
        return PendingArray(wrapped=False)
    raise PickleRefused("not_allowed", f"the file calls {name.name.lower()} with {len(arguments)} arguments")


def build_new(name: object, arguments: object) -> object:
    """What `name.__new__(name, *arguments)` makes: an array wrapper, and nothing else."""
    if name is not Name.WRAPPER or not isinstance(arguments, tuple) or arguments:
        raise PickleRefused("not_allowed", f"the file makes an instance of {shown(name)}")
    return PendingArray(wrapped=True)


def _encode(arguments: tuple[object, ...]) -> bytes:
    texts = len(arguments) == 2 and all(type(argument) is str for argument in arguments)
    if not texts or not isinstance(arguments[0], str) or arguments[1] != "latin1":
        raise PickleRefused("not_allowed", "_codecs.encode is read with latin1 only")
    try:
        return arguments[0].encode("latin1")
    except UnicodeEncodeError:
        raise PickleRefused("damaged", "a text that stands for bytes holds other characters") from None
