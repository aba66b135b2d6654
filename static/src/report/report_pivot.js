import { registry } from "@web/core/registry";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

/** A pivot whose measures tell their formula when the mouse rests on their header. */
export class ReportPivotRenderer extends PivotRenderer {
    static template = "account_credit_collection.ReportPivotRenderer";

    formula(measure) {
        return this.model.metaData.measures[measure]?.help || undefined;
    }
}

registry.category("views").add("collection_pivot", { ...pivotView, Renderer: ReportPivotRenderer });
