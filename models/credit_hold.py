from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine import hold
from .credit_limit import MEANINGS, detail_of

# the outcome of a check, on the document
CREDIT_STATES = [("passed", "Credit checked"), ("warned", "Credit warning"), ("held", "On credit hold"),
                 ("released", "Released"), ("refused", "Refused")]
CHECKED_FIELDS = ["company_id", "partner_id", "group_head_id", "check_count", "credit_stop", "credit_stop_reason"]
STATES = [("held", "Held"), ("released", "Released"), ("refused", "Refused"), ("obsolete", "Settled itself")]


class Demand(NamedTuple):
    """A document that wants credit: ``amount`` in company currency, ``deposit`` when one may be asked for."""

    document: models.Model
    partner: models.Model
    amount: object
    deposit: bool = False


class CreditHold(models.Model):
    """An order or invoice stopped because of credit: what was found, and who let it go and why."""

    _name = "credit.hold"
    _description = "Credit Hold"
    _inherit = ["collection.talk.mixin", "mail.activity.mixin", "collection.state.mixin"]
    _order = "id desc"

    _transitions = frozenset({("held", "released"), ("held", "refused"), ("held", "obsolete"), ("refused", "held"),
                              ("refused", "released"), ("refused", "obsolete"), ("released", "obsolete")})

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_id = fields.Many2one("account.move", "Invoice", index="btree_not_null", ondelete="set null", readonly=True)
    document = fields.Char(compute="_compute_document", compute_sudo=True)
    document_name = fields.Char(readonly=True, help="The document as it was called when it was held.")
    salesperson_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    amount = fields.Monetary("Asked for", readonly=True)
    exposure = fields.Monetary("Taken up before", readonly=True, aggregator=None)
    limit_meaning = fields.Selection(MEANINGS, readonly=True)
    limit_amount = fields.Monetary("Limit", readonly=True, aggregator=None)
    outcome = fields.Selection([("hold", "Hold"), ("stop", "Stop")], required=True, readonly=True)
    findings = fields.Json(readonly=True)
    ways = fields.Json(readonly=True)
    reason = fields.Text("Why", compute="_compute_reason")
    way_out = fields.Text("Ways out", compute="_compute_reason")
    state = fields.Selection(STATES, required=True, default="held", readonly=True, tracking=True)
    decided_by = fields.Many2one("res.users", readonly=True, ondelete="restrict", tracking=True)
    decided_on = fields.Datetime(readonly=True)
    decision_reason = fields.Char(readonly=True, tracking=True)
    released_until = fields.Date(readonly=True, tracking=True)
    released_amount = fields.Monetary(readonly=True, help="The document goes on up to this amount.")

    _move_uniq = models.UniqueIndex("(move_id) WHERE state = 'held'", "The invoice is held already.")

    @api.depends("move_id")
    def _compute_document(self):
        for record in self:
            record.document = record._document().display_name or record.document_name or ""

    @api.depends("document", "profile_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = ", ".join(filter(None, (record.document, record.profile_id.display_name)))

    @api.depends("findings", "ways")
    @api.depends_context("lang")
    def _compute_reason(self):
        for record in self:
            record.reason = "\n".join(record._say(code, detail) for code, detail in record.findings or ())
            record.way_out = "\n".join(record._say(f"way_{way['kind']}", way) for way in record.ways or ())

    def _document(self):
        """What is held."""
        self.ensure_one()
        return self.move_id

    def _say(self, code, detail):
        return self._sentence(code, detail, self.company_id)

    def _open(self):
        """The screen of a hold, of the newest of several."""
        self.check_access("read")
        return {"type": "ir.actions.act_window", "res_model": self._name, "res_id": self[:1].id, "view_mode": "form",
                "name": self.env._("Credit hold")}

    # ------------------------------------------------------------------ checking

    @api.model
    def _check(self, field, company, demands, checkpoint):
        """Check documents about to go on and note the outcome on each; return those that wait.

        ``field`` is the hold's field for them, ``demands`` maps them to what they ask for.
        """
        held = next(iter(demands)).browse()
        for document, (profile, credit, verdict) in self._examine(company, list(demands.values()), checkpoint).items():
            released = verdict.waits and self._released(field, document, profile, verdict, demands[document].amount)
            if verdict.waits and not released:
                kept = self._keep(field, document, profile, credit, demands[document], verdict)
                held += document
                document._note_credit(kept.state, verdict)
                continue
            if document.credit_state in ("held", "refused"):
                document.sudo().credit_hold_ids.filtered(lambda one: one.state in ("held", "refused"))._settle()
            document._note_credit("released" if released else "warned" if verdict.findings else "passed", verdict)
        return held

    @api.model
    def _examine(self, company, demands, checkpoint, counted=False):
        """Judge documents of one root company, each with those before it: ``{document: (profile, credit, Verdict)}``.

        ``counted`` tells that the documents are in the exposure already.
        """
        company = company.sudo().root_id  # sudo: a branch's user is judged by the settings of the root
        if company.credit_skip_intercompany:
            own = company._credit_own_partners()
            demands = [demand for demand in demands if demand.partner.id not in own]
        if company.credit_check == "off" or not demands:
            return {}
        customers = self._customers(company, self.env["res.partner"].browse({demand.partner.id for demand in demands}))
        profiles = customers.grouped("partner_id")
        skip = [demand.document.id for demand in demands] if checkpoint == "invoice" else ()
        credits = customers._read_credit_locked(company._collection_today(), skip)
        rules = self.env["credit.hold.rule"]._in_force(company, checkpoint)
        found = {}
        for demand in demands:
            profile = profiles[demand.partner]
            if counted:
                self._add_exposure(credits, profile, -demand.amount)
            verdict = self._decide_hold(credits[profile.id], demand, rules)
            found[demand.document] = (profile, credits[profile.id], verdict)
            if counted or not verdict.waits:
                self._add_exposure(credits, profile, demand.amount)
        return found

    @api.model
    def _customers(self, company, partners):
        """The profiles of customers with all that a check reads of them, in one query; new customers get theirs."""
        Profile = self.env["credit.profile"].sudo()  # whoever confirms need not see receivables
        found = Profile.with_context(active_test=False).search_fetch(
            [("company_id", "=", company.id), ("partner_id", "in", partners.ids)], CHECKED_FIELDS)
        missing = partners - found.partner_id
        if missing:
            found |= Profile._ensure(company, missing)
        return Profile.browse(found.ids)

    @api.model
    def _add_exposure(self, credits, profile, amount):
        """Let ``amount`` count for the customer, and for all members of its group."""
        own = credits[profile.id]
        credits[profile.id] = own._replace(exposure=own.exposure + amount)
        if not own.group:
            return
        head = profile.group_head_id or profile
        for member in self.env["credit.profile"].browse(credits):
            credit = credits[member.id]
            if credit.group and head in (member, member.group_head_id):
                credits[member.id] = credit._replace(group=(credit.group[0], credit.group[1] + amount))

    @api.model
    def _decide_hold(self, credit, demand, rules):
        """One engine call: the place to hook another way to judge a document."""
        return hold.check(credit, demand.amount, rules, demand.deposit)

    @api.model
    def _keep(self, field, document, profile, credit, demand, verdict):
        """Note that ``document`` waits; the same hold again when it waits already."""
        values = {
            "profile_id": profile.id, field: document.id, "amount": float(demand.amount), "exposure": float(credit.exposure),
            "limit_amount": float(credit.limit.amount or 0), "outcome": verdict.outcome,
            "limit_meaning": "none" if credit.limit.amount is None else "amount" if credit.limit.amount else "prepay",
            "findings": [[f"hold_{self._code(finding)}", detail_of(finding.detail)] for finding in verdict.findings],
            "ways": [{"kind": way.kind, "amount": float(way.amount), "share": way.share,
                      "items": [[item, name, float(part)] for item, name, part in way.items]} for way in verdict.ways],
            "salesperson_id": document.user_id.id or False, "document_name": document.display_name,
        }
        found = self.sudo().search([(field, "=", document.id), ("state", "in", ("held", "refused"))], limit=1)
        if found:
            found.write(values)
        else:
            found = self.sudo().create(values)
            found._ask_release()
        return found

    def _ask_release(self):
        """A task for who may release, once per hold."""
        self.activity_schedule("account_credit_collection.mail_activity_credit_hold",
                               summary=self.env._("Decide on the held document"), user_id=self.profile_id._responsible().id)

    def _released(self, field, document, profile, verdict, amount):
        """Whether a release covers ``document`` of this customer for ``amount`` today; against a stop none does."""
        if verdict.outcome == hold.STOP:
            return False
        found = self.sudo().search([(field, "=", document.id), ("state", "=", "released"), ("profile_id", "=", profile.id)], limit=1)
        today = found.company_id._collection_today() if found else None
        return bool(found) and today <= found.released_until and found.currency_id.compare_amounts(float(amount), found.released_amount) <= 0

    def _settle(self):
        """What was held went on by itself, or is gone."""
        self.sudo()._transition("obsolete")
        self.sudo().activity_unlink(["account_credit_collection.mail_activity_credit_hold"])

    # ------------------------------------------------------------------ deciding

    def action_release(self):
        """Ask for the reason and how long the release lasts."""
        self._check_releaser()
        action = self.env["ir.actions.act_window"]._for_xml_id("account_credit_collection.credit_release_wizard_action")
        return dict(action, context={"default_hold_ids": self.ids})

    def action_refuse(self):
        self._check_releaser()
        refused = self.sudo()._transition("refused", decided_by=self.env.uid, decided_on=fields.Datetime.now())
        for record in refused:
            record._document().credit_state = "refused"
        refused.activity_unlink(["account_credit_collection.mail_activity_credit_hold"])
        return True

    def _check_releaser(self):
        if not self.env.user.has_group("account_credit_collection.group_release"):
            raise AccessError(self.env._("Only those who release credit holds may decide on %s.", self[:1].display_name))
        self.check_access("read")

    def _release(self, reason, until):
        """Let documents go on until a day, in the name of ``env.user``, who must have the authority for the whole credit."""
        self._check_releaser()
        stopped = self.filtered(lambda record: record.outcome == hold.STOP)[:1]
        if stopped:
            raise UserError(self.env._("%s is stopped: only payment helps, or the rule has to change.", stopped.display_name))
        for profile, records in self.grouped("profile_id").items():
            records._require_authority(profile.sudo())  # sudo: the whole exposure counts, whoever sees it
        self.sudo()._transition("released", decided_by=self.env.uid, decided_on=fields.Datetime.now(), decision_reason=reason,
                                released_until=until)
        for record in self.sudo():
            record.released_amount = record.amount
        self.sudo().activity_unlink(["account_credit_collection.mail_activity_credit_hold"])

    def _require_authority(self, profile):
        """Refuse who may not approve the customer's credit with all of these documents; own documents count as own requests."""
        credit = profile._read_credit(profile.company_id._collection_today())[profile.id].credit
        own = any(self.env.user in (record.salesperson_id, record._document().sudo().create_uid) for record in self)
        self.env["credit.authority"]._require(profile.company_id, float(credit.exposure) + sum(self.mapped("amount")),
                                              self.env.user if own else None)

    def _go_on(self):
        """Do what was stopped, as ``env.user``."""
        for record in self.sudo():  # sudo: who may release need not be an accountant
            record.move_id.action_post()

    def action_open_document(self):
        self.ensure_one()
        document = self._document()
        return {"type": "ir.actions.act_window", "res_model": document._name, "res_id": document.id, "view_mode": "form"}

    def action_open_customer(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "credit.profile", "res_id": self.profile_id.id, "view_mode": "form"}
