"""Objects of classes that are not built here: kept as what the file says of them, so that nothing of it runs.

Files that trainers write hold a few arrays among settings, schedules and counters of classes nobody needs. Refusing
the whole file for those would send people to the ordinary unpickler; instead they become inert, and only a place
that must hold an array and holds one of them is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sidecar.restricted_pickle.arrays import array_of_buffer, shown
from sidecar.restricted_pickle.errors import PickleRefused
from sidecar.restricted_pickle.limits import MAX_NAME_BYTES
from sidecar.restricted_pickle.names import ALLOWED, Name, build, is_plain_key

_NUMPY: Mapping[tuple[str, str], Name] = MappingProxyType(
    {key: name for key, name in ALLOWED.items() if name is not Name.WRAPPER}  # joblib's arrays lie in the stream
)
_RECONSTRUCTORS = (("copy_reg", "_reconstructor"), ("copyreg", "_reconstructor"))
_BUFFERS = (("numpy._core.numeric", "_frombuffer"), ("numpy.core.numeric", "_frombuffer"))
_ORDERED = ("collections", "OrderedDict")


class ForeignName:
    """A function or class that the file named. Never looked up."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    @property
    def path(self) -> tuple[str, str]:
        """Module and name."""
        return self.module, self.name


class Foreign:
    """What the file says of an object: its class or maker, the arguments, and the state it was given last."""

    __slots__ = ("arguments", "made_by", "state")

    def __init__(self, made_by: ForeignName, arguments: tuple[object, ...]) -> None:
        self.made_by = made_by
        self.arguments = arguments
        self.state: object = None


class ForeignVocabulary:
    """See `Vocabulary`: numpy arrays and ordered dicts are built, everything else stays foreign."""

    def look_up(self, module: object, name: object) -> object:
        """See `Vocabulary.look_up`."""
        if not (isinstance(module, str) and isinstance(name, str) and len(module) + len(name) <= 2 * MAX_NAME_BYTES):
            raise PickleRefused("not_allowed", f"the file wants {shown(module)}.{shown(name)}, which is no name")
        return _NUMPY.get((module, name)) or ForeignName(module, name)

    def build(self, name: object, arguments: object) -> object:
        """See `Vocabulary.build`."""
        if not isinstance(name, ForeignName) or not isinstance(arguments, tuple):
            return build(name, arguments)
        if name.path in _BUFFERS:
            return array_of_buffer(arguments)
        if name.path == _ORDERED and not arguments:
            return {}
        if name.path in _RECONSTRUCTORS and arguments and isinstance(arguments[0], ForeignName):
            return Foreign(arguments[0], ())
        return Foreign(name, arguments)

    def build_new(self, name: object, arguments: object) -> object:
        """See `Vocabulary.build_new`."""
        if not isinstance(name, ForeignName) or not isinstance(arguments, tuple):
            raise PickleRefused("not_allowed", f"the file makes an instance of {shown(name)}")
        return Foreign(name, arguments)

    def set_state(self, target: object, state: object) -> object:
        """See `Vocabulary.set_state`. What an ordered dict has besides its items is passed over."""
        if isinstance(target, Foreign):
            target.state = state
        elif type(target) is not dict:
            raise PickleRefused("not_allowed", f"the file sets the state of {shown(target)}")
        return target

    def takes_items(self, target: object) -> bool:
        """See `Vocabulary.takes_items`."""
        return isinstance(target, Foreign)

    def is_key(self, key: object) -> bool:
        """See `Vocabulary.is_key`: an entry with another kind of key is passed over."""
        try:
            return is_plain_key(key)
        except PickleRefused:
            return False
