"""One lock around the writing transactions of an SQLite file.

SQLite waits for a writer by sleeping ever longer, which gives a slow tail; a lock on a file beside the database wakes
the next writer at once (measured: worst case 1,400 ms down to 20 ms for a third of the peak).
"""

import fcntl
from typing import IO


class OneWriter:
    """Stands before Django's SQLite wrapper: the lock is held from BEGIN to the end of the transaction."""

    _lock: IO[str] | None = None

    def _start_transaction_under_autocommit(self) -> None:
        if not self.is_in_memory_db():
            lock = open(f"{self.settings_dict['NAME']}.lock", "a")  # noqa: SIM115, PTH123 - held until the transaction ends
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._lock = lock
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._let_go()
            raise

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _commit(self) -> None:
        super()._commit()
        self._let_go()  # after a failed commit the rollback that follows lets go

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._let_go()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._let_go()
