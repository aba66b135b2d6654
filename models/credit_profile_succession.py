from odoo import models

from ..engine import limit


class CreditProfile(models.Model):
    """What a customer takes over from another one: in a merge, or when that one becomes a part of it."""

    _inherit = "credit.profile"

    # ------------------------------------------------------------------ merged

    def _take_over_limits(self, other):
        """Move the decisions about ``other`` here, without a change of what is in force here.

        Lines of this customer are added once more, with their own dates, where a moved one
        would count in their place. A temporary amount of the other one ends. A customer without
        a base limit of its own takes over that of the other one, and its place on the ladder.
        """
        grants = self.env["credit.limit"]._grants(self | other)
        own, moved = grants.get(self.id, []), grants.get(other.id, [])
        today = self.company_id._collection_today()
        has_base = any(line.kind == limit.BASE for line in own)
        values = {"profile_id": self.id, "state": "approved", "source": "merge", "code": False, "detail": False,
                  "reason": self.env._("Merged with %s", other.partner_id.display_name)}
        other.limit_ids.write({"profile_id": self.id})
        foreign = [line for line in moved if line.kind == limit.TEMPORARY and _is_alive(line, today)]
        if has_base and foreign:
            foreign[-1].copy({**values, "meaning": "none", "amount": 0.0, "date_from": today, "date_to": False})
        for line in _displaced(own, moved, today):
            line.copy({**values, "previous_amount": line.amount})  # nothing changes, so no stage begins anew
        if not has_base and not self.ladder_id and other.ladder_id:
            self._write_snapshot([{name: other[name].id for name in ("ladder_id", "stage_id", "base_line_id")}
                                  | {name: other[name] for name in ("stage_since", "stage_fell_on")}])

    def _take_over_group(self, other):
        """One customer stands in one group: its own before that of the other one, whose members come along."""
        members, joined = other.group_member_ids - self, other.group_head_id - self
        (members | other | (self if self.group_head_id == other else self.browse())).write({"group_head_id": False})
        head = self.group_head_id or (joined if not (members | self.group_member_ids) else self.browse())
        if head:
            self.group_head_id = head
        members.write({"group_head_id": (head or self).id})
        if joined and head != joined:
            self._task("account_credit_collection.mail_activity_collection_task", self.env._("Merged customers of two groups"),
                       note=self.env._("%(customer)s was a member of the group of %(head)s.", customer=other.display_name,
                                       head=joined.display_name))

    def _take_over_stop(self, other, reason):
        """Who was not to be served before is not served under another name either."""
        if other.credit_stop and not self.credit_stop:
            self.write({"credit_stop": True, "credit_stop_reason": reason})

    # ------------------------------------------------------------------ a new parent

    def _join(self, partner):
        """The customer became a part of ``partner``, under whose credit its orders count from now on.

        Not refused: companies are bought, and who keeps addresses need not know about credit. But a
        stop goes along, a parent nobody has decided about takes over the base limit, and a person
        is asked to look: to raise, split or take back is theirs. An own limit of the parent stays.
        """
        self.ensure_one()
        if not (self.credit_stop or self.limit_ids or self.hold_ids):
            return
        head = self._ensure(self.company_id, partner)
        head._take_over_stop(self, self.env._("%(customer)s: %(reason)s", customer=self.display_name, reason=self.credit_stop_reason or "–"))
        grants = self.env["credit.limit"]._grants(self | head)
        if not any(line.kind == limit.BASE for line in grants.get(head.id, ())):
            base = [line for line in grants.get(self.id, ()) if line.kind == limit.BASE]
            for line in _in_force(base, self.company_id._collection_today()) or base and [_last_word(base)]:
                line.copy({"profile_id": head.id, "state": "approved", "stage_id": False, "source": "partner", "code": False, "detail": False,
                           "reason": self.env._("Taken over from %s", self.display_name)})
            head._refresh_limits()
        head._task("account_credit_collection.mail_activity_collection_task", self.env._("Decide on the credit of both together"),
                   note=self.env._("%(customer)s has become a part of %(parent)s. Its own limit was: %(limit)s.", customer=self.display_name,
                                   parent=head.display_name, limit=self.limit_text))


def _is_alive(line, today):
    return not line.date_to or line.date_to >= today


def _displaced(own, moved, today):
    """The lines of ``own`` that count now or later and that would not after those of ``moved`` have joined them, oldest first."""
    found = []
    for kind in {line.kind for line in own}:
        mine, theirs = ([line for line in lines if line.kind == kind] for lines in (own, moved))
        kept = _in_force(mine, today)
        # a base that has run out still speaks
        rivals = [line for line in theirs if kind == limit.BASE or _is_alive(line, today)]
        taken_back = kind == limit.TEMPORARY and rivals  # by a line that is newer than all
        if kept and (taken_back or any(line.id > kept[0].id for line in rivals)):
            found += kept
        elif not kept and kind == limit.BASE and not any(_is_alive(line, today) for line in rivals):
            found += [] if _last_word(sorted(mine + theirs, key=lambda line: line.id)) in mine else [_last_word(mine)]
    return sorted(found, key=lambda line: line.id)


def _in_force(lines, today):
    """Lines of one kind, oldest first, that count on some day from ``today`` on."""
    alive = [line for line in lines if _is_alive(line, today)]
    return [line for place, line in enumerate(alive) if not any(_covers(later, line, today) for later in alive[place + 1:])]


def _covers(later, line, today):
    """Whether a newer line counts on every day that is left of ``line``."""
    return later.date_from <= max(line.date_from, today) and (not later.date_to or bool(line.date_to) and line.date_to <= later.date_to)


def _last_word(lines):
    """Which of lines that have all run out still speaks: as the engine has it."""
    word = lines[0]
    for line in lines[1:]:
        if not word.date_from > line.date_to:
            word = line
    return word
