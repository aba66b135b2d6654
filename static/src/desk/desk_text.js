import { _t } from "@web/core/l10n/translation";
import { deserializeDate } from "@web/core/l10n/dates";
import { formatDate, formatMonetary } from "@web/views/fields/formatters";
import { parseFloatTime, parseMonetary } from "@web/views/fields/parsers";

/** How the desk writes amounts, days and hours, and how it reads what was typed. */
export const money = (amount, currencyId) => formatMonetary(amount, { currencyId });
export const figure = (amount, currencyId) => formatMonetary(amount, { currencyId, noSymbol: true });
export const day = (text) => (text ? formatDate(deserializeDate(text)) : "");

export function lateness(days) {
    if (!days) {
        return _t("due today");
    }
    if (days > 0) {
        return days === 1 ? _t("1 day late") : _t("%s days late", days);
    }
    return days === -1 ? _t("due tomorrow") : _t("due in %s days", -days);
}

/** What cannot be read is told in a sentence, for the form to show. */
export class Unreadable extends Error {}

function read(parse, text, sentence) {
    try {
        const value = parse(String(text).trim());
        if (!/\d/.test(text) || !Number.isFinite(value)) {
            throw new Error(text);
        }
        return value;
    } catch {
        throw new Unreadable(sentence);
    }
}

export const readAmount = (text) => read(parseMonetary, text, _t("“%s” is not an amount.", text));
export const readTime = (text) => read(parseFloatTime, text, _t("“%s” is not a time; write it like 9:30.", text));
export const readCount = (text) => read(Number, text, _t("“%s” is not a number.", text));
