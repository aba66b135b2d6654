import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";
import { ChannelsField } from "../fields/channels_field";

/**
 * The levels of a policy along the due date, each a button that opens it.
 * The order is that of the days; dragging would say nothing.
 */
export class TimelineField extends X2ManyField {
    static template = "account_credit_collection.TimelineField";
    static components = { ...X2ManyField.components, ChannelsField };

    setup() {
        super.setup();
        // Only a level not saved yet can be deleted; another is taken out of use, for its history's sake.
        this.controls = [{ type: "delete", invisible: "id" }];
    }

    /** As cards, so that the dialog of a level offers to delete it: there is no row with a dustbin here. */
    get activeField() {
        return { ...super.activeField, viewMode: "kanban" };
    }

    /** Levels by day with the due date among them, so that "before" and "after" can be seen. */
    get stops() {
        const levels = [...this.list.records].sort((a, b) => a.data.offset_days - b.data.offset_days);
        const stops = levels.map((record) => ({
            key: record.id,
            record,
            idle: !record.data.active,
            due: record.data.offset_days === 0,
            before: record.data.offset_days < 0,
            mark: this.mark(record.data),
        }));
        if (!stops.some((stop) => stop.due)) {
            const at = stops.filter((stop) => stop.before).length;
            stops.splice(at, 0, { key: "due", due: true, mark: _t("Due date") });
        }
        return stops;
    }

    mark({ offset_days: days, day_kind: kind }) {
        if (days === 0) {
            return _t("Due date");
        }
        const count = days < 0 ? `−${-days}` : `+${days}`;
        const one = Math.abs(days) === 1;
        if (kind === "working") {
            return one ? _t("%s working day", count) : _t("%s working days", count);
        }
        return one ? _t("%s day", count) : _t("%s days", count);
    }

    get last() {
        const repeats = this.stops.filter((stop) => !stop.idle && stop.record?.data.repeat_days);
        return repeats.length ? repeats[repeats.length - 1].record.data.repeat_days : 0;
    }

    get repeatText() {
        return _t("again every %s days", this.last);
    }

    get canAdd() {
        return !this.props.readonly && this.activeActions.create;
    }
}

export const timelineField = {
    ...x2ManyField,
    component: TimelineField,
    supportedTypes: ["one2many"],
};

registry.category("fields").add("collection_timeline", timelineField);
