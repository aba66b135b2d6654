"""What the outbox promises, told from what the mail server took and what the rows say: nothing twice, nothing lost."""
from collections import Counter

from .finding import Duplicate, Lost

NO_ADDRESS = ("bad_address", "bounced")
FINAL = {"sent", "unknown", "failed", "cancelled", "suppressed"}


def contact_problems(world, unknown=0, own_document=True, final=FINAL, unnoted=None):
    """Sentences about all that is broken; none when the promise holds.

    ``unknown``: so many outcomes may be unknown. ``own_document``: customers were not merged, each is asked for its own
    invoice. ``final``: the states in which a contact rests. ``unnoted``: a customer whose mails cannot be noted in the chatter.
    """
    actions, mails = world.rows(), world.sink.mails
    asked = _documents_asked(world)
    problems = repeated(mails)
    by_message = {row.message_id: row for row in actions.values() if row.message_id}
    for mail in mails:
        row = by_message.get(mail.message_id)
        if row is None:
            problems.append(f"the server has {mail.message_id} for {mail.to}, no contact has")
        elif row.state not in ("sent", "unknown"):
            problems.append(f"contact {row.id} is {row.state} ({row.reason}), but {mail.to} has the message")
        else:
            wanted = (world.customers[row.customer]["document"],) if own_document else asked.get(row.id)
            if mail.to != row.recipient or mail.documents != wanted:
                problems.append(f"contact {row.id} of {row.customer} reached {mail.to} about {mail.documents} instead of {wanted}")
    problems += _row_problems(actions, {mail.message_id for mail in mails}, final)
    return problems + _unknown_problems(actions, unknown) + _task_problems(world, actions) + _chatter_problems(world, actions, unnoted) + _queue_problems(world)


def repeated(mails):
    """What the server took more than once, by Message-Id or by what it says to whom."""
    by_id = Counter(mail.message_id for mail in mails)
    by_claim = Counter((mail.to, document, mail.subject) for mail in mails for document in mail.documents)
    return [Duplicate(f"accepted {count} times: {what}") for what, count in (by_id + by_claim).items() if count > 1]


def _documents_asked(world):
    rows = world.sql("SELECT action_id, array_agg(DISTINCT document ORDER BY document) AS documents FROM collection_action_line GROUP BY 1")
    return {row.action_id: tuple(row.documents) for row in rows}


def _row_problems(actions, taken, final):
    problems = []
    for row in actions.values():
        if row.state not in final:
            problems.append(Lost(f"contact {row.id} is left {row.state} ({row.reason}, attempt {row.attempt}, {row.worker})"))
        elif not row.reason:
            problems.append(f"contact {row.id} is {row.state} without a reason")
        if row.state == "sent" and row.channel == "email" and row.message_id not in taken:
            problems.append(Lost(f"contact {row.id} is said to be sent, the server never had it"))
    return problems


def _unknown_problems(actions, allowed):
    """As few as there were crashes."""
    found = [row.id for row in actions.values() if row.state == "unknown"]
    return [] if len(found) <= allowed else [f"{len(found)} contacts of unknown outcome ({found}), at most {allowed} may be"]


def _task_problems(world, actions):
    """Each contact that a machine cannot settle is a task for a person; where an address is missing, one for all."""
    left = [row for row in actions.values() if row.state in ("unknown", "failed")]
    tasks, owed = world.activities("mail_activity_collection_task"), Counter(row.customer for row in left if row.reason not in NO_ADDRESS)
    addresses = world.activities("mail_activity_collection_address")
    return [f"contacts of {customer} that nobody settled: {tasks.get(customer, 0)} tasks for a person instead of {count}"
            for customer, count in owed.items() if tasks.get(customer) != count] + [
        f"contact {row.id} of {row.customer} has no address, and nobody is asked for one"
        for row in left if row.reason in NO_ADDRESS and not addresses.get(row.customer)]


def _chatter_problems(world, actions, unnoted):
    """Each mail that left stands once in the customer's chatter, under its Message-Id."""
    sent = {row.message_id: row for row in actions.values() if row.state == "sent" and row.channel == "email" and row.customer != unnoted}
    noted = {row.message_id: row.number for row in world.sql(
        "SELECT message_id, count(*) AS number FROM mail_message WHERE message_id = ANY(%s) GROUP BY 1", list(sent))}
    return [(Duplicate if key in noted else Lost)(f"contact {row.id} of {row.customer} stands {noted.get(key, 0)} times in the chatter")
            for key, row in sent.items() if noted.get(key, 0) != 1]


def _queue_problems(world):
    """No contact lies in core's own queue; what was made for bills and letters of handovers does, on purpose."""
    queued = world.sql("SELECT count(*) AS number FROM mail_mail WHERE state = 'outgoing' AND collection_origin IS NULL")[0].number
    return [f"{queued} mails lie in Odoo's own queue, which would send them again"] if queued else []
