import { useExternalListener } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { FormController } from "@web/views/form/form_controller";

// What uses the Enter key itself: a list of proposals, a calendar, a button, a text of several lines.
const BUSY = ".o-autocomplete--dropdown-menu, .o_datetime_picker, .o-dropdown--menu";
const OWN = "textarea, button, a, [contenteditable=true]";

/** A small dialog filled in while on the telephone: Enter saves it. */
export class QuickFormController extends FormController {
    setup() {
        super.setup();
        // Whether Enter is needed elsewhere is known before the field handles it.
        useExternalListener(window, "keydown", this.onKeydown.bind(this), { capture: true });
    }

    onKeydown(ev) {
        const root = this.rootRef.el;
        const plain = ev.key === "Enter" && !ev.shiftKey && !ev.ctrlKey && !ev.altKey && !ev.metaKey && !ev.isComposing;
        if (!plain || !root?.contains(ev.target) || ev.target.matches(OWN) || document.querySelector(BUSY)) {
            return;
        }
        // After the field took over what was typed.
        setTimeout(() => root.closest(".modal-content")?.querySelector(".modal-footer .btn-primary:not(.d-none)")?.click());
    }
}

registry.category("views").add("collection_quick_form", { ...formView, Controller: QuickFormController });
