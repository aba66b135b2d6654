from collections import defaultdict
from typing import NamedTuple

from odoo import models
from odoo.tools.misc import format_date

from ..engine.ledger import ZERO
from ..engine.money import exact

# What is paid in another way than by its due date, or only waits to be booked: it is not asked for on the page.
ELSEWHERE = ("plan", "settlement_taken_silent")
SECTIONS = ("told", "due", "agreed", "later")


class Open(NamedTuple):
    """An open item as its customer sees it; amounts ``Decimal`` in its currency.

    ``payable`` is what of it may be paid now, ``asked`` whether it is part of what is due now, ``covered`` what the credits of
    the customer pay of that.
    """

    id: int
    document: str
    contact: str
    file: int
    currency: object
    due: object
    days: int
    total: object
    residual: object
    disputed: object
    transit: object
    promised: object
    payable: object
    elsewhere: str
    agency: str
    code: str
    texts: tuple
    told: bool
    covered: object = ZERO

    @property
    def is_due(self):
        return self.days >= 0

    @property
    def asked(self):
        return self.is_due and not self.elsewhere and not self.agency

    @property
    def section(self):
        if self.elsewhere:
            return "agreed"
        return "told" if self.told else "due" if self.is_due else "later"

    @property
    def is_free(self):
        """Whether nothing else is settled about how it is paid, so that it can be late and be promised."""
        return not self.elsewhere and not self.agency and not self.is_covered

    @property
    def is_covered(self):
        return bool(self.covered) and self.covered >= self.payable

    @property
    def can_pay(self):
        return self.payable > 0


class Position(NamedTuple):
    """What is open in one currency: ``due`` is the big number, the others say how it comes about."""

    currency: object
    due: object
    asked: object
    credit: object
    left: object
    transit: object
    disputed: object
    promised: object
    planned: object
    handed: object
    later: object
    next_due: object


class CreditProfile(models.Model):
    """What of the account is open, worked out for its page in a fixed number of queries."""

    _inherit = "credit.profile"

    def _account_open(self, told=()):
        """``([Open], {currency id: credit})``: debits by due date, and what there is to set off. ``told``: items of the message that led here."""
        self.ensure_one()
        reader, today = self.env["collection.reader"], self.company_id._collection_today()
        rows = reader._read_items(self.company_id, self.partner_id.ids)
        debits, credits = [row for row in rows if row.residual > 0], defaultdict(lambda: ZERO)
        for row in rows:
            credits[row.currency] += max(ZERO, -row.residual)
        known = self._account_known(debits, today)
        return self._account_covered([self._to_open(row, known, today, row.id in told) for row in debits], rows), credits

    def _account_known(self, debits, today):
        """All that is known of the items beside the ledger, by item id."""
        reader, ids = self.env["collection.reader"], [row.id for row in debits]
        items = self.env["account.move.line"].browse(ids)
        promised = defaultdict(lambda: ZERO)
        for item, _until, amount, _residual in reader._read_promised(debits, today):
            promised[item] += amount
        return {
            "items": {item.id: item for item in items}, "disputed": reader._read_disputes(ids, today), "transit": reader._read_transit(debits),
            "promised": promised, "pauses": reader._read_pauses(debits, today) if debits else {},
            "states": self._account_states(items), "handed": self._account_handed(items),
            "currencies": {currency.id: currency for currency in self.env["res.currency"].browse({row.currency for row in debits})},
        }

    def _to_open(self, row, known, today, told):
        item, pause = known["items"][row.id], known["pauses"].get(row.id)
        disputed = min(row.residual, known["disputed"].get(row.id, ZERO))
        transit = min(row.residual - disputed, known["transit"].get(row.id, ZERO))
        code, text = known["states"].get(row.id, ("", ""))
        found = Open(
            row.id, row.name, self._account_contact(item), item.move_id.id if item.move_id.is_sale_document(include_receipts=True) else 0,
            known["currencies"][row.currency], row.due, (today - row.due).days, exact(abs(item.amount_currency)), row.residual, disputed, transit,
            min(row.residual, known["promised"].get(row.id, ZERO)), row.residual - disputed - transit,
            pause.reason if pause and pause.reason in ELSEWHERE else "", known["handed"].get(row.id, ""), code, (), told)
        return found._replace(texts=(*self._account_texts(found, text), *self._account_discount(found, item, today)))

    def _account_covered(self, opens, rows):
        """With what the credits pay of what is asked for, oldest due first; as an online payment takes them: of the same company and account only."""
        items = {item.id: item for item in self.env["account.move.line"].browse([row.id for row in rows])}
        key = lambda item: (item.company_id.id, item.currency_id.id, item.account_id.id)  # noqa: E731
        left, found = defaultdict(lambda: ZERO), []
        for row in (row for row in rows if row.residual < 0):
            left[key(items[row.id])] -= row.residual
        if not left:
            return opens
        for one in opens:
            its = key(items[one.id])
            covered = min(left[its], one.payable) if one.asked else ZERO
            if covered:
                left[its] -= covered
                one = one._replace(covered=covered)
                one = one._replace(texts=(*one.texts, self._account_covered_text(one)))
            found.append(one)
        return found

    def _account_covered_text(self, found):
        if found.is_covered:
            return self.env._("Covered by your credit")
        return self.env._("Your credit covers %s of it", found.currency.format(float(found.covered)))

    def _account_contact(self, item):
        """Whom the document was addressed to, where that is not the customer itself."""
        partner = item.move_id.partner_id
        return partner.name if partner and partner != self.partner_id and partner.name else ""

    def _account_texts(self, found, text):
        """What there is to say of an item beside its amount and its day; ``text`` is what others know of it."""
        money = lambda amount: found.currency.format(float(amount))  # noqa: E731
        if found.residual < found.total:
            yield self.env._("Partly paid, of %s", money(found.total))
        if text:
            yield text
        elif found.disputed:
            yield self.env._("You told us that %s of it is wrong", money(found.disputed))
        if found.agency and found.code != "handed":
            yield self.env._("Collected by %s", found.agency)
        if found.transit:
            yield self.env._("Payment on its way: %s", money(found.transit))

    def _account_discount(self, found, item, today):
        """What paying early saves, while nothing of it is contested or on its way."""
        sold = item.move_type in ("out_invoice", "out_receipt") and not found.disputed and not found.transit
        offer = item._told_discount(today) if sold else None
        if offer:
            amount, until, saved = offer
            money = found.currency.format
            yield self.env._("Pay %(amount)s until %(day)s, saving %(saved)s", amount=money(amount), day=format_date(self.env, until), saved=money(saved))

    # ------------------------------------------------------------------ the list

    def _account_order(self, opens):
        """As the page lists them: what a message told of, what is due, what is paid as agreed, what is not due yet; each by currency and day."""
        main = self.currency_id
        return sorted(opens, key=lambda one: (SECTIONS.index(one.section), one.currency != main, one.currency.name, one.due, one.id))

    def _account_sections(self, opens):
        """``[(section, [(currency, [Open])])]`` of what a page shows, in its order."""
        found = defaultdict(dict)
        for one in opens:
            found[one.section].setdefault(one.currency, []).append(one)
        return [(section, list(found[section].items())) for section in SECTIONS if section in found]

    # ------------------------------------------------------------------ sums

    def _account_positions(self, opens, credits):
        """One `Position` for each currency with something open, that of the company first."""
        by_currency = defaultdict(list)
        for one in opens:
            by_currency[one.currency].append(one)
        found = [self._account_position(currency, some, credits.get(currency.id, ZERO)) for currency, some in by_currency.items()]
        only_credit = self.env["res.currency"].browse([code for code, amount in credits.items() if amount]) - self.env["res.currency"].union(*by_currency)
        found += [self._account_position(currency, [], credits[currency.id]) for currency in only_credit]
        return sorted(found, key=lambda one: (one.currency != self.currency_id, one.currency.name))

    def _account_position(self, currency, opens, credit):
        """What is due is what is asked for less the credits, which are taken off as a payment of today would."""
        due = [one for one in opens if one.is_due]
        asked = sum((one.payable for one in due if one.asked), ZERO)
        used = sum((one.covered for one in due if one.asked), ZERO)
        later = [one for one in opens if one.section == "later" and not one.agency]
        return Position(
            currency, asked - used, asked, used, credit - used, sum((one.transit for one in due), ZERO), sum((one.disputed for one in due), ZERO),
            sum((min(one.promised, one.payable) for one in due if one.asked), ZERO),
            sum((one.payable for one in opens if one.elsewhere), ZERO), sum((one.payable for one in opens if one.agency), ZERO),
            sum((one.residual for one in later), ZERO), min((one.due for one in later), default=None))

    # ------------------------------------------------------------------ paying by transfer

    def _account_bank(self, positions, opens):
        """How to pay by transfer: the account as label and value, and for each currency with something due its QR code."""
        # a contact that is not stored knows which account and which standard
        action = self.env["collection.action"].new({"company_id": self.company_id.id, "partner_id": self.partner_id.id, "profile_id": self.id})
        account = action._bank_account()
        groups = [{"currency": one.currency, "to_pay": one.due, "items": [
            {"document": item.document, "to_pay": item.payable} for item in opens if item.asked and item.currency == one.currency]}
            for one in positions if one.due]
        codes = [(group["currency"], group["to_pay"], action._bank_qr([group], account)) for group in groups]
        return self._account_bank_rows(action._bank_block(groups, account), account), [code for code in codes if code[2]]

    def _account_bank_rows(self, rows, account):
        """With a reference in any case: where the documents are too many to name, the customer's number or name."""
        label = self.env._("Reference")
        if not rows or label in dict(rows):
            return rows
        return [*rows, (label, self.partner_id.ref or self.partner_id.name)]

    # ------------------------------------------------------------------ the portal's home

    def _account_due_text(self):
        """What is due now, in words: for the entry on the portal's home."""
        texts = []
        for profile in self:
            opens, credits = profile._account_open()
            texts += [one.currency.format(float(one.due)) for one in profile._account_positions(opens, credits) if one.due]
        return " + ".join(texts)

