import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Tells what the ticked items come to; the server works it out again. */
export class AccountItems extends Interaction {
    static selector = ".o_account_items";
    dynamicContent = {
        "input[type=checkbox]": { "t-on-change": () => {} },
        ".o_account_sum": { "t-out": () => this.sumText() },
        ".o_account_selected button": { "t-att-disabled": () => !this.ticked().length || undefined },
    };

    ticked() {
        return [...this.el.querySelectorAll("input[name=item]:checked")];
    }

    /** One amount for each currency, in the reader's way of writing. */
    sumText() {
        const sums = new Map();
        for (const { dataset } of this.ticked()) {
            sums.set(dataset.currency, (sums.get(dataset.currency) || 0) + Number(dataset.amount));
        }
        if (!sums.size) {
            return _t("Nothing selected");
        }
        const amounts = [...sums].map(([currency, amount]) => this.money(currency, amount));
        return _t("Selected: %s", amounts.join(" + "));
    }

    /** A language or a currency that the browser does not know is no reason to tell nothing. */
    money(currency, amount) {
        try {
            return new Intl.NumberFormat(this.el.dataset.lang, { style: "currency", currency }).format(amount);
        } catch {
            return `${amount.toFixed(2)} ${currency}`;
        }
    }
}

registry.category("public.interactions").add("account_credit_collection.account_items", AccountItems);
