"""Why something new does not get into data/raw."""


class Refused(Exception):
    """What arrived can not be taken: the message says what is wrong, where, and what to do.

    Nothing under data/raw was changed when this is raised.
    """
