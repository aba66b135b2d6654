from odoo import api, models

from ..engine import hold
from .collection_reason import describe
from .credit_limit import detail_of


class CreditHold(models.Model):
    """What is said about a document that waits: figures for those who may see receivables, plain words for all others."""

    _inherit = "credit.hold"

    @api.model
    def _sentence(self, code, detail, company):
        """A finding or a way out in words, amounts in the company's currency."""
        money = {name: company.currency_id.format(detail[name]) for name in ("over", "limit", "used", "amount") if name in detail}
        items = ", ".join(f"{name} ({company.currency_id.format(part)})" for _id, name, part in detail.get("items") or ())
        return describe(self.env, code, {**detail, **money, "items": items})

    @api.model
    def _sentences(self, findings, company):
        return [self._sentence(f"hold_{self._code(finding)}", detail_of(finding.detail), company) for finding in findings]

    @api.model
    def _note(self, verdict):
        """The findings as codes, for those who may not see figures."""
        return ",".join(self._code(finding) for finding in verdict.findings) or False

    @api.model
    def _plain(self, note):
        """The sentences for the codes of ``_note``: the reason, without a figure of the receivables."""
        return "\n".join(describe(self.env, f"hold_plain_{code}") for code in (note or "").split(",") if code) or False

    @api.model
    def _explain(self, verdict, company):
        """Why a document waits, in figures for those who may see them."""
        if not self.env.user.has_group("account_credit_collection.group_viewer"):
            return self._plain(self._note(verdict))
        ways = [self._sentence(f"way_{way.kind}", detail_of(way._asdict()), company) for way in verdict.ways]
        return "\n".join(self._sentences(verdict.findings, company) + ways)

    @api.model
    def _code(self, finding):
        """Prepayment is a limit of zero, but no customer would understand it that way; a rule may speak before the limit is reached."""
        if finding.kind != hold.OVER_LIMIT:
            return finding.kind
        limit, used = finding.detail["limit"], finding.detail["used"]
        return "prepay" if limit == 0 else finding.kind if used > limit else "nearly"

    @api.model
    def _sentence_for(self, document):
        """Why a document waits or warns: in figures for those who may see receivables, in plain words for all others."""
        entitled = self.env.user.has_group("account_credit_collection.group_viewer")
        if entitled and document.credit_state in ("held", "refused"):
            record = document.sudo().credit_hold_ids[:1]  # sudo: the document is the user's to read
            return "\n".join(filter(None, (record.reason, record.way_out)))
        return self._plain(document.credit_note)

    @api.model
    def _answer(self, documents):
        """Show the hold to those who may see it, the reason to all others."""
        if len(documents) == 1 and self.env.user.has_group("account_credit_collection.group_viewer"):
            return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": documents.credit_hold_ids[:1].id,
                    "view_mode": "form", "views": [(False, "form")], "target": "new", "name": self.env._("On credit hold")}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {
            "type": "warning", "sticky": True, "title": self.env._("On credit hold"),
            "message": "\n".join(f"{document.display_name}: {document.credit_sentence}" for document in documents),
            "next": {"type": "ir.actions.client", "tag": "soft_reload"}}}
