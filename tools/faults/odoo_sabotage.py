"""The addon broken on purpose, inside Odoo: the campaign must say so (`test_campaign.py`)."""


def _sent_twice(send):
    """Each mail leaves, and leaves again."""
    return lambda channel, action, sessions: (send(channel, action, sessions), send(channel, action, sessions))


def _never_billed(_book):
    """What is to be billed is said to be."""
    return lambda charges, values: None


def _raises(_note):
    """A job that others are not safe from."""
    def note(_outbox):
        raise ZeroDivisionError("sabotage")
    return note


def _never_checked(send):
    """A contact leaves that nobody looked at once more."""
    def unchecked(channel, action, sessions):
        channel.env.cr.execute("UPDATE collection_action SET checked_at = NULL WHERE id = %s", [action.id])
        send(channel, action, sessions)
    return unchecked


def _nobody_asked(_ask):
    """What no machine can settle is told to nobody."""
    return lambda outbox, action: None


def _letter_twice(hand_over):
    """Each letter lies there twice, past the keys that would not let it."""
    def twice(outbox, actions):
        hand_over(outbox, actions)
        outbox.env.flush_all()
        outbox.env.cr.execute(AGAIN, [actions.ids])
    return twice


AGAIN = """
    CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT * FROM collection_action WHERE id = ANY(%s) AND state = 'waiting';
    CREATE TEMP TABLE line ON COMMIT DROP AS SELECT * FROM collection_action_line WHERE action_id IN (SELECT id FROM twin);
    UPDATE twin SET id = id + 1000000, dedupe_key = dedupe_key || ' again', attachment_hash = payload_hash;
    UPDATE line SET id = id + 1000000, action_id = action_id + 1000000, live = false;
    INSERT INTO collection_action SELECT * FROM twin;
    INSERT INTO collection_action_line SELECT * FROM line;
    INSERT INTO collection_action_ir_attachment_rel (collection_action_id, ir_attachment_id)
        SELECT collection_action_id + 1000000, ir_attachment_id FROM collection_action_ir_attachment_rel
         WHERE collection_action_id + 1000000 IN (SELECT id FROM twin);
"""
WAYS = {
    "sent twice": ("collection.channel", "_perform_email", _sent_twice),
    "never billed": ("collection.charge", "_book", _never_billed),
    "raises": ("collection.outbox", "_note_mails", _raises),
    "never checked": ("collection.channel", "_perform_email", _never_checked),
    "letter twice": ("collection.outbox", "_hand_over", _letter_twice),
    "nobody asked": ("collection.outbox", "_ask_person", _nobody_asked),
}
_whole = {}


def sabotage(env, way):
    """From now on, in this process and those it forks."""
    model, method, broken = WAYS[way]
    registered = type(env[model])
    _whole[way] = registered, method, vars(registered).get(method)
    setattr(registered, method, broken(getattr(registered, method)))


def mend(_env, way):
    """As it was."""
    registered, method, own = _whole.pop(way)
    if own is None:
        delattr(registered, method)
    else:
        setattr(registered, method, own)


JOBS = {job.__name__: job for job in (sabotage, mend)}
