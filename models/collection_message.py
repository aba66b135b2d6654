import re
from collections import defaultdict

from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.tools.mail import email_normalize, formataddr
from odoo.tools.misc import format_date, formatLang, hash_sign

LINK_SCOPE = "account_credit_collection.action"
TEXT_FIELDS = ("contact_name", "customer_name", "company_name", "amount_text", "oldest_due_text", "days_text",
               "items_table", "pay_url", "pay_button", "bank_details", "sender_name", "sender_email", "signature")

CELL = Markup('<td style="padding:6px 8px;border-bottom:1px solid #dddddd;white-space:nowrap;text-align:%s">%%s</td>')
ITEM_ROW = Markup("<tr>%s</tr>") % Markup("").join(CELL % side for side in ("left", "left", "left", "right"))


class CollectionAction(models.Model):
    """The words of a contact: what its templates may name, in the language of the reader.

    Templates hold placeholders only (``<t t-out="object.items_table"/>``), so that a
    message costs a fraction of a millisecond and a person without programming rights
    may edit it.
    """

    _inherit = "collection.action"

    contact_name = fields.Char(compute="_compute_texts")
    customer_name = fields.Char(compute="_compute_texts")
    company_name = fields.Char(compute="_compute_texts")
    amount_text = fields.Char("Amount in words of the reader", compute="_compute_texts")
    oldest_due_text = fields.Char(compute="_compute_texts")
    days_text = fields.Char(compute="_compute_texts")
    items_table = fields.Html("Table of items", compute="_compute_texts", sanitize=False)
    pay_url = fields.Char(compute="_compute_texts")
    pay_button = fields.Html(compute="_compute_texts", sanitize=False)
    bank_details = fields.Html(compute="_compute_texts", sanitize=False)
    sender_name = fields.Char(compute="_compute_texts")
    sender_email = fields.Char(compute="_compute_texts")
    signature = fields.Html(compute="_compute_texts", sanitize=False)

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (*super().mail_allowed_qweb_expressions(), "object.lang", "object.subject",
                *(f"object.{name}" for name in TEXT_FIELDS))

    def _reader_lang(self):
        """The language of who reads this contact; never one that is not installed."""
        self.ensure_one()
        candidates = (self.lang, self.recipient_id.lang, self.company_id.partner_id.lang)
        return next((code for code in candidates if code and self.env["res.lang"]._get_data(code=code)), self.env.lang)

    @api.depends("line_ids.asked", "line_ids.residual", "recipient_id", "partner_id", "company_id")
    @api.depends_context("lang")
    def _compute_texts(self):
        senders, banks = {}, {}
        for action in self:
            key = (action.company_id, action.collector_id)
            if key not in senders:
                senders[key] = action._prepare_sender()
            if action.company_id not in banks:
                banks[action.company_id] = action._bank_account()
            action.update({**senders[key], **action._prepare_texts(banks[action.company_id])})

    def _prepare_texts(self, account):
        """The texts of one contact, formatted in the language of the environment; ``account`` to pay to."""
        url = self._pay_url()
        today = self.company_id._collection_today()
        oldest = min(self.line_ids.mapped("due"), default=today)
        late = (today - oldest).days
        return {
            "contact_name": self.recipient_id.name or self.partner_id.name,
            "customer_name": self.partner_id.name,
            "company_name": self.company_id.name,
            "amount_text": self._amount_text(),
            "oldest_due_text": format_date(self.env, oldest),
            "days_text": self.env._("%s days", abs(late)) if abs(late) != 1 else self.env._("1 day"),
            "items_table": self._items_table(today),
            "pay_url": url,
            "pay_button": Markup('<a href="%s" style="%s">%s</a>') % (
                url, "display:inline-block;padding:10px 18px;border-radius:4px;background-color:#714B67;color:#ffffff;"
                     "text-decoration:none;font-weight:600", self.env._("View and pay")),
            "bank_details": self._bank_details(account, url),
        }

    def _totals(self):
        """What is asked per currency record: ``{currency: (residual, asked)}``."""
        totals = defaultdict(lambda: [0.0, 0.0])
        for line in self.line_ids:
            totals[line.currency_id][0] += line.residual
            totals[line.currency_id][1] += line.asked
        return totals

    def _amount_text(self):
        amounts = [self._money(asked, currency) for currency, (_open, asked) in self._totals().items()]
        return self.env._(" and ").join(amounts)

    def _money(self, amount, currency):
        return formatLang(self.env, amount, currency_obj=currency)

    def _items_table(self, today):
        """The customer's items with due dates, what is already covered, and the total per currency."""
        rows = [ITEM_ROW % (line.document, format_date(self.env, line.due), self._lateness(line.due, today),
                            self._money(line.residual, line.currency_id)) + self._discount_row(line, today)
            for line in self.line_ids.sorted(lambda row: (row.currency_id.id, row.due, row.id))]
        for currency, (residual, asked) in self._totals().items():
            if currency.compare_amounts(residual, asked):
                rows.append(self._total_row(self.env._("Less credits, payments on their way and disputed parts"),
                                            self._money(asked - residual, currency), "normal"))
            rows.append(self._total_row(self.env._("Total"), self._money(asked, currency), "bold"))
        head = Markup("").join(
            Markup('<th style="padding:6px 8px;text-align:%s;border-bottom:2px solid #714B67">%s</th>') % (side, title)
            for side, title in (("left", self.env._("Document")), ("left", self.env._("Due date")),
                                ("left", self.env._("Status")), ("right", self.env._("Open amount"))))
        return Markup('<table style="width:100%%;border-collapse:collapse;font-size:14px"><thead><tr>%s</tr></thead>'
                      '<tbody>%s</tbody></table>') % (head, Markup("").join(rows))

    def _discount_row(self, line, today):
        """What paying an item early saves, while there is time."""
        text = line._discount_text(today)
        return Markup('<tr><td colspan="4" style="padding:0 8px 6px;text-align:right">%s</td></tr>') % text if text else Markup("")

    def _total_row(self, label, amount, weight):
        return Markup('<tr><td colspan="3" style="padding:6px 8px;text-align:right;font-weight:%s">%s</td>'
                      '<td style="padding:6px 8px;text-align:right;white-space:nowrap;font-weight:%s">%s</td></tr>'
                      ) % (weight, label, weight, amount)

    def _lateness(self, due, today):
        days = (today - due).days
        if days == 0:
            return self.env._("due today")
        if days < 0:
            return self.env._("due in 1 day") if days == -1 else self.env._("due in %s days", -days)
        return self.env._("1 day late") if days == 1 else self.env._("%s days late", days)

    def _file_name(self, letter):
        """What the file of this contact is called, in the language of the environment."""
        title = self.env._("Letter") if letter else self.env._("Statement")
        return f"{title} {self.partner_id.name} {format_date(self.env, self.planned_on).replace('/', '-')}.pdf"

    def _pay_url(self):
        """A signed link to what this very message lists; it expires (R-74)."""
        return f"{self.company_id.get_base_url()}/collections/{self.id or 0}/{self._link_token()}"

    def _link_token(self):
        epoch = self.profile_id.sudo().link_epoch  # sudo: the epoch is nobody's to read
        return hash_sign(self.env(su=True), LINK_SCOPE, [self.id, self.partner_id.id, epoch],
                         expiration_hours=24 * self.company_id.collection_link_days)

    def _bank_account(self):
        """The account customers pay to: that of the company's first bank journal that has one."""
        self.ensure_one()
        journal = self.env["account.journal"].sudo().search(
            [("type", "=", "bank"), ("bank_account_id", "!=", False), ("company_id", "=", self.company_id.id)], limit=1)
        return journal.bank_account_id or self.company_id.partner_id.sudo().bank_ids[:1]

    def _bank_details(self, account, url):
        if not account:
            return Markup("")
        parts = [account.acc_holder_name or self.company_id.name, account.acc_number, account.bank_id.name, account.bank_id.bic]
        text = Markup("<br/>").join(escape(part) for part in parts if part)
        if self._has_qr(account):
            text += Markup('<br/><img src="%s/qr" width="120" height="120" alt="%s"/>') % (url, self.env._("Payment QR code"))
        return Markup("<p><strong>%s</strong><br/>%s</p>") % (self.env._("Bank account"), text)

    def _has_qr(self, account):
        """Whether core knows a bank QR for this contact: one currency, and a standard for account and currency."""
        currencies = self.line_ids.currency_id
        return len(currencies) == 1 and self.env["collection.channel"]._qr_method(account.id, currencies.id) is not None

    def _prepare_sender(self):
        """Who writes: the collector if there is one, else the company."""
        company, user = self.company_id, self.collector_id
        email = user.email_normalized or email_normalize(company.email or "") or self.env.user.email_normalized
        name = user.name or company.name
        return {
            "sender_name": name, "sender_email": formataddr((name, email)) if email else False,
            "signature": user.signature if user and not _is_empty(user.signature)
            else Markup("<p>%s</p>") % (name if user else self.env._("Accounts receivable")),
        }


def _is_empty(html):
    return not re.sub(r"<[^>]+>|\s|&nbsp;", "", str(html or ""))
