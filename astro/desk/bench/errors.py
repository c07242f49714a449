"""Why a measurement ends without a result. None of these is shown to a visitor."""


class NoResult(RuntimeError):
    """Something that makes every number worthless. The command says it and stops."""


class NotEmpty(NoResult):
    """There is a store in this database: it is not the benchmark's to fill."""


class DidNotStart(NoResult):
    """The server ended, or did not answer in time."""


class Unreadable(NoResult):
    """The application, or pgbench, said something that the benchmark does not understand."""


class NotRepeatable(NoResult):
    """The checkouts that were taken down cannot be made into a script."""


class FloorBroke(NoResult):
    """A statement of the floor failed."""


class FloorCheated(NoResult):
    """The floor did not write the rows that a checkout writes, so it measured something else."""


class TillBroke(NoResult):
    """A client ended without saying what came of its work: a mistake in the benchmark itself."""


class Stopped(NoResult):
    """The child ended before it had anything to tell; it said why on standard error."""


class NoPgbench(NoResult):
    def __init__(self) -> None:
        super().__init__(
            "pgbench is not installed. On Debian or Ubuntu: sudo apt install postgresql postgresql-contrib"
        )
