"""The names a joblib file may hold, and what each of them builds here. Nothing is imported, and no other is known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Protocol

from sidecar.restricted_pickle.arrays import DtypeParts, OldString, PendingArray, scalar, shown
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import MAX_KEY_INTEGER, MAX_KEY_PARTS


class Vocabulary(Protocol):
    """What the names of one kind of file stand for. No method may run anything that a file brought."""

    def look_up(self, module: object, name: object) -> object:
        """The thing with this name; raises PickleRefused for one that is not known."""

    def build(self, name: object, arguments: object) -> object:
        """What `name(*arguments)` makes."""

    def build_new(self, name: object, arguments: object) -> object:
        """What `name.__new__(name, *arguments)` makes."""

    def set_state(self, target: object, state: object) -> object:
        """What becomes of `target`, which is no array and no element type."""

    def takes_items(self, target: object) -> bool:
        """Are items for `target`, which is no list and no dict, to be passed over?"""

    def is_key(self, key: object) -> bool:
        """Is this a key to keep? False passes over its entry; raises PickleRefused for one that is not read."""


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


def is_plain_key(key: object) -> bool:
    """Texts, numbers and short tuples of them: hashing anything deeper recurses without a limit.

    Raises:
        PickleRefused: it is none of them.
    """
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) > MAX_KEY_PARTS:
        raise PickleRefused("not_allowed", f"a key of {len(parts)} parts is not read")
    for part in parts:
        small = type(part) is int and abs(part) < MAX_KEY_INTEGER  # larger ones can be made to collide
        if not (small or type(part) in (str, float, OldString)):
            raise PickleRefused("not_allowed", f"a key must be text or a number, got {shown(part)}")
    return True


class _Joblib:
    """The functions above."""

    look_up = staticmethod(look_up)
    build = staticmethod(build)
    build_new = staticmethod(build_new)
    is_key = staticmethod(is_plain_key)

    def set_state(self, target: object, state: object) -> object:
        raise PickleRefused("not_allowed", f"the file sets the state of {shown(target)}")

    def takes_items(self, target: object) -> bool:
        return False


JOBLIB: Vocabulary = _Joblib()
