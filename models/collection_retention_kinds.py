"""What is stored about people, as plain values: where, from which day it counts, and what is taken away.

Only what is finished is listed: ``done`` are the domains that an open case does not meet. Blanked fields are what
makes a row one of a person: dates, amounts and outcomes stay, for the figures and for what the ledger needs.
"""
from typing import NamedTuple


class Kind(NamedTuple):
    """``since`` is the field whose day counts; ``blank`` are the fields that are emptied, none where the record goes.

    ``own`` says which records of a model are of the kind, ``done`` which of them no open case needs any more.
    """

    model: str
    since: str
    months: int
    basis: str
    done: tuple = ()
    blank: tuple = ()
    files: bool = False  # files of the record go too
    chatter: bool = False  # and what was written under it
    company: str = "company_id"
    own: tuple = ()
    customer: str = ""  # the link to a customer who must have nothing open that is older than the period
    ground: str = ""  # why so long, where the words of the basis are too general

    @property
    def effect(self):
        return "blank" if self.blank else "delete"


def _no_open(lines):
    """Nothing of what it is about is still owed."""
    return ("!", (lines, "any", [("item_id", "any", [("reconciled", "=", False)])]))


def _no_open_item(items):
    return ("!", (items, "any", [("reconciled", "=", False)]))


_MAIL_NOTES = ("email_outgoing", "auto_comment")  # notes of ours about mails that were made, or were not: they name the address
_ENDED = ("state", "in", ("closed", "recalled", "cancelled"))

KINDS = {
    "application": Kind("credit.application", "closed_on", 12, "legitimate", (("state", "in", ("refused", "withdrawn", "expired")),),
                        own=(("state", "!=", "signed"),)),
    "application_signed": Kind(
        "credit.application", "limit_until", 120, "law", (("state", "=", "signed"),), ("contact_name", "contact_function", "email", "phone"),
        chatter=True, own=(("state", "=", "signed"),), customer="profile_id"),
    "contact": Kind(
        "collection.action", "planned_on", 36, "legitimate",
        (("state", "in", ("sent", "failed", "cancelled", "suppressed")), *_no_open("line_ids")),
        ("recipient", "recipient_id", "subject", "body", "message_id", "sms_uuid", "detail"), files=True, ground="contact"),
    "mail_note": Kind("mail.message", "date", 36, "legitimate", own=(("model", "=", "credit.profile"), ("message_type", "in", _MAIL_NOTES)),
                      company="", customer="res_id", ground="contact"),
    "call": Kind(
        "collection.call", "day", 36, "legitimate", _no_open_item("item_ids"),
        ("note", "number", "contact_id", "wrong_id", "added_id", "tasks", "before"), customer="profile_id"),
    "promise": Kind("collection.promise", "made_on", 36, "legitimate", (("state", "!=", "open"), *_no_open("line_ids")),
                    ("note", "withdraw_reason", "said_by_id"), chatter=True),
    "request": Kind("collection.request", "made_on", 36, "legitimate", (("state", "!=", "open"), *_no_open_item("item_ids")),
                    ("note", "answer", "said_by_id"), chatter=True),
    "dispute": Kind("collection.dispute", "closed_on", 36, "legitimate", (("state", "=", "closed"), *_no_open_item("item_id")),
                    ("reason", "finding", "outcome_reason", "said_by_id"), chatter=True),
    "dispute_file": Kind("collection.dispute.file", "dispute_id.closed_on", 36, "legitimate",
                         (("dispute_id.state", "=", "closed"), *_no_open_item("dispute_id.item_id"))),
    "plan": Kind(
        "collection.plan", "ended_on", 120, "law", (("state", "in", ("finished", "defaulted", "cancelled", "lapsed")), *_no_open("line_ids")),
        ("accepted_name", "accepted_ip", "accepted_agent", "end_reason", "document_file"), files=True, chatter=True),
    "settlement": Kind(
        "collection.settlement", "until", 120, "law", (("state", "in", ("taken", "lapsed", "withdrawn")), *_no_open("line_ids")),
        ("note", "reason", "end_reason", "approve_reason", "mailed_to", "document_file"), files=True, chatter=True),
    "greeting": Kind("collection.greeting", "leaves_on", 36, "legitimate", (("state", "in", ("sent", "skipped", "cancelled")),), ground="care"),
    "touch": Kind("collection.touch", "day", 36, "legitimate", ground="care"),
    "thanks": Kind("collection.thanks", "sent_on", 36, "legitimate", (), ("sent_to", "paid"), ground="care"),
    "checkout": Kind("collection.checkout", "paid_on", 36, "contract", (("paid_on", "!=", False),), ("visitor_id",)),
    "handover": Kind("collection.handover", "ended_on", 120, "law", (_ENDED, *_no_open("line_ids")), ("mailed_to", "end_reason", "approve_reason"),
                     files=True, chatter=True),
    "handover_log": Kind("collection.handover.event", "handover_id.ended_on", 120, "law",
                         (("handover_id.state", "in", _ENDED[2]), *_no_open("handover_id.line_ids"))),
    "handover_file": Kind("collection.handover.file", "handover_id.ended_on", 36, "legitimate",
                          (("handover_id.state", "in", _ENDED[2]), *_no_open("handover_id.line_ids"))),
    "bureau": Kind("collection.bureau.line", "month", 60, "legitimate", (("file_id.state", "in", ("delivered", "replaced")),)),
    "mail": Kind("mail.mail", "create_date", 3, "legitimate", (("state", "in", ("exception", "cancel")),),
                 company="record_company_id", own=(("collection_origin", "!=", False),), ground="mail"),
    "log": Kind("mail.message", "date", 84, "legitimate", own=(("model", "=", "credit.profile"), ("message_type", "not in", _MAIL_NOTES)),
                company="", customer="res_id"),
}
