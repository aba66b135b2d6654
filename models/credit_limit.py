from collections import Counter, defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import split_every

from ..engine import authority, limit
from ..engine.money import exact, quantize
from .collection_reason import describe, jsonable

KINDS = [("base", "Base"), ("temporary", "Temporary"), ("insured", "Insured or guaranteed"), ("group", "Group")]
MEANINGS = [("amount", "Amount"), ("prepay", "Prepayment only"), ("none", "No limit")]
SOURCES = [("manual", "By hand"), ("application", "Credit application"), ("ladder", "Ladder"), ("import", "Import"),
           ("partner", "Customer form"), ("merge", "Merge of customers")]
BATCH = 1000


class CreditLimit(models.Model):
    """The journal of credit decisions about a customer: lines are added, never changed.

    The newest approved line of a kind that covers a day counts on it. ``none`` is credit
    without a limit for the base, and takes back a temporary, insured or group amount.
    """

    _name = "credit.limit"
    _description = "Credit Limit"
    _inherit = ["collection.state.mixin"]
    _order = "profile_id, id desc"
    _rec_name = "reason"

    _transitions = frozenset({("proposed", "approved"), ("proposed", "refused")})

    profile_id = fields.Many2one("credit.profile", "Customer", required=True, index=True, ondelete="restrict", readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(KINDS, required=True, default="base", readonly=True)
    meaning = fields.Selection(MEANINGS, required=True, default="amount", readonly=True)
    amount = fields.Monetary(readonly=True, aggregator=None)
    cap = fields.Monetary("Approved ceiling", readonly=True, aggregator=None, help="The ladder never goes beyond it. 0 = none: every rise waits for approval.")
    previous_amount = fields.Monetary("Before", readonly=True, aggregator=None)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("Until and including", readonly=True)
    reason = fields.Char(required=True, readonly=True)
    code = fields.Char(readonly=True, help="Why a job decided so.")
    detail = fields.Json(readonly=True)
    why = fields.Char(compute="_compute_why")
    source = fields.Selection(SOURCES, required=True, default="manual", readonly=True)
    stage_id = fields.Many2one("credit.ladder.stage", readonly=True, ondelete="restrict")
    application_id = fields.Many2one("credit.application", readonly=True, index="btree_not_null", ondelete="set null")
    state = fields.Selection([("proposed", "Waits for approval"), ("approved", "Approved"), ("refused", "Refused")],
                             required=True, default="proposed", readonly=True)
    requested_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_by = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_on = fields.Datetime(readonly=True)

    _amount_positive = models.Constraint("CHECK(amount >= 0 AND cap >= 0)", "A limit must not be negative.")
    _amount_by_meaning = models.Constraint("CHECK(meaning = 'amount' OR COALESCE(amount, 0) = 0)",
                                           "Only a limit of an amount has an amount.")
    _below_cap = models.Constraint("CHECK(kind <> 'base' OR COALESCE(cap, 0) = 0 OR amount <= cap)",
                                   "A limit must not be above the approved ceiling.")
    _period_ordered = models.Constraint("CHECK(date_to IS NULL OR date_from <= date_to)", "A limit must begin before it ends.")
    _temporary_ends = models.Constraint("CHECK(kind <> 'temporary' OR date_to IS NOT NULL OR meaning = 'none')",
                                        "A temporary limit needs a last day.")
    _in_force_idx = models.Index("(profile_id, id) WHERE state = 'approved'")
    _proposed_idx = models.Index("(profile_id) WHERE state = 'proposed'")

    @api.depends("code", "detail", "reason")
    @api.depends_context("lang")
    def _compute_why(self):
        for line in self:
            line.why = describe(self.env, line.code, line.detail) if line.code else line.reason

    @api.depends("profile_id", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            line.display_name = f"{line.profile_id.display_name}: {labels.get(line.kind, '')}"

    def write(self, vals):
        """The journal is append-only: only its own methods go on with a line, and only with its decision."""
        if not self.env.su:
            raise AccessError(self.env._("Credit limits are never changed: add a new line."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Credit limits are never deleted: add a new line."))

    # ------------------------------------------------------------------ adding lines

    @api.model
    def _request(self, profile, vals):
        """Add what ``env.user`` wants: approved at once where they have the authority, else waiting for somebody who has."""
        return self._record(profile, vals, "approved" if self._may_decide(profile, vals) else "proposed")

    @api.model
    def _request_all(self, rows):
        """``_request`` for [(profile, vals)] of one company, in batches; a customer's second line after the first one counts."""
        lines, turns, seen = self.browse(), defaultdict(list), Counter()
        for profile, vals in rows:
            turns[seen[profile]].append((profile, vals))
            seen[profile] += 1
        most = self.env["credit.authority"]._most(rows[0][0].company_id, self.env.user) if rows else 0
        for turn in turns.values():
            for batch in split_every(BATCH, turn, list):
                decided = defaultdict(list)
                for profile, vals in batch:
                    decided["approved" if self._may_decide(profile, vals, most) else "proposed"].append((profile, vals))
                lines += sum((self._record_all(part, state) for state, part in decided.items()), self.browse())
        return lines

    @api.model
    def _may_decide(self, profile, vals, most=None):
        """Whether ``env.user`` may grant this without asking anybody; less credit than now needs no authority.

        ``most``: what the matrix allows them of their own requests, where it is known already.
        """
        if not self.env.user.has_group("account_credit_collection.group_manager"):
            return False
        request = self._prepare_request(profile, vals)
        if self._decide_lowers(profile, request):
            return True
        Authority = self.env["credit.authority"]
        most = Authority._most(profile.company_id, self.env.user) if most is None else most
        return Authority._covers(profile.company_id, self._decide_reach(profile, request), most)

    @api.model
    def _decide_lowers(self, profile, request):
        """One engine call: the place to hook what needs no authority."""
        base = profile.base_line_id
        return authority.lowers(request, base._to_request() if base else None, profile.company_id._collection_today())

    @api.model
    def _decide_reach(self, profile, request):
        """One engine call: the place to hook how much credit a line may lead to, for the approval matrix."""
        own = profile._own_limit()
        found = authority.reach(request, None if own is None else exact(own), exact(profile._ladder_top()))
        return None if found is None else float(found)

    @api.model
    def _record(self, profile, vals, state="approved"):
        """Add one line; see ``_record_all``."""
        return self._record_all([(profile, vals)], state)

    @api.model
    def _record_all(self, rows, state="approved"):
        """Add lines [(profile, vals)] as decided by ``env.user``, and bring the limits in force up to date.

        The caller has checked the right.
        """
        # sudo: nobody may write the journal but through its methods
        for profile, vals in rows:
            self._check_line(profile, vals)
        today = {company: company._collection_today() for company in {profile.company_id for profile, _vals in rows}}
        decided = {"decided_by": self.env.uid, "decided_on": fields.Datetime.now()} if state == "approved" else {}
        lines = self.sudo().create([{
            "previous_amount": profile._own_limit() or 0.0, "requested_by": self.env.uid, "date_from": today[profile.company_id],
            **vals, "profile_id": profile.id, "company_id": profile.company_id.id, "state": state, **decided,
        } for profile, vals in rows])
        if state == "approved":
            lines._take_effect()
        return self.browse(lines.ids)

    def _enact(self, user):
        """Approve waiting lines as ``user`` and let them count."""
        self._transition("approved", decided_by=user.id, decided_on=fields.Datetime.now())
        self._take_effect()

    def _take_effect(self):
        """Bring the customers of lines just approved up to date."""
        self.profile_id._count_check()  # of two decisions at once the second looks again, even when it changes no limit
        self.profile_id._refresh_limits()

    @api.model
    def _check_line(self, profile, vals):
        """Say plainly what the database would refuse."""
        amount, cap, money = vals.get("amount") or 0, vals.get("cap") or 0, profile.currency_id
        if min(amount, cap) < 0:
            raise ValidationError(self.env._("%s: a limit must not be negative.", profile.display_name))
        if vals.get("kind", "base") == "base" and cap and money.compare_amounts(amount, cap) > 0:
            raise ValidationError(self.env._(
                "%(customer)s: a limit of %(amount)s is above the approved ceiling of %(cap)s.", customer=profile.display_name,
                amount=money.format(amount), cap=money.format(cap)))
        if vals.get("kind") == "temporary" and vals.get("meaning", "amount") != "none" and not vals.get("date_to"):
            raise ValidationError(self.env._("%s: a temporary limit needs a last day.", profile.display_name))
        start = fields.Date.to_date(vals.get("date_from")) or profile.company_id._collection_today()
        if vals.get("date_to") and fields.Date.to_date(vals["date_to"]) < start:
            raise ValidationError(self.env._("%s: the limit would end before it begins.", profile.display_name))

    # ------------------------------------------------------------------ deciding

    def action_approve(self):
        lines = self._check_decider()
        for (company, requester), group in lines.grouped(lambda line: (line.company_id, line.requested_by)).items():
            reaches = [line._decide_reach(line.profile_id, line._to_request()) for line in group]
            self.env["credit.authority"]._require_all(company, reaches, requester)
        lines.sudo()._enact(self.env.user)  # the right was checked above
        return True

    def action_refuse(self):
        self._check_decider().sudo()._transition("refused", decided_by=self.env.uid, decided_on=fields.Datetime.now())
        return True

    def _check_decider(self):
        if not self.env.user.has_group("account_credit_collection.group_manager"):
            raise AccessError(self.env._("Only credit managers decide on limits."))
        self.check_access("read")
        return self

    # ------------------------------------------------------------------ to the engine

    @api.model
    def _prepare_request(self, profile, vals):
        """A line that is asked for as the engine takes it, whatever of ``vals`` is there yet."""
        wanted = {"none": None, "prepay": 0}.get(vals.get("meaning", "amount"), vals.get("amount", 0))
        amount = None if wanted is None else quantize(wanted, profile.currency_id.rounding)
        start, end = (fields.Date.to_date(vals.get(name)) or None for name in ("date_from", "date_to"))
        return authority.Request(limit.Grant(vals["kind"], amount, start, end), exact(vals.get("cap") or 0))

    def _to_request(self):
        return authority.Request(self._to_engine(), exact(self.cap))

    def _to_engine(self):
        """A line as the engine takes it."""
        self.ensure_one()
        amount = None if self.meaning == "none" else exact(self.amount) if self.meaning == "amount" else Decimal(0)
        return limit.Grant(self.kind, amount, self.date_from, self.date_to or None, self.id, self.decided_on or None)

    @api.model
    def _grants(self, profiles):
        """The approved lines of customers, the oldest decision first, in one query: ``{profile id: [line]}``."""
        lines = self.sudo().search_fetch(
            [("profile_id", "in", profiles.ids), ("state", "=", "approved")],
            ["profile_id", "kind", "meaning", "amount", "cap", "date_from", "date_to", "stage_id", "decided_on"], order="decided_on, id")
        return {profile.id: list(found) for profile, found in lines.grouped("profile_id").items()}

    @api.model
    def _adopt_existing(self, company):
        """Take over the limits core already has, so that installing changes none of them; the smallest amount is prepayment."""
        partners = self.env["res.partner"].with_company(company).search([("credit_limit", ">", 0)])
        own = partners.filtered(lambda partner: partner == partner.commercial_partner_id and partner.use_partner_credit_limit)
        profiles = self.env["credit.profile"]._ensure(company, own).filtered(lambda profile: not profile.limit_ids)
        self._record_all([(profile, {**self._adopted(profile.partner_id.with_company(company).credit_limit, profile.currency_id), "source": "partner",
                                     "reason": self.env._("Limit that was set before")}) for profile in profiles])

    @api.model
    def _adopted(self, amount, currency):
        small = currency.compare_amounts(amount, currency.rounding) <= 0
        return {"meaning": "prepay", "amount": 0.0} if small else {"meaning": "amount", "amount": amount}


def detail_of(values):
    """The figures of a job's reason in a form that can be stored: amounts as numbers."""
    return jsonable({key: float(value) if isinstance(value, Decimal) else value for key, value in values.items()})
