"""The desk of quotes: answers from a board in memory, and writes down what it said afterwards.

A quote never waits for the database. The board is built anew when the feed has moved or when it
has grown old; quotes are appended in batches by whoever calls `flush`, at the latest as the
process ends. Until then an order in this process finds its quote here; in another one it brings
the signed token.
"""

import threading
from datetime import datetime, timedelta

from api.errors import Overloaded
from logistics.catalogue import Market, Product
from logistics.promise.board import Board, Holds, build_board
from logistics.promise.quote import Quoted, QuoteRequest, make_quote
from logistics.workflows.means import Means
from logistics.workflows.quoting import keep_quotes, locate

OLD = timedelta(seconds=10)
"""A board as old as this is built anew even if no event came: departures pass, vans are added."""
MOST_WAITING = 200_000
AT_ONCE = 500


class QuoteDesk:
    """The quotes of one process."""

    def __init__(self, means: Means, most_waiting: int = MOST_WAITING) -> None:
        self._means, self._most_waiting = means, most_waiting
        self._holds = Holds()
        self._board: Board | None = None
        self._position = -1
        self._building = threading.Lock()
        self._flushing = threading.Lock()
        self._waiting: dict[str, Quoted] = {}

    def quote(self, request: QuoteRequest, now: datetime) -> Quoted:
        """Answer from memory, and hold what is offered.

        Raises:
            Nonsense: for a product or market that the board does not know.
            Overloaded: where so many quotes wait to be written down that something must be wrong.
        """
        if len(self._waiting) >= self._most_waiting:
            raise Overloaded("quotes")
        board = self._board or self.refresh(now)
        means = self._means
        placed = locate(means, request)
        quoted = make_quote(board, self._holds, means.policy, means.ids, placed, now)
        self._waiting[quoted.quote.id] = quoted
        return quoted

    def look_again(self, request: QuoteRequest, now: datetime) -> None:
        """Build the board anew where what it does not know is known by now."""
        products = {line.product for line in request.lines}
        with self._means.store.read() as reading:
            sold = reading.find(Product, id=tuple(products))
            named = request.market is not None
            known = len(sold) == len(products) and not (
                named and reading.maybe(Market, request.market or "") is None
            )
        if known:
            with self._building:
                self._board = None
            self.refresh(now)

    def waiting(self, id: str) -> Quoted | None:
        """A quote that was answered here and is not written down yet."""
        return self._waiting.get(id)

    def refresh(self, now: datetime) -> Board:
        """The board, built anew where the feed has moved or where it has grown old."""
        with self._building:
            with self._means.store.read() as reading:
                position = reading.position()
                kept = self._board
                if kept is None or position != self._position or now - kept.made_at >= OLD:
                    kept = build_board(reading, self._means.policy, now)
            self._board, self._position = kept, position
            return kept

    def flush(self, now: datetime) -> int:
        """Write down what was said since the last time; returns how many quotes."""
        with self._flushing:
            batch = list(self._waiting.values())
            for start in range(0, len(batch), AT_ONCE):
                part = batch[start : start + AT_ONCE]
                keep_quotes(self._means, part, now=now)
                for one in part:
                    self._waiting.pop(one.quote.id, None)
            return len(batch)
