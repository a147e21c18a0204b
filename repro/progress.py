"""How far things are: a live line per run in a terminal, one line now and then elsewhere."""

from __future__ import annotations

import time

from rich.console import Console
from rich.live import Live
from rich.table import Table

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """Shows the events that runs report; a context manager.

    Args:
        console: Where to; live lines only if it is a terminal.
        total: How many runs are to be carried out.
    """

    def __init__(self, console: Console, total: int) -> None:
        self.console, self.total, self.ended = console, total, 0
        self._active: dict[str, dict] = {}
        self._live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        self._last_line = time.monotonic()

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, event: dict) -> None:
        """Takes an event of a run: its name, step, steps, losses."""
        now = time.monotonic()
        first = self._active.setdefault(event["run"], {"step": event["step"], "time": now})
        rate = (event["step"] - first["step"]) / (now - first["time"]) if now > first["time"] else 0.0
        self._active[event["run"]] |= {"event": event, "rate": rate}
        if self._live:
            self._live.update(self._table())
        elif now - self._last_line > SECONDS_BETWEEN_LINES:
            self._last_line = now
            self.say(f"{self.ended} of {self.total} runs done; {'  '.join(self._cells(event, rate))}")

    def end(self, name: str) -> None:
        """A run has ended."""
        self.ended += 1
        self._active.pop(name, None)
        if self._live:
            self._live.update(self._table())

    def say(self, text: str) -> None:
        """Prints one line above the live ones."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_row(f"{self.ended} of {self.total} runs done")
        for active in list(self._active.values()):
            if "event" in active:
                table.add_row(*self._cells(active["event"], active["rate"]))
        return table

    @staticmethod
    def _cells(event: dict, rate: float) -> list[str]:
        left = (event["steps"] - event["step"]) / rate if rate else None
        remaining = f"{int(left // 60)} min {int(left % 60):02d} s left" if left is not None else ""
        losses = "  ".join(f"{name} {value:.3f}" for name, value in event["losses"].items())
        step = f"step {event['step']:,} of {event['steps']:,}"
        return [event["run"], step, losses, f"{rate:.1f} steps/s" if rate else "", remaining]
