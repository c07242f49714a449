"""What can go wrong with a backup, for whoever runs this installation."""


class CopyFailed(Exception):
    """A backup was not made, or not put back. Says what happened, then what to do; nothing is left half done."""
