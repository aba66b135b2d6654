import hashlib
import json

from odoo import api, models

from ..engine import followup
from ..engine.money import exact
from ..exceptions import KeyConflictError
from .bulk import insert_rows
from .collection_action import DEAD_STATES
from .collection_reason import jsonable


class CollectionAction(models.Model):
    """From a decision to rows, from rows back to a contact, and the amounts kept up to date."""

    _inherit = "collection.action"

    @api.model
    def _record(self, vals_list):
        """Create the actions that do not exist yet; the same key with another content raises KeyConflictError.

        Returns the new actions. One query looks the keys up, the unique index
        guards against a second worker.
        """
        if not vals_list:
            return self.browse()
        known = {action.dedupe_key: action.payload_hash for action in self.search_fetch(
            [("dedupe_key", "in", [vals["dedupe_key"] for vals in vals_list]), ("state", "not in", DEAD_STATES)],
            ["dedupe_key", "payload_hash"])}
        for vals in vals_list:
            if known.get(vals["dedupe_key"], vals["payload_hash"]) != vals["payload_hash"]:
                raise KeyConflictError(f"profile {vals['profile_id']}, level {vals['level_id']}")
        missing = [vals for vals in vals_list if vals["dedupe_key"] not in known]
        actions = insert_rows(self, [{name: value for name, value in vals.items() if name != "line_ids"} for vals in missing])
        insert_rows(self.env["collection.action.line"], [
            {**line, "action_id": action.id} for action, vals in zip(actions, missing) for _command, _id, line in vals["line_ids"]])
        return actions

    @api.model
    def _prepare_key(self, profile, contact, channel, recipient):
        """The identity of a contact: no run and no date, so that a repeated run finds it again (R-01).

        The leading item stands for the cycle: it takes a level and round only once.
        """
        return "|".join(map(str, (profile.company_id.id, profile.partner_id.id, contact.leading, contact.level.id,
                                  contact.round, channel, (recipient or "").lower())))

    @api.model
    def _prepare_hash(self, contact):
        """A digest of what the contact asks for."""
        content = [[line.item, line.currency, str(line.asked), line.level, line.round] for line in contact.lines]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @api.model
    def _prepare_action(self, run, profile, policy, decision, channel, gathered):
        """The values of one action and its lines for a decided contact over ``channel``."""
        contact = decision.contact
        recipient = gathered.recipients[profile.partner_id.id].via(channel)
        rows = gathered.rows
        code, detail = self._prepare_reason(decision, rows)
        share = {line.item: line.asked / rows[line.item].residual for line in contact.lines}
        return {
            "run_id": run.id, "company_id": profile.company_id.id, "profile_id": profile.id,
            "partner_id": profile.partner_id.id, "policy_id": policy.id, "level_id": contact.level.id,
            "collector_id": profile.collector_id.id, "kind": contact.kind, "channel": channel,
            "round": contact.round, "behaviour": profile.behaviour_class or "new", "lang": recipient.lang,
            "recipient_id": recipient.partner, "recipient": recipient.address, "planned_on": run.run_date,
            "amount": sum(float(rows[item].base * part) for item, part in share.items()),
            "oldest_due": min(rows[line.item].due for line in contact.lines),
            "state": "ready", "reason": code, "detail": detail, "planned_reason": code, "planned_detail": detail,
            "dedupe_key": self._prepare_key(profile, contact, channel, recipient.address),
            "payload_hash": self._prepare_hash(contact), **self._prepare_documents(profile, contact, gathered),
            "line_ids": [(0, 0, self._prepare_line(line, contact, channel, profile, rows, policy))
                         for line in contact.lines],
        }

    @api.model
    def _prepare_documents(self, profile, contact, gathered):
        """What goes along before the due date, so that the customer's pay run has all it needs."""
        payrun = gathered.payruns.get(profile.id) if contact.kind == "before" else None
        return {"attach_invoices": bool(payrun and payrun.attach_invoices), "attach_statement": bool(payrun and payrun.attach_statement)}

    @api.model
    def _prepare_line(self, line, contact, channel, profile, rows, policy):
        level = contact.level.id if line.level == contact.level.position else policy.levels[line.level].id \
            if line.level is not None else False
        row = rows[line.item]
        return {"company_id": profile.company_id.id, "item_id": line.item, "level_id": level, "round": line.round,
                "document": row.name, "channel": channel, "advances": line.advances, "live": True, "currency_id": line.currency,
                "due": row.due, "residual": float(row.residual), "asked": float(line.asked)}

    @api.model
    def _prepare_reason(self, decision, rows):
        detail = dict(decision.detail, document=rows[decision.detail["item"]].name)
        if decision.contact.kind == "before" and "run" in detail:
            return "contact_payrun", jsonable(dict(detail, days=-detail["days"]))
        if decision.contact.kind == "before":
            return "contact_before" if detail["days"] else "contact_today", jsonable(dict(detail, days=-detail["days"]))
        return "contact", jsonable(detail)

    def _to_engine(self, policy):
        """This row as the contact the engine planned; None when its level is no longer in force."""
        self.ensure_one()
        levels = {level.id: level for level in policy.levels}
        lines = self.line_ids.filtered("item_id")
        if self.level_id.id not in levels:
            return None
        lines = tuple(followup.Line(
            line.item_id.id, line.currency_id.id, exact(line.asked),
            levels[line.level_id.id].position if line.level_id.id in levels else None, line.round, line.advances)
            for line in lines)
        return followup.Contact(self.kind, levels[self.level_id.id], self.round, (self.channel,), lines)

    def _with_statement(self):
        return self.attach_statement or self.level_id.attach_statement

    def _wants_files(self):
        """Whether the mail needs files that it does not have, or that show other amounts."""
        self.ensure_one()
        wanted = self.attach_invoices or self._with_statement()
        return self.channel == "email" and wanted and self.attachment_hash != self.payload_hash

    def _update_lines(self, contact, rows):
        """Bring the lines to what is asked now; what was settled leaves the message."""
        self.ensure_one()
        asked = {line.item: line.asked for line in contact.lines}
        gone = self.line_ids.filtered(lambda line: line.item_id.id not in asked)
        gone.unlink()
        changed = False
        for line in self.line_ids:
            residual, amount = float(rows[line.item_id.id].residual), float(asked[line.item_id.id])
            if line.currency_id.compare_amounts(line.residual, residual) or line.currency_id.compare_amounts(line.asked, amount):
                line.write({"residual": residual, "asked": amount})
                changed = True
        if gone or changed:
            share = {line.item: line.asked / rows[line.item].residual for line in contact.lines}
            self.write({"amount": sum(float(rows[item].base * part) for item, part in share.items()),
                        "oldest_due": min(rows[item].due for item in share), "payload_hash": self._prepare_hash(contact)})
