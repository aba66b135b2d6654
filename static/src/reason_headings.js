import { _t } from "@web/core/l10n/translation";

/** What unites the customers who are silent for the same reason: the heading above their rows. */
export const REASON_HEADINGS = {
    nothing_due: _t("No item has reached its next level"),
    no_policy: _t("No policy applies"),
    no_level: _t("The policy has no level"),
    archived: _t("Archived customers"),
    excluded: _t("Excluded from follow-up"),
    paused: _t("Paused"),
    quarantined: _t("Stopped after repeated errors"),
    in_flight: _t("An earlier message is still on its way"),
    too_soon: _t("Contacted too recently"),
    cap_reached: _t("Contacted often enough"),
    quiet_day: _t("Today is a day off"),
    covered_by_credit: _t("Covered by credits and payments"),
    below_minimum: _t("Below the minimum"),
    unreachable: _t("No usable address"),
    in_transit: _t("Payment in transit"),
    disputed: _t("Under dispute"),
    no_followup: _t("Left out on the invoice"),
    blocked: _t("Payment blocked on the invoice"),
    promise: _t("Promised to pay"),
    plan: _t("In a payment plan"),
    error: _t("Stopped by an error"),
};
