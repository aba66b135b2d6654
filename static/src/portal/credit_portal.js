import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const MAX_BYTES = 10 * 1024 * 1024;

/** A chosen file goes at once; without a script the button beside it does the same. */
export class CreditUpload extends Interaction {
    static selector = ".o_credit_upload";
    dynamicContent = {
        "input[type=file]": { "t-on-change": this.onChange },
        "button[type=submit].btn-outline-primary": { "t-att-class": () => ({ "d-none": true }) },
    };

    onChange(ev) {
        const input = ev.currentTarget;
        const message = this.el.querySelector(".o_credit_error");
        if (!input.files.length) {
            return;
        }
        if (input.files[0].size > MAX_BYTES) {
            message.textContent = this.el.querySelector(".o_credit_too_large").textContent;
            input.value = "";
            return;
        }
        message.textContent = "";
        input.form.requestSubmit();
        input.classList.add("pe-none", "opacity-50");
    }
}

/** Sent once: a second click waits for nothing. */
export class CreditForm extends Interaction {
    static selector = ".o_credit_form";
    dynamicContent = { _root: { "t-on-submit": this.onSubmit } };

    onSubmit() {
        this.waitForTimeout(() => this.el.querySelectorAll("button[type=submit]").forEach((button) => (button.disabled = true)), 0);
    }
}

registry.category("public.interactions").add("account_credit_collection.credit_upload", CreditUpload);
registry.category("public.interactions").add("account_credit_collection.credit_form", CreditForm);
