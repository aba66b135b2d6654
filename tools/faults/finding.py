"""What a broken promise is called: a sentence, of a kind that the table counts."""

NO_ROOM = ("OutOfMemory", "out of shared memory")  # PostgreSQL, shared with others, has no room for more locks


class Duplicate(str):
    """Something was done twice."""


class Lost(str):
    """Something was to be done and is not."""


def is_no_room(problem):
    """Whether it says no more than that the database server had no room."""
    return any(words in problem for words in NO_ROOM)


def kind_of(problem):
    """The column of a finding."""
    return {Duplicate: "duplicates", Lost: "lost"}.get(type(problem), "other")
