import { _t } from "@web/core/l10n/translation";
import { Component, useState } from "@odoo/owl";
import { day, lateness, money } from "./desk_text";

/** The open invoices; those that a promise or a dispute is about are ticked. */
export class DeskItems extends Component {
    static template = "account_credit_collection.DeskItems";
    static props = { call: Object };

    setup() {
        this.desk = useState(this.env.desk);
        this.call = useState(this.props.call);
        Object.assign(this, { day, money, lateness });
    }

    url(item) {
        return `/odoo/account.move/${item.move_id}`;
    }

    /** What stands beside the due date: level, promise or dispute, the day it is expected. */
    note(item) {
        const expected = item.expected_on && _t("expected on %s", day(item.expected_on));
        return [item.state, item.level, expected].filter(Boolean).join(" · ");
    }

    /** Where only a part of it is asked for. */
    part(item) {
        const some = item.collectable > 0 && item.collectable < item.residual;
        return some ? _t("%s of it to collect", money(item.collectable, item.currency_id)) : "";
    }

    label(item) {
        return _t("About %s", item.document);
    }
}
