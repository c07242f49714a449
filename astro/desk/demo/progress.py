"""Telling how far it is: one line that fills on a terminal, a line per stage elsewhere."""

from __future__ import annotations

from time import monotonic

from django.core.management.base import OutputWrapper

WIDTH = 32
EVERY_SECONDS = 0.1


class Progress:
    """Call it with the stage after each step."""

    def __init__(self, steps: int, *, out: OutputWrapper) -> None:
        self.steps, self.out = steps, out
        self.done, self.stage, self.drawn_at = 0, "", 0.0
        self.is_terminal = out.isatty()

    def __call__(self, stage: str) -> None:
        self.done += 1
        if not self.is_terminal:
            if stage != self.stage:
                self._write(f"  {stage} ...\n")
        elif stage != self.stage or self.done == self.steps or monotonic() - self.drawn_at > EVERY_SECONDS:
            self._draw(stage)
        self.stage = stage

    def _draw(self, stage: str) -> None:
        full = self.done * WIDTH // self.steps
        bar = "█" * full + "░" * (WIDTH - full)
        end = "\n" if self.done == self.steps else ""
        self._write(f"\r\x1b[K  {bar} {self.done * 100 // self.steps:3} %  {stage}{end}")
        self.drawn_at = monotonic()

    def _write(self, text: str) -> None:
        self.out.write(text, style_func=str, ending="")  # plain: this is no error
        self.out.flush()
