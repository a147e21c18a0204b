"""What a person is told in one line; the class decides the exit status."""


class Misuse(Exception):
    """The request cannot be carried out as it was given (exit status 2)."""


class Failure(Exception):
    """Something that should have worked did not (exit status 1)."""


class MissingData(Misuse):
    """A data set is not there; the message names files, place, and the command that works without it."""


class DamagedData(Failure):
    """A data file is not what it should be; the message names file, place in it, and what was expected."""
