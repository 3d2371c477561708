"""A project's operations by id, and by age in pages."""

from earthengine_emulator.errors import Refusal
from earthengine_emulator.operation import Operation


class Listing:
    """The operations that `get` and `list` know."""

    def __init__(self) -> None:
        self._by_id: dict[str, Operation] = {}
        self._all: list[Operation | None] = []  # by number, from the first that is left; None: removed
        self._first = 0

    @property
    def next_number(self) -> int:
        """The number of the next operation that is made."""
        return self._first + len(self._all)

    def add(self, operation: Operation) -> None:
        """Take an operation in, whose number is the next or a later one."""
        self._all += [None] * (operation.number - self.next_number)
        self._all.append(operation)
        self._by_id[operation.id] = operation

    def get(self, operation_id: str) -> Operation:
        """The operation of this id.

        Raises:
            Refusal: There is none.
        """
        try:
            return self._by_id[operation_id]
        except KeyError:
            raise Refusal("Operation not found.", code=404) from None

    def remove(self, operation: Operation) -> None:
        """Forget an operation."""
        del self._by_id[operation.id]
        self._all[operation.number - self._first] = None
        gone = next((place for place, one in enumerate(self._all) if one is not None), len(self._all))
        if gone > 1000:  # seldom, so that forgetting many costs no more than making them
            del self._all[:gone]
            self._first += gone

    def page(self, size: int, token: str) -> tuple[list[Operation], str]:
        """Operations from the newest to the oldest, and the token of the next page ("" at the end).

        Raises:
            Refusal: The token is not one of ours.
        """
        number = self.next_number - 1
        if token:
            if not (token.isascii() and token.isdecimal() and len(token) < 20):
                raise Refusal("Invalid page token.")
            number = min(int(token), number)
        found: list[Operation] = []
        while number >= self._first:
            operation = self._all[number - self._first]
            if operation is not None and operation.listed:
                if len(found) == size:
                    return found, str(number)
                found.append(operation)
            number -= 1
        return found, ""
