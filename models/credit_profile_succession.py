from odoo import fields, models

from ..engine import succession


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
        lines, merger = {line.id: line for line in own + moved}, self._decide_merger(own, moved, today)
        values = {**self._decided_now(), "profile_id": self.id, "source": "merge", "code": False, "detail": False,
                  "reason": self.env._("Merged with %s", other.partner_id.display_name)}
        other.limit_ids.write({"profile_id": self.id})
        if merger.ends:
            lines[merger.ends.id].copy({**values, "meaning": "none", "amount": 0.0, "date_from": today, "date_to": False})
        for grant in merger.again:
            line = lines[grant.id]
            line.copy({**values, "previous_amount": line.amount})  # nothing changes, so no stage begins anew
        if merger.takes_base and other.ladder_id and not self._own("ladder_id") and (other._own("ladder_id") or not self.ladder_id):
            self._write_snapshot([{name: other[name].id for name in ("ladder_id", "stage_id", "base_line_id")}
                                  | {name: other[name] for name in ("stage_since", "stage_fell_on", "ladder_by_segment")}])

    def _take_over_choices(self, other):
        """What a person chose for ``other`` holds where nobody chose for this customer; what a segment gave is no choice."""
        if other._own("collector_id") and not self._own("collector_id"):
            self.write({"collector_id": other.collector_id.id})
        if other._own("ladder_id") and self.ladder_by_segment:
            self.write({"ladder_id": other.ladder_id.id})
        if other.segment_locked and not self.segment_locked and other.segment_id._giving():
            before = {self: self.segment_id}
            self._write_segment([{"segment_id": other.segment_id.id, "segment_locked": True}])
            if other.segment_id not in before.values():
                self._note_by_hand(before, "segment_taken_over", {"customer": other.display_name})

    def _decided_now(self):
        """What is written again counts from this moment on: the newest decision speaks."""
        return {"state": "approved", "decided_by": self.env.uid, "decided_on": fields.Datetime.now()}

    def _decide_merger(self, own, moved, today):
        """One engine call: the place to hook another way to join two journals."""
        return succession.merge([line._to_engine() for line in own], [line._to_engine() for line in moved], today)

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
        if not any(line.kind == "base" for line in grants.get(head.id, ())):
            lines = {line.id: line for line in grants.get(self.id, ())}
            for grant in self._decide_inheritance(lines.values(), self.company_id._collection_today()):
                lines[grant.id].copy({**self._decided_now(), "profile_id": head.id, "stage_id": False, "source": "partner", "code": False, "detail": False,
                           "reason": self.env._("Taken over from %s", self.display_name)})
            head._refresh_limits()
        head._task("account_credit_collection.mail_activity_collection_task", self.env._("Decide on the credit of both together"),
                   note=self.env._("%(customer)s has become a part of %(parent)s. Its own limit was: %(limit)s.", customer=self.display_name,
                                   parent=head.display_name, limit=self.limit_text))

    def _decide_inheritance(self, lines, today):
        """One engine call: the place to hook what a new parent takes over."""
        return succession.inherited([line._to_engine() for line in lines], today)
