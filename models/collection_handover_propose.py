from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context, format_date

from ..engine import handover, handover_case
from ..engine.ledger import ZERO
from ..engine.money import exact
from ..engine.policy import AFTER
from .collection_handover import COLLECTOR


class CollectionHandover(models.Model):
    """How handovers begin: by hand, or proposed by the rules at night."""

    _inherit = "collection.handover"

    # ------------------------------------------------------------------ by hand

    @api.model
    def _propose(self, profile, items, agency, reason):
        """A proposal in the name of ``env.user`` about open ``items`` of one currency; what is disputed of them stays here."""
        self._check_group(COLLECTOR)
        profile.check_access("read")
        items.check_access("read")
        agency._check_usable(profile.company_id)
        self._check_stop(profile)
        self._check_items(profile, items)
        self._check_money_there(profile, items)
        disputed = self.env["collection.reader"]._read_disputes(items.ids, profile.company_id._collection_today())
        claims = [(item, float(exact(item.amount_residual_currency) - disputed.get(item.id, 0))) for item in items]
        claims = [(item, amount) for item, amount in claims if item.currency_id.compare_amounts(amount, 0) > 0]
        if not claims:
            raise UserError(self.env._("All of it is under dispute. Clear that up first."))
        record = self._make(profile, claims, {"agency_id": agency.id, "reason": reason, "proposed_by": self.env.uid})
        return record.with_env(self.env)

    @api.model
    def _make(self, profile, claims, values):
        """A proposal over ``[(item, amount)]`` of one currency."""
        items = self.env["account.move.line"].browse([item.id for item, _amount in claims])
        today = profile.company_id._collection_today()
        # sudo: a proposal is made by methods only
        record = self.sudo().with_context(clean_context(self.env.context)).create({  # pylint: disable=context-overridden
            "name": self.env["ir.sequence"].sudo().next_by_code("collection.handover"), "profile_id": profile.id,
            "currency_id": items[:1].currency_id.id, "proposed_on": today, **values})
        seen = self.env["collection.reader"]._read_matched(items.ids)
        # sudo: a line is made with its handover only
        self.env["collection.handover.line"].sudo().create([
            {"handover_id": record.id, "item_id": item.id, "document": item.move_name or item.name or "/", "amount": amount,
             "seen": seen.get(item.id), "due": item.date_maturity or item.date, "is_charge": bool(item.move_id.collection_charge_id)} for item, amount in claims])
        record._take_stock()
        record._log("step", record._say("proposed"))
        record._tell({record: "proposed"})
        record._ask_manager()
        return record

    def _take_stock(self):
        """What is claimed of each item as it stands today: all that is free of it, and no more than was approved or announced."""
        for record in self:
            today, lines = record.company_id._collection_today(), record.line_ids
            for line, (_entries, stand) in record._stands(today).items():
                free = max(ZERO, stand.residual - stand.disputed)
                amount = free if record.state == "proposed" else min(exact(line.amount), free)
                line.write({"amount": float(amount), "kept": float(self._decide_keep(amount, stand))})
            charges = sum(lines.filtered("is_charge").mapped("amount"))
            principal = sum(lines.mapped("amount")) - charges
            record.write({
                "principal": principal, "charges": charges, "claim": principal + charges + record.costs, "open_amount": record._still_open(),
                "age_days": max(((today - line.due).days for line in lines if not line.is_charge), default=0)})

    @api.model
    def _decide_keep(self, amount, stand):
        """One engine call: the place to hook another way to tell what stays here."""
        return handover_case.keep(amount, stand)

    def _leave_out(self):
        """What is disputed as a whole does not leave: it is silent for that, and free for a proposal of its own later."""
        lines = self.line_ids.filtered(lambda line: line.amount <= 0 and line.item_id.amount_residual_currency > 0)
        if lines and lines != self.line_ids:
            self._log("dispute", self.env._("Stays here, under dispute: %s", ", ".join(lines.mapped("document"))))
            lines.unlink()
            self._take_stock()

    # ------------------------------------------------------------------ what may be handed over

    @api.model
    def _check_items(self, profile, items):
        """Items are the customer's, open, overdue, of one currency, and nothing else is agreed on about them."""
        today = profile.company_id._collection_today()
        if not items:
            raise UserError(self.env._("Choose the invoices to hand over."))
        if len(items.currency_id) > 1:
            raise UserError(self.env._("The invoices are in several currencies. Make a handover for each of them."))
        for item in items:
            name = item.move_name or item.name
            if (item.partner_id.commercial_partner_id, item.company_id.root_id) != (profile.partner_id, profile.company_id):
                raise UserError(self.env._("%(item)s is not owed by %(customer)s.", item=name, customer=profile.display_name))
            if item.account_type != "asset_receivable" or item.parent_state != "posted" or item.amount_residual_currency <= 0:
                raise UserError(self.env._("%s is not open: there is nothing to hand over.", name))
            if (item.date_maturity or item.date) >= today:
                raise UserError(self.env._("%(item)s is due on %(day)s only: it is not late yet.", item=name,
                                           day=format_date(self.env, item.date_maturity or item.date)))
        taken = self.env["collection.handover.line"]._live_ones(items)[:1]
        if taken:
            raise UserError(self.env._("%(item)s is in the handover %(handover)s already.", item=taken.document, handover=taken.handover_id.name))
        self._check_agreed(profile, items)

    @api.model
    def _check_money_there(self, profile, items):
        """What the customer paid already is not claimed: money that nobody matched, and money on its way."""
        reader, currency = self.env["collection.reader"], items[:1].currency_id
        unmatched = reader._read_unmatched(profile).get((profile.id, currency.id), ZERO)
        if unmatched > 0:
            raise UserError(self.env._("%(amount)s of %(customer)s is on account: match it with the invoices first.",
                                       amount=currency.format(float(unmatched)), customer=profile.display_name))
        rows = [row for row in reader._read_items(profile.company_id, profile.partner_id.ids) if row.id in items.ids]
        transit = reader._read_transit(rows)
        for item in items.filtered(lambda item: transit.get(item.id)):
            raise UserError(self.env._("%(amount)s for %(item)s is on its way: wait until that payment has come in, or failed.",
                                       amount=currency.format(float(transit[item.id])), item=item.move_name or item.name))

    @api.model
    def _check_stop(self, profile):
        """Of an insolvent or a deceased customer no agency collects: a person files the claim, or finds the heirs."""
        barred = self._decide_bar(profile._contact_stop())
        if barred == handover.CLAIM:
            raise UserError(self.env._("%s is insolvent: file the claim with the administrator instead.", profile.display_name))
        if barred:
            raise UserError(self.env._("%s is deceased: find out who the heirs are first.", profile.display_name))

    @api.model
    def _decide_bar(self, stop):
        """One engine call: the place to hook which stops are against a handover."""
        return handover.bar(stop)

    @api.model
    def _check_agreed(self, profile, items):
        """What was agreed with the customer holds: it is not handed over besides."""
        self.env["collection.settlement.line"]._refuse_live(items)
        planned = self.env["collection.plan.line"]._live_ones(items)[:1]
        if planned:
            raise UserError(self.env._("%(item)s is in the payment plan %(plan)s. Cancel that plan first.", item=planned.document, plan=planned.plan_id.name))
        Promise = self.env["collection.promise"].sudo()  # sudo: what is promised counts, whoever looks
        promise = self.env["collection.promise.line"].sudo()._open_ones(items)[:1].promise_id or Promise.search([  # sudo: as above
            ("profile_id", "=", profile.id), ("currency_id", "=", items[:1].currency_id.id), ("state", "=", "open"), ("on_balance", "=", True)], limit=1)
        if promise:
            raise UserError(self.env._("%(customer)s promised to pay by %(day)s. Withdraw that promise first.", customer=profile.display_name,
                                       day=format_date(self.env, promise.promised_on)))

    # ------------------------------------------------------------------ by the rules

    @api.model
    def _propose_by_rules(self, profiles, company, today):
        """Propose what the rules say about a batch of customers of one company, in a fixed number of queries."""
        rules = self.env["collection.handover.rule"]._of(company)
        if not rules:
            return
        late = self._worth_a_look(profiles, rules, today)
        if not late:
            return
        policies = self.env["collection.policy"]._in_force(company, late, today)
        gathered = self.env["collection.reader"]._read_facts(company, late, policies, today)
        taken = self._taken_items(list(gathered.rows))
        broken = self.env["collection.reader"]._read_broken(late.ids)
        currencies = self.env["res.currency"].browse({row.currency for row in gathered.rows.values()})
        engine_rules = rules._to_engine(company, currencies, today)
        for profile in late:
            policy = policies.get(profile.partner_id.id)
            case = self._to_engine(profile, gathered.facts[profile.id], policy, taken, len(broken.get(profile.id, ())), today)
            self._follow_verdict(profile, self._decide_proposals(case, engine_rules, today), rules)

    @api.model
    def _worth_a_look(self, profiles, rules, today):
        """Customers with something old enough for the mildest rule: most nights that is hardly anybody."""
        age = min(rules.mapped("age_days"))
        return profiles.filtered(lambda profile: profile.active and profile.oldest_due and (today - profile.oldest_due).days >= age)

    @api.model
    def _taken_items(self, item_ids):
        """Items of handovers that live, and of those that a person ended: no rule proposes them again."""
        lines = self.env["collection.handover.line"].sudo().search([("item_id", "in", item_ids)])  # sudo: an item is handed over once, whoever looks
        return set(lines.filtered(lambda line: line.is_live or line.handover_id._is_decided()).item_id.ids)

    def _is_decided(self):
        """A person said no, or recalled it: it is a person's to propose it again."""
        return self.state in ("cancelled", "recalled") and bool(self.ended_by)

    @api.model
    def _to_engine(self, profile, facts, policy, taken, broken, today):
        paused = bool(facts.pause and facts.pause.holds(today))
        after = [level.position for level in policy.engine.levels if level.kind == AFTER] if policy else []
        items = tuple(handover.Item(
            item.id, item.currency, item.due, item.claimable,
            sum(1 for position in after if item.level is not None and position <= item.level),
            paused or bool(item.pause and item.pause.holds(today)) or bool(item.promised) or item.id in taken, item.mild) for item in facts.items)
        return handover.Case(items, facts.credits, broken, profile.segment_id.id, facts.stop)

    @api.model
    def _decide_proposals(self, case, rules, today):
        """One engine call: the place to hook another way to tell what is hopeless."""
        return handover.propose(case, rules, today)

    @api.model
    def _follow_verdict(self, profile, verdict, rules):
        for proposal in verdict.proposals:
            rule = rules.browse(proposal.rule)
            Item = self.env["account.move.line"].sudo()  # sudo: the night proposes for everybody
            claims = [(Item.browse(item), float(amount)) for item, amount in proposal.items]
            agency = rule.agency_id if rule.agency_id._serves(profile.partner_id.country_id) else rule.agency_id.browse()
            self._make(profile, claims, {"rule_id": rule.id, "agency_id": agency.id, "why_detail": proposal.detail})
